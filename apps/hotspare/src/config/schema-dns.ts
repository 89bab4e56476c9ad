import { isIP } from 'node:net'
import { parseDuration } from '@hotspare/core'
import type { AnswerPolicy } from '@hotspare/dns'
import { z } from 'zod'
import { formatListen, readListen, type Reading } from './addresses.ts'
import type { AnsweringRecordConfig, DnsProviderConfig, DnsServerConfig, StaticRecordConfig, VerifyConfig } from './config-dns.ts'
import { defaults, limits } from './defaults.ts'
import { readDnsName, readNameWithin } from './dns-names.ts'
import { dnsProviderSchema } from './dns-providers.ts'
import { readPeer } from './ip-addresses.ts'
import { countSchema, durationSchema, nameSchema, readable, textSchema } from './schema-scalars.ts'

export interface DnsInput {
  /** Of each `type`, and the keys of that type: those of the package's options. */
  readonly providers?: Record<string, unknown> | undefined
  readonly records?: AnsweringRecordInput[] | undefined
  readonly server?: DnsServerInput | undefined
}

interface AnsweringRecordInput {
  readonly provider: string | string[]
  readonly zone: string
  readonly name: string
  readonly answers: string
  readonly family?: 4 | 6 | undefined
  readonly ttl?: string | undefined
  readonly addresses?: Record<string, string> | undefined
  readonly choose?: AnswerPolicy['choose'] | undefined
  readonly most?: number | undefined
  readonly atLeast?: number | string | undefined
  readonly whenTooFew?: 'open' | 'closed' | undefined
  readonly holdDown?: string | undefined
  readonly drift?: 'repair' | 'report' | undefined
  readonly verify?: VerifyInput | undefined
}

export type VerifyInput = boolean | { readonly servers?: string[] | undefined; readonly within?: string | undefined }

interface DnsServerInput {
  readonly listen: string | string[]
  readonly zones: Record<string, ServedZoneInput>
}

interface ServedZoneInput {
  readonly nameServers: string[]
  readonly contact?: string | undefined
  readonly negativeTtl?: string | undefined
  readonly records?: StaticRecordInput[] | undefined
  readonly secondaries?: string[] | undefined
}

interface StaticRecordInput {
  readonly name: string
  readonly type: string
  readonly ttl?: string | undefined
  readonly values: string[]
}

/** The part of the file before its names are known to be there. */
export interface ParsedDns {
  readonly providers: Readonly<Record<string, ParsedDnsProvider>>
  readonly records: readonly ParsedAnsweringRecord[]
  readonly server: DnsServerConfig | undefined
}

export type ParsedDnsProvider = DnsProviderConfig extends infer Each ? (Each extends DnsProviderConfig ? Omit<Each, 'name'> : never) : never

/** A record before it knows the targets of its pool. */
export interface ParsedAnsweringRecord extends Omit<AnsweringRecordConfig, 'targets' | 'type'> {
  readonly family: 4 | 6
  /** By the names of targets. */
  readonly addresses: Readonly<Record<string, string>>
}

export const dnsNameSchema: z.ZodType<string, string> = readable(readDnsName, { title: 'DNS name', examples: ['example.com'] })
export const nameWithinSchema: z.ZodType<string, string> = readable(readNameWithin, { title: 'DNS name', examples: ['www', '@'] })

/** RFC 2181, 8: whole seconds. */
export const ttlSchema: z.ZodType<number, string> = durationSchema('1s', '7d').transform((ms, context) => {
  if (ms % 1_000 === 0) return ms / 1_000
  context.addIssue({ code: 'custom', message: 'whole seconds: DNS knows nothing shorter' })
  return z.NEVER
})

const SHARE = /^(\d{1,3})%$/
const shareSchema = readable(
  (text): Reading<{ readonly share: number }> => {
    const share = Number(SHARE.exec(text.trim())?.[1]) / 100
    return share > 0 && share <= 1 ? { ok: true, value: { share } } : { ok: false, hint: 'a share of the targets, from 1% to 100%' }
  },
  { title: 'share', examples: ['50%'] },
)

const verifiedServerSchema = readable(readPeer, { title: 'IP address and port', examples: ['192.0.2.53:53'] })

const within = durationSchema('1s', '1d').prefault(defaults.dns.verifyWithin)

/** Said of records that others keep. */
export const verifySchema: z.ZodType<VerifyConfig, VerifyInput> = z.union([
  z.boolean().transform((on): VerifyConfig => (on ? { type: 'all', withinMs: parseDuration(defaults.dns.verifyWithin) } : { type: 'off' })),
  z
    .strictObject({
      servers: z
        .array(verifiedServerSchema)
        .min(1)
        .max(limits.nameServers)
        .optional()
        .describe('Which name servers are asked. Default: all of the zone.'),
      within: within.describe('How long they have to serve a change, before people are told.'),
    })
    .transform(({ servers, within: withinMs }): VerifyConfig =>
      servers ? { type: 'servers', servers: servers.map(formatListen), withinMs } : { type: 'all', withinMs },
    ),
])

export const verifyWords = 'Whether the name servers of the zone are asked after a change, until all of them answer with it.'

const addressSchema = (title: string, example: string) => textSchema(title, example)

const recordSchema: z.ZodType<ParsedAnsweringRecord, AnsweringRecordInput> = z
  .strictObject({
    provider: z
      .union([nameSchema.transform((name) => [name]), z.array(nameSchema).min(1).max(limits.dnsProvidersOfRecord)])
      .describe('Who keeps it: providers of this file; `embedded` is the server of this one. Several keep the same.'),
    zone: dnsNameSchema.describe('The zone that it is in.'),
    name: nameWithinSchema.describe('Its name in the zone; `@` is the zone itself.'),
    answers: nameSchema.describe('The pool whose targets it leads to: those that are up.'),
    family: z
      .union([z.literal(4), z.literal(6)])
      .prefault(4)
      .describe('Whether it holds the IPv4 addresses of the targets (A) or those of IPv6 (AAAA). A name with both has two records here.'),
    ttl: ttlSchema.prefault(defaults.dns.ttl).describe('How long resolvers may keep an answer.'),
    addresses: z
      .record(nameSchema, addressSchema('IP address', '192.0.2.11'))
      .prefault({})
      .describe('What is answered for a target, by its name, where clients reach it by another address than this node does.'),
    choose: z
      .enum(['all', 'priority', 'weighted'])
      .prefault('all')
      .describe('`all` that are up; those of the lowest `tier` that has enough; or `most` of them, in proportion to their `weight`.'),
    most: countSchema(1, limits.answers).optional().describe('How many targets are answered at most. Default: all.'),
    atLeast: z
      .union([countSchema(1, limits.answers).transform((targets) => ({ targets })), shareSchema])
      .prefault(1)
      .describe('How many targets have to be up, as a number or a share (`50%`, rounded up): with fewer, the checks are not believed.'),
    whenTooFew: z
      .enum(['open', 'closed'])
      .prefault('open')
      .describe('With too few: `open` answers with all of them, `closed` leaves what is published. It never answers with nothing.'),
    holdDown: durationSchema('0s', '1d')
      .prefault(defaults.dns.holdDown)
      .describe('How long a target has to be up again before it is answered.'),
    drift: z
      .enum(['repair', 'report'])
      .prefault('repair')
      .describe('What is done where somebody has edited the record at the provider; it is told either way.'),
    verify: verifySchema.prefault(true).describe(verifyWords),
  })
  .transform(({ provider, answers, ttl, choose, most, atLeast, whenTooFew, holdDown, ...rest }) => ({
    ...rest,
    providers: provider,
    pool: answers,
    ttlSeconds: ttl,
    policy: { choose, atLeast, whenTooFew, holdDownMs: holdDown, ...(most === undefined ? {} : { most }) },
  }))

/** From an address of every interface, an answer may leave by another than it was asked at. */
const listenSchema = readable(
  (text) => {
    const reading = readListen(text)
    if (!reading.ok) return reading
    const isOne = isIP(reading.value.host) !== 0 && !['0.0.0.0', '::'].includes(reading.value.host)
    return isOne ? reading : { ok: false, hint: 'one IP address of this machine and a port, like 192.0.2.53:53' }
  },
  { title: 'IP address and port', examples: ['192.0.2.53:53'] },
)

const secondarySchema = readable(readPeer, { title: 'IP address and port', examples: ['192.0.2.54:53'] })

const staticRecordSchema: z.ZodType<StaticRecordConfig, StaticRecordInput> = z
  .strictObject({
    name: nameWithinSchema.describe('Its name in the zone; `@` is the zone itself.'),
    type: readable((text) => (/^[A-Z0-9]{1,10}$/.test(text) ? { ok: true, value: text } : { ok: false, hint: 'like A, MX or CAA' }), {
      title: 'record type',
      examples: ['MX'],
    }).describe('Its type.'),
    ttl: ttlSchema.prefault(defaults.dns.staticTtl).describe('How long resolvers may keep it.'),
    values: z.array(textSchema('record', '10 mail.example.com')).min(1).max(limits.answers).describe('As a zone file has them.'),
  })
  .transform(({ ttl, ...rest }) => ({ ...rest, ttlSeconds: ttl }))

const zoneSchema = z
  .strictObject({
    nameServers: z
      .array(dnsNameSchema)
      .min(1)
      .max(limits.nameServers)
      .describe('The host names of its servers, as the parent zone has them. Those within the zone need an address in `records`.'),
    contact: dnsNameSchema
      .optional()
      .describe('The mailbox of who answers for it, as a name: hostmaster.example.com. Default: hostmaster.'),
    negativeTtl: ttlSchema.prefault(defaults.dns.negativeTtl).describe('How long resolvers may remember that a name is not there.'),
    records: z.array(staticRecordSchema).max(limits.staticRecords).prefault([]).describe('What it holds besides what answers.'),
    secondaries: z
      .array(secondarySchema)
      .max(limits.nameServers)
      .prefault([])
      .describe('Name servers that follow it: they are told of each change (NOTIFY), and may have a copy (AXFR).'),
  })
  .transform(({ negativeTtl, ...rest }) => ({ ...rest, negativeTtlSeconds: negativeTtl }))

const serverSchema: z.ZodType<DnsServerConfig, DnsServerInput> = z
  .strictObject({
    listen: z
      .union([listenSchema.transform((address) => [address]), z.array(listenSchema).min(1).max(limits.dnsListens)])
      .describe('Where it answers, by UDP and TCP: addresses of this machine, one by one.'),
    zones: z
      .record(dnsNameSchema, zoneSchema)
      .refine((zones) => Object.keys(zones).length > 0, { error: 'at least one zone is needed' })
      .refine((zones) => Object.keys(zones).length <= limits.zones, { error: `at most ${limits.zones} zones are possible` })
      .describe('The zones that it answers for, by name.'),
  })
  .transform(({ listen, zones }) => ({
    listen,
    zones: Object.entries(zones).map(([name, { contact = `hostmaster.${name}`, ...zone }]) => ({ name, contact, ...zone })),
  }))

export const dnsSchema: z.ZodType<ParsedDns, DnsInput> = z
  .strictObject({
    providers: z
      .record(nameSchema, dnsProviderSchema)
      .refine((providers) => Object.keys(providers).length <= limits.dnsProviders, {
        error: `at most ${limits.dnsProviders} providers are possible`,
      })
      .prefault({})
      .describe('Who keeps zones, by names of your own: DNS servers and services with an API.'),
    records: z
      .array(recordSchema)
      .max(limits.dnsRecords)
      .prefault([])
      .describe('Names that answer with the targets of a pool that are up. They need no lease.'),
    server: serverSchema.optional().describe('The authoritative DNS server of this node.'),
  })
  .transform(({ server, ...rest }) => ({ ...rest, server }))
