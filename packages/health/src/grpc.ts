import { TLSSocket } from 'node:tls'
import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { openConnection } from './connection.ts'
import {
  hostAndPort,
  plainOrTlsField,
  portSchema,
  type ProbeTlsOptions,
  type ResolvedServer,
  serverFields,
  type ServerOptions,
  tlsField,
} from './connection-options.ts'
import { describeFailure, failed, type Finding } from './failure.ts'
import { callHealth, type GrpcCall } from './grpc/call.ts'
import { refineWith } from './http-fields.ts'
import { headersProblem } from './http-headers.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'

/** What a gRPC probe asks. */
export interface GrpcProbeOptions extends ServerOptions {
  readonly port: number
  /** The service that is asked about, as `shop.v1.Orders`. Default: the server as a whole */
  readonly service?: string | undefined
  /** `none`: HTTP/2 with prior knowledge. Default: none */
  readonly security?: 'none' | 'tls' | undefined
  readonly tls?: ProbeTlsOptions | undefined
  /** The name that the request is for (`:authority`). Default: host and port */
  readonly authority?: string | undefined
  /** Sent with the request, names in lower case: `authorization`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /**
   * What an answer of UNIMPLEMENTED is: the server speaks gRPC, and has no health service. `pass` counts it as alive, as an AWS load
   * balancer does unless it is told otherwise. Default: fail
   */
  readonly unimplemented?: 'fail' | 'pass' | undefined
}

/** {@link GrpcProbeOptions} with the defaults filled in. */
export interface ResolvedGrpcProbeOptions extends ResolvedServer {
  readonly port: number
  readonly service: string
  readonly security: 'none' | 'tls'
  readonly tls: ProbeTlsOptions
  readonly authority?: string | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly unimplemented: 'fail' | 'pass'
}

/** These belong to gRPC itself, or have no place in HTTP/2. */
const OWN_METADATA = /^(?:grpc-.*|te|content-type|host|http2-settings|keep-alive|proxy-connection)$/

export const grpcProbeOptionsSchema: z.ZodType<ResolvedGrpcProbeOptions, GrpcProbeOptions> = z.strictObject({
  ...serverFields,
  port: portSchema,
  service: z
    .string()
    .max(1_000)
    .regex(/^\P{Cc}*$/u, 'holds a control character')
    .default('')
    .describe('The service that is asked about; left out: the server as a whole.'),
  security: plainOrTlsField,
  tls: tlsField,
  authority: z
    .string()
    .regex(/^[A-Za-z0-9.:[\]_-]{1,255}$/, 'must be a name or an address, with or without a port')
    .optional()
    .describe('The name that the request is for (:authority); left out: host and port.'),
  metadata: z
    .record(z.string(), z.string().max(8_192))
    .superRefine(refineWith(metadataProblem))
    .default({})
    .describe('Sent with the request, names in lower case.'),
  unimplemented: z
    .enum(['fail', 'pass'])
    .default('fail')
    .describe('What an answer of UNIMPLEMENTED is, from a server without a health service.'),
})

/**
 * Asks a server by the gRPC health protocol, version 1 (`grpc.health.v1.Health/Check`). SERVING passes.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function grpcProbe(options: GrpcProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('grpcProbe', grpcProbeOptionsSchema, rest)
  const { host, port, service, security, timeoutMs } = settings
  const server = hostAndPort(host, port)
  const address = service === '' ? server : `${server} (${service})`
  const call = {
    ...settings,
    scheme: security === 'tls' ? ('https' as const) : ('http' as const),
    authority: settings.authority ?? server,
  }
  return {
    type: 'grpc',
    address,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `grpc probe of ${address}`, timeoutMs, clock, signal }, (run) => checkOnce(settings, call, run)),
  }
}

async function checkOnce({ host, port, family, security, tls }: ResolvedGrpcProbeOptions, call: GrpcCall, run: ProbeRun): Promise<Finding> {
  try {
    const socket = await openConnection({ host, port, family, tls: security === 'tls' ? { ...tls, alpn: ['h2'] } : undefined }, run)
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
      socket.destroy()
      return failed('protocol', 'the server has not agreed on HTTP/2 (ALPN)')
    }
    return await callHealth(socket, call, run)
  } catch (error) {
    return describeFailure(error)
  }
}

function metadataProblem(metadata: Readonly<Record<string, string>>): string | undefined {
  const own = Object.keys(metadata).find((name) => OWN_METADATA.test(name) || name !== name.toLowerCase())
  return own === undefined ? headersProblem(metadata) : `"${own}": the probe sets it itself, or it is not in lower case`
}
