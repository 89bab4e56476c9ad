import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { apiPaths, type Problem, type Status, type TargetExplanation, type TargetStatus } from '@hotspare/api'
import { type Clock, errorCode, errorText, HotspareError, type Logger, withDeadline } from '@hotspare/core'
import { z } from 'zod'
import { addClusterRoutes, type ClusterBackend, forceSchema } from './cluster/control/api-routes.ts'
import { guardRequest } from './api-guard.ts'
import { formatListen } from './config/addresses.ts'
import type { ApiConfig, ListenAddress } from './config/config.ts'
import type { Redactor } from './config/redactor.ts'
import { suggestion } from './config/suggest.ts'
import { addDnsRoutes } from './dns/api-routes.ts'
import type { ControlDns } from './dns/control-dns.ts'
import { streamEvents } from './event-stream.ts'
import { addPoolRoutes, type PoolBackend } from './pool-routes.ts'
import { redactedText } from './redacted.ts'
import { addReloadRoutes, type Reload } from './reload-routes.ts'
import type { Timeline } from './timeline.ts'
import { addWatchRoutes } from './watch/api-routes.ts'
import type { WatchBackend } from './watch/backend.ts'

type Awaitable<Value> = Value | Promise<Value>

/** What the API shows and lets people do. What the worker has to be asked for comes later. */
export interface ApiBackend extends PoolBackend {
  /** Why it is not ready; empty when it is. Known at once: probes of load balancers wait for nobody. */
  notReady(): readonly string[]
  status(): Awaitable<Status>
  explain(targetId: string): Awaitable<TargetExplanation | undefined>
  /** @returns undefined where there is no such target; why it was refused, where it was not forced and the rest has no room */
  setDrained(
    targetId: string,
    drained: boolean,
    options: { readonly force: boolean },
  ): Awaitable<TargetStatus | { readonly refused: string } | undefined>
  targetIds(): readonly string[]
  metrics(): Promise<string>
}

export interface ApiServerOptions extends ApiConfig {
  readonly backend: ApiBackend
  readonly watch: WatchBackend
  /** Undefined where the daemon is no node of a cluster. */
  readonly cluster?: ClusterBackend | undefined
  /** Undefined where no record answers at a provider. */
  readonly dns?: Pick<ControlDns, 'force' | 'snapshot'> | undefined
  /** Undefined where the daemon cannot follow its file. */
  readonly reload?: Reload | undefined
  readonly timeline: Timeline
  readonly redactor: Redactor
  readonly clock: Clock
  readonly logger: Logger
  /** How long a request may take to come in, and how long its connection may be silent, in milliseconds. Default: 10,000 */
  readonly patienceMs?: number | undefined
}

export interface ApiServer {
  /**
   * @param socket a bound one, instead of `listen`
   * @throws HotspareError `HOTSPARE_APP_LISTEN`
   */
  start(socket?: object): Promise<void>
  stop(): Promise<void>
  readonly address: ListenAddress | undefined
}

/** `?force=true`: though the rest has no room for it. */
const forceQuery = z.object({ force: forceSchema })

/** A request is one packet, so this is a lost one and its repetitions; who takes longer holds a connection and wants nothing. */
const PATIENCE_MS = 10_000
/** How often Node looks for requests that take too long; its own 30 s would let them stay four times as long. */
const LOOK_MS = 1_000
/** Nobody posts a body to this API; a bigger one is a mistake. */
const BODY_LIMIT_BYTES = 64 * 1024
const MAX_EVENT_STREAMS = 100
/** While stopping: how long answers that are under way may take. */
const STOP_GRACE_MS = 500

/** No cache keeps an answer, and no browser takes it for a page. */
const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

const timelineQuery = z.object({ after: z.coerce.number().int().min(0).optional(), limit: z.coerce.number().int().min(1).optional() })

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { backend, watch, cluster, dns, reload, timeline, redactor, clock, logger, token, listen, patienceMs = PATIENCE_MS } = options
  const answers = new Set<ServerResponse>()
  const streams = new Set<ServerResponse>()
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // Of Fastify both are without an end.
    requestTimeout: patienceMs,
    connectionTimeout: patienceMs,
    http: { connectionsCheckingInterval: Math.min(LOOK_MS, patienceMs) },
    forceCloseConnections: true,
    // What is asked while a control leaves is answered as ever: another has taken over, or a drain is told of by itself.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 300 },
    // What the router itself refuses comes past every hook, the redacting one too: the path is not repeated.
    frameworkErrors: ({ statusCode }, _request, reply) => void refuse(reply, statusCode ?? 400, { error: 'the path cannot be read' }),
  })

  // A DELETE or POST without a body may still name a content type; there is nothing to parse.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null))

  app.addHook('onRequest', async (request, reply) => {
    const { headers } = request
    answers.add(reply.raw)
    reply.raw.once('close', () => answers.delete(reply.raw))
    const facts = {
      path: request.url.split('?')[0] ?? '',
      host: headers.host,
      origin: headers.origin,
      authorization: headers.authorization,
    }
    const decision = guardRequest(facts, token)
    if (!decision.allowed) await refuse(reply, decision.status, { error: decision.error })
  })
  app.addHook('onSend', async (_request, reply, payload) => {
    void reply.headers(SAFE_HEADERS)
    return typeof payload === 'string' ? redactedText(payload, redactor) : payload
  })
  app.setErrorHandler((error: unknown, _request, reply) => {
    const status = z.object({ statusCode: z.number() }).safeParse(error).data?.statusCode ?? 500
    if (status >= 500) logger.error({ error: errorText(error) }, 'the API failed')
    return refuse(reply, status, { error: status >= 500 ? 'something went wrong inside; the log says what' : errorText(error) })
  })
  app.setNotFoundHandler((request, reply) => refuse(reply, 404, { error: `there is no ${request.method} ${request.url}` }))

  app.get(apiPaths.health, () => ({ status: 'ok' }))
  app.get(apiPaths.ready, (_request, reply) => {
    const notReady = backend.notReady()
    const ready = notReady.length === 0
    // Everybody may ask; names of pools are for those who hold the token.
    return reply.status(ready ? 200 : 503).send(token === undefined ? { ready, notReady } : { ready })
  })
  app.get(apiPaths.metrics, async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await backend.metrics()))
  app.get(apiPaths.status, () => backend.status())
  app.get(apiPaths.timeline, (request, reply) => {
    const query = timelineQuery.safeParse(request.query)
    if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error) })
    return { entries: timeline.entries(query.data) }
  })
  app.get<{ Params: { id: string } }>(apiPaths.routes.target, async (request, reply) =>
    found(reply, request.params.id, await backend.explain(request.params.id)),
  )
  app.post<{ Params: { id: string } }>(apiPaths.routes.drain, async (request, reply) => {
    const query = forceQuery.safeParse(request.query)
    if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error) })
    return drained(reply, request.params.id, await backend.setDrained(request.params.id, true, query.data))
  })
  app.delete<{ Params: { id: string } }>(apiPaths.routes.drain, async (request, reply) =>
    drained(reply, request.params.id, await backend.setDrained(request.params.id, false, { force: true })),
  )
  addPoolRoutes(app, backend, refuse)
  addWatchRoutes(app, watch, refuse)
  addClusterRoutes(app, cluster, refuse)
  addReloadRoutes(app, reload, refuse)
  addDnsRoutes(app, dns, refuse)
  // An answer to HEAD has no body, so a stream would never show its end.
  app.get(apiPaths.events, { exposeHeadRoute: false }, (request, reply) => {
    const query = timelineQuery.safeParse(request.query)
    if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error) })
    if (streams.size >= MAX_EVENT_STREAMS) return refuse(reply, 503, { error: `${MAX_EVENT_STREAMS} readers follow already` })
    const lastSeen = /^\d{1,15}$/.exec(String(request.headers['last-event-id']))?.[0]
    const { raw } = reply.hijack()
    streams.add(raw)
    raw.once('close', () => streams.delete(raw))
    streamEvents(raw, { timeline, redactor, clock, after: lastSeen === undefined ? query.data.after : Number(lastSeen) })
    return reply
  })
  app.addHook('preClose', async () => {
    for (const raw of streams) raw.end()
    // Who does not read an answer, or does not finish a request, is cut off and does not hold up the end.
    await withDeadline('the last answers', STOP_GRACE_MS, () => allClosed(answers), { clock }).catch(() => {})
  })

  function found(reply: FastifyReply, id: string, value: TargetExplanation | TargetStatus | undefined): unknown {
    if (value) return value
    return refuse(reply, 404, { error: `there is no target "${id}"`, hint: suggestion(id, backend.targetIds(), 'targets') })
  }

  function drained(reply: FastifyReply, id: string, value: TargetStatus | { readonly refused: string } | undefined): unknown {
    if (!value || !('refused' in value)) return found(reply, id, value)
    return refuse(reply, 409, {
      error: `${id} is not drained: ${value.refused}`,
      hint: 'it is done all the same with --force (?force=true)',
    })
  }

  return {
    get address() {
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : undefined
    },
    start: (socket) => (socket ? listenOnSocket(app, socket) : listenOn(app, listen)),
    stop: () => app.close(),
  }
}

async function listenOn(app: FastifyInstance, listen: ListenAddress): Promise<void> {
  try {
    // A copy: Fastify writes into what it is given.
    await app.listen({ ...listen })
  } catch (error) {
    const hint = errorCode(error) === 'EADDRINUSE' ? 'another process listens there; stop it or set `api.listen`' : errorText(error)
    throw new HotspareError({
      code: 'HOTSPARE_APP_LISTEN',
      message: `api: cannot listen on ${formatListen(listen)}: ${hint}`,
      cause: error,
    })
  }
}

/** Fastify listens at addresses alone; its server takes a socket as well. */
async function listenOnSocket(app: FastifyInstance, socket: object): Promise<void> {
  await app.ready()
  app.server.listen(socket)
  await once(app.server, 'listening')
}

function allClosed(answers: ReadonlySet<ServerResponse>): Promise<unknown> {
  return Promise.all([...answers].map((raw) => once(raw, 'close')))
}

function refuse(reply: FastifyReply, status: number, problem: Problem): FastifyReply {
  return reply.status(status).headers(SAFE_HEADERS).send(problem)
}
