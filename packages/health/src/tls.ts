import { TLSSocket } from 'node:tls'
import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { sentCertificates } from './certificate.ts'
import { openConnection } from './connection.ts'
import {
  alpnSchema,
  hostAndPort,
  portSchema,
  type ProbeTlsOptions,
  serverFields,
  type ServerOptions,
  tlsFields,
} from './connection-options.ts'
import { probeDefaults } from './defaults.ts'
import { describeFailure, failed, type Finding } from './failure.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'
import { judgeTls, TLS_VERSIONS, type TlsVersion } from './tls-judge.ts'

export type { TlsVersion } from './tls-judge.ts'

/** What a TLS probe looks at, and what it expects. */
export interface TlsProbeOptions extends ServerOptions, ProbeTlsOptions {
  /** Default: 443 */
  readonly port?: number | undefined
  /** `false` accepts any certificate that has not ended, whoever vouches for it, for any name. Default: true */
  readonly rejectUnauthorized?: boolean | undefined
  /** Protocols offered (ALPN), the best first: one of them must be agreed on. Default: none */
  readonly alpn?: readonly string[] | undefined
  /** An older version of TLS fails. Default: TLSv1.2 */
  readonly minVersion?: TlsVersion | undefined
  /** Warns when a certificate that is sent ends in less than so many days, once for each. An empty list: never. Default: [21, 14, 7] */
  readonly warnDays?: readonly number[] | undefined
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
  ...serverFields,
  port: portSchema.default(HTTPS_PORT),
  ...tlsFields,
  rejectUnauthorized: z.boolean().default(true).describe('`false` accepts any certificate that has not ended.'),
  alpn: alpnSchema.default([]).describe('Protocols offered (ALPN), the best first: one of them must be agreed on.'),
  minVersion: z.enum(TLS_VERSIONS).default(probeDefaults.minVersion).describe('An older version of TLS fails.'),
  warnDays: z
    .array(z.int().min(1).max(3_650))
    .max(10)
    .default([...probeDefaults.warnDays])
    .describe('Warns when a certificate that is sent ends in less than so many days, once for each.'),
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
  const address = hostAndPort(host, port)
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
