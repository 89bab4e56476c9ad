import { TLSSocket } from 'node:tls'
import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { sentCertificates } from './certificate.ts'
import { openConnection } from './connection.ts'
import { alpnSchema, familySchema } from './connection-options.ts'
import { probeDefaults } from './defaults.ts'
import { describeFailure, failed, type Finding } from './failure.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { milliseconds } from './rules.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'
import { judgeTls, TLS_VERSIONS, type TlsVersion } from './tls-judge.ts'

export type { TlsVersion } from './tls-judge.ts'

/** What a TLS probe looks at, and what it expects. */
export interface TlsProbeOptions {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  /** Default: 443 */
  readonly port?: number | undefined
  /** The name asked for (SNI) and checked in the certificate. Default: the host */
  readonly servername?: string | undefined
  /** `false` accepts any certificate that has not ended, whoever vouches for it, for any name. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
  /** Certificates to trust instead of Node's own list, PEM. */
  readonly ca?: string | undefined
  /** Protocols offered (ALPN), the best first: one of them must be agreed on. Default: none */
  readonly alpn?: readonly string[] | undefined
  /** An older version of TLS fails. Default: TLSv1.2 */
  readonly minVersion?: TlsVersion | undefined
  /** Which addresses of a name are used. Default: whichever answers first */
  readonly family?: 4 | 6 | undefined
  /** Warns when a certificate that is sent ends in less than so many days, once for each. An empty list: never. Default: [21, 14, 7] */
  readonly warnDays?: readonly number[] | undefined
  /** One deadline over name, connection and handshake, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link TlsProbeOptions} with the defaults filled in. */
export interface ResolvedTlsProbeOptions extends TlsProbeOptions {
  readonly port: number
  readonly rejectUnauthorized: boolean
  readonly alpn: readonly string[]
  readonly minVersion: TlsVersion
  readonly warnDays: readonly number[]
  readonly timeoutMs: number
}

const HTTPS_PORT = 443

export const tlsProbeOptionsSchema: z.ZodType<ResolvedTlsProbeOptions, TlsProbeOptions> = z.strictObject({
  host: z.string().min(1).max(255).describe('A name or an address, IPv6 without brackets.'),
  port: z.int().min(1).max(65_535).default(HTTPS_PORT).describe('The TCP port.'),
  servername: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The name asked for (SNI) and checked in the certificate; by default the host.'),
  rejectUnauthorized: z.boolean().default(true).describe('false accepts any certificate that has not ended.'),
  ca: z.string().min(1).optional().describe("Certificates to trust instead of Node's own list, PEM."),
  alpn: alpnSchema.default([]).describe('Protocols offered (ALPN), the best first: one of them must be agreed on.'),
  minVersion: z.enum(TLS_VERSIONS).default(probeDefaults.minVersion).describe('An older version of TLS fails.'),
  family: familySchema.optional().describe('Which addresses of a name are used: 4 or 6.'),
  warnDays: z
    .array(z.int().min(1).max(3_650))
    .max(10)
    .default([...probeDefaults.warnDays])
    .describe('Warns when a certificate that is sent ends in less than so many days, once for each.'),
  timeoutMs: milliseconds.default(probeDefaults.timeoutMs).describe('One deadline over name, connection and handshake, in milliseconds.'),
})

/**
 * Agrees on TLS, looks at the certificates, and closes: who answers, until when, in which version, for which protocol.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function tlsProbe(options: TlsProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('tlsProbe', tlsProbeOptionsSchema, rest)
  const { host, port, timeoutMs } = settings
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const what = `tls probe of ${address}`
  return {
    type: 'tls',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what, timeoutMs, clock, signal }, (run) => look(settings, clock, run)),
  }
}

async function look(settings: ResolvedTlsProbeOptions, clock: Clock, run: ProbeRun): Promise<Finding> {
  const { host, port, family, servername, ca, alpn } = settings
  try {
    // Trust is judged afterwards: what is not to be trusted is still worth looking at.
    const tls = { rejectUnauthorized: false, servername, ca, ...(alpn.length > 0 ? { alpn } : {}) }
    const socket = await openConnection({ host, port, family, tls }, run)
    const facts = socket instanceof TLSSocket ? factsOf(socket) : undefined
    socket.destroy()
    return facts ? judgeTls(facts, settings, clock.wallMs()) : failed('error', 'the connection is not encrypted')
  } catch (error) {
    return describeFailure(error)
  }
}

function factsOf(socket: TLSSocket): Parameters<typeof judgeTls>[0] {
  // Node hands out the code of what is wrong (`CERT_HAS_EXPIRED`), whatever its type says.
  const distrust: unknown = socket.authorizationError
  return {
    version: socket.getProtocol() ?? 'no version',
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    chain: sentCertificates(socket),
    distrust: socket.authorized ? undefined : String(distrust),
  }
}
