import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { hostAndPort, hostSchema, portSchema, serverFields } from './connection-options.ts'
import { dnsLimits } from './dns/limits.ts'
import { lookAtZone } from './dns/look.ts'
import { DNS_TYPES, type DnsType, normalRecord } from './dns/records.ts'
import { DNS_PORT, parseServer } from './dns/server-address.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { runProbe } from './run-probe.ts'

export type { DnsType } from './dns/records.ts'

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const

/** The answers that can be expected. */
export type DnsRcode = (typeof RCODES)[number]

/** What a DNS probe asks, and what it expects. */
export interface DnsProbeOptions {
  /** The name server: a name or an address, IPv6 without brackets. */
  readonly server: string
  /** Default: 53 */
  readonly port?: number | undefined
  /** Which addresses of a server's name are used. Default: the first that the system's look-up gives */
  readonly family?: 4 | 6 | undefined
  /** The name that is asked for, in ASCII. */
  readonly name: string
  /** The type of record that is asked for. Default: A */
  readonly type?: DnsType | undefined
  /** `udp` goes over to TCP where the answer is truncated. Default: udp */
  readonly transport?: 'udp' | 'tcp' | undefined
  /** Whether the server may ask others (RD flag); an authoritative server does not care. Default: true */
  readonly recursion?: boolean | undefined
  /** Default: NOERROR */
  readonly expectRcode?: DnsRcode | undefined
  /** Whether the server must speak for the zone itself (AA flag). Default: false */
  readonly expectAuthoritative?: boolean | undefined
  /** Records of the asked type that must be there at least. Default: 1 with NOERROR, else 0 */
  readonly minAnswers?: number | undefined
  /** The records that must be there, as in a zone file: `192.0.2.1`, `10 mail.example.com`; a TXT without its quotes. */
  readonly expectAnswers?: readonly string[] | undefined
  /** Whether there may be others besides `expectAnswers`. Default: false */
  readonly allowMoreAnswers?: boolean | undefined
  /** Other servers of the zone that must have the same serial: `ns2.example.com`, `192.0.2.2:5353`. Needs type SOA. */
  readonly sameSerialOn?: readonly string[] | undefined
  /** One deadline over everything, all servers and TCP included, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link DnsProbeOptions} with the defaults filled in. */
export interface ResolvedDnsProbeOptions {
  readonly server: string
  readonly port: number
  readonly family?: 4 | 6 | undefined
  readonly name: string
  readonly type: DnsType
  readonly transport: 'udp' | 'tcp'
  readonly recursion: boolean
  readonly expectRcode: DnsRcode
  readonly expectAuthoritative: boolean
  readonly minAnswers?: number | undefined
  readonly expectAnswers?: readonly string[] | undefined
  readonly allowMoreAnswers: boolean
  readonly sameSerialOn: readonly string[]
  readonly timeoutMs: number
}

/** Labels of up to 63 characters that need no escape, up to 253 in all; the root is a dot. */
const NAME = /^(?=.{1,254}$)(?:\.|[!-\-/-[\]-~]{1,63}(?:\.[!-\-/-[\]-~]{1,63})*\.?)$/

export const dnsProbeOptionsSchema: z.ZodType<ResolvedDnsProbeOptions, DnsProbeOptions> = z
  .strictObject({
    server: hostSchema.describe('The name server: a name or an address, IPv6 without brackets.'),
    port: portSchema.default(DNS_PORT).describe('Its port, for UDP and TCP.'),
    family: serverFields.family,
    name: z
      .string()
      .refine((name) => NAME.test(name) && name.replace(/\.$/, '').length <= 253, {
        message: 'must be a name in ASCII like www.example.com, with labels of up to 63 characters',
      })
      .describe('The name that is asked for.'),
    type: z.enum(DNS_TYPES).default('A').describe('The type of record that is asked for.'),
    transport: z.enum(['udp', 'tcp']).default('udp').describe('UDP goes over to TCP where the answer is truncated.'),
    recursion: z.boolean().default(true).describe('Whether the server may ask others (RD flag).'),
    expectRcode: z.enum(RCODES).default('NOERROR').describe('The rcode that passes.'),
    expectAuthoritative: z.boolean().default(false).describe('Whether the server must speak for the zone itself (AA flag).'),
    minAnswers: z
      .int()
      .min(0)
      .max(1_000)
      .optional()
      .describe('Records of the asked type that must be there at least; unset: 1 with NOERROR, else 0.'),
    expectAnswers: z
      .array(z.string().min(1).max(4_096))
      .min(1)
      .max(dnsLimits.expectedAnswers)
      .optional()
      .describe(
        'The records that must be there: their data as in a zone file, with names in full, and texts (TXT) without quotation marks.',
      ),
    allowMoreAnswers: z.boolean().default(false).describe('Whether there may be others besides the expected ones.'),
    sameSerialOn: z
      .array(
        z.string().refine((text) => parseServer(text) !== undefined, { message: 'must be a server like 192.0.2.2 or [2001:db8::2]:53' }),
      )
      .max(dnsLimits.servers)
      .default([])
      .describe('Other servers of the zone that must have the same serial; needs type SOA.'),
    timeoutMs: serverFields.timeoutMs.describe('One deadline over everything, all servers and TCP included, in milliseconds.'),
  })
  .superRefine(({ type, expectRcode, minAnswers, expectAnswers, sameSerialOn }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    for (const record of expectAnswers ?? []) {
      if (normalRecord(type, record) === undefined) refuse('expectAnswers', `"${record}" is no ${type} record`)
    }
    if (expectAnswers && expectRcode !== 'NOERROR') refuse('expectAnswers', `an answer of ${expectRcode} has no records`)
    if (sameSerialOn.length > 0 && type !== 'SOA') refuse('sameSerialOn', 'needs type: SOA')
    if (sameSerialOn.length > 0 && minAnswers === 0) refuse('minAnswers', 'at least 1 where serials are compared')
    if (sameSerialOn.length > 0 && expectRcode !== 'NOERROR') refuse('sameSerialOn', 'needs expectRcode: NOERROR')
  })

/**
 * Asks a name server one question, and compares the answer with what it should be.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function dnsProbe(options: DnsProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('dnsProbe', dnsProbeOptionsSchema, rest)
  const { name, type, timeoutMs, expectRcode, expectAnswers } = settings
  const server = { host: settings.server, port: settings.port }
  const address = `${name} ${type} at ${hostAndPort(server.host, server.port)}`
  const order = {
    server,
    question: { name, type, recursion: settings.recursion },
    manner: { transport: settings.transport, family: settings.family, timeoutMs, clock },
    expected: {
      ...settings,
      minAnswers: settings.minAnswers ?? (expectRcode === 'NOERROR' ? 1 : 0),
      expectAnswers: expectAnswers?.flatMap((record) => normalRecord(type, record) ?? []),
    },
    others: settings.sameSerialOn.flatMap((text) => parseServer(text) ?? []),
  }
  return {
    type: 'dns',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what: `dns probe of ${address}`, timeoutMs, clock, signal }, (run) => lookAtZone(order, run)),
  }
}
