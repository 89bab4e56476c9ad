import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import { z } from 'zod'
import { type ConnectionTarget, openConnection } from './connection.ts'
import { type ConnectTo, connectToSchema, type ProbeTlsOptions, serverFields, tlsField } from './connection-options.ts'
import { describeFailure, type Finding } from './failure.ts'
import { certifiedName, destination, type HttpRequest } from './http/request.ts'
import { headersField, urlField } from './http-fields.ts'
import { lowerCaseNames } from './http-headers.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'
import { websocketLimits } from './websocket/limits.ts'
import { talk } from './websocket/talk.ts'

/** What a WebSocket probe asks for. */
export interface WebSocketProbeOptions {
  /** `ws:` or `wss:`, without user and password (use `headers.authorization`). */
  readonly url: string
  /** Added to the request: `origin`, `cookie`, ...; `host` may be set too. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Asked for, and the server must agree on it. */
  readonly subprotocol?: string | undefined
  /** Where to connect to instead of the URL's host and port; the Host header and TLS stay those of the URL. */
  readonly connectTo?: ConnectTo | undefined
  /** Which addresses of a name are used. Default: whichever answers first */
  readonly family?: 4 | 6 | undefined
  /** How TLS is spoken with a `wss:` target; the name defaults to that of the `host` header, then of the URL. */
  readonly tls?: ProbeTlsOptions | undefined
  /** One deadline over name, connection, TLS, handshake and pong, in milliseconds. Default: 500 */
  readonly timeoutMs?: number | undefined
}

/** {@link WebSocketProbeOptions} with the defaults filled in. */
export interface ResolvedWebSocketProbeOptions extends WebSocketProbeOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly connectTo: ConnectTo
  readonly tls: ProbeTlsOptions
  readonly timeoutMs: number
}

export const websocketProbeOptionsSchema: z.ZodType<ResolvedWebSocketProbeOptions, WebSocketProbeOptions> = z.strictObject({
  url: urlField('ws', 'ws://10.0.0.11:8080/live'),
  headers: headersField(ownHeaderProblem).describe('Header fields of the request; `host` and `origin` may be set.'),
  subprotocol: z
    .string()
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,255}$/, 'must be one name like graphql-transport-ws')
    .optional()
    .describe('Asked for, and the server must agree on it.'),
  connectTo: connectToSchema.default({}),
  family: serverFields.family,
  tls: tlsField,
  timeoutMs: serverFields.timeoutMs.describe('One deadline over name, connection, TLS, handshake and pong, in milliseconds.'),
})

/**
 * Opens a WebSocket, sends a ping, waits for its pong, and closes with code 1000.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function websocketProbe(options: WebSocketProbeOptions & { readonly clock?: Clock | undefined }): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions('websocketProbe', websocketProbeOptionsSchema, rest)
  const { timeoutMs, subprotocol } = settings
  const url = new URL(settings.url)
  // Without the query: a token may stand in it.
  const address = `${url.protocol}//${url.host}${url.pathname}`
  const request = requestOf(settings, url)
  const look = async (run: ProbeRun): Promise<Finding> => {
    const endsAtMs = clock.monotonicMs() + timeoutMs
    const farewellMs = () => Math.max(0, Math.min(websocketLimits.farewellMs, (endsAtMs - clock.monotonicMs()) / 2))
    try {
      const socket = await openConnection(connectionOf(settings, request), run)
      return await talk(socket, { request, subprotocol, clock, farewellMs }, run)
    } catch (error) {
      return describeFailure(error)
    }
  }
  return {
    type: 'websocket',
    address,
    timeoutMs,
    run: ({ signal } = {}) => runProbe({ what: `websocket probe of ${address}`, timeoutMs, clock, signal }, look),
  }
}

/** The handshake is HTTP, and so are its names, ports and paths. */
function requestOf({ headers, connectTo, tls }: ResolvedWebSocketProbeOptions, url: URL): HttpRequest {
  const asHttp = new URL(url.href.replace(/^ws/, 'http'))
  return { method: 'GET', url: asHttp, headers: lowerCaseNames(headers), body: undefined, connectTo, servername: tls.servername }
}

function connectionOf({ family, tls }: ResolvedWebSocketProbeOptions, request: HttpRequest): ConnectionTarget {
  const to = { ...destination(request), family }
  return request.url.protocol === 'https:' ? { ...to, tls: { ...tls, servername: certifiedName(request), alpn: ['http/1.1'] } } : to
}

function ownHeaderProblem(headers: Readonly<Record<string, string>>): string | undefined {
  const own = Object.keys(headers).find((name) => name.toLowerCase().startsWith('sec-websocket-'))
  return own === undefined ? undefined : `"${own}": the probe sets it itself`
}
