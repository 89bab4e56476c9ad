import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { apiPaths, type CommandResult, type PeopleWordResult, type PlanAnswer, type Problem, type SiteWordResult } from '@hotspare/api'
import { HotspareError } from '@hotspare/core'
import { z } from 'zod'
import { suggestion } from '../../config/suggest.ts'
import type { PeopleWord } from '../people-files.ts'

/** What people may ask of a cluster through the API. */
export interface ClusterBackend {
  readonly services: readonly string[]
  command(
    service: string,
    command: { readonly type: 'switchover' | 'failover'; readonly to?: string | undefined },
    options?: { readonly force?: boolean | undefined },
  ): Promise<CommandResult>
  plan(service: string, to: string | undefined): Promise<PlanAnswer>
  /** `because` undefined takes the word back. `force`: though the others could not carry what leaves. */
  setWord(word: PeopleWord, because: string | undefined, options?: { readonly force?: boolean | undefined }): Promise<PeopleWordResult>
  /** For every node of a site. `because` undefined takes the word back. */
  setSite(site: string, because: string | undefined, options: { readonly force: boolean }): Promise<SiteWordResult>
}

/** A move may wait for another one, and for a lease that runs out; the connection is silent meanwhile. */
const MOVE_PATIENCE_MS = 150_000

// Strict: with `?too=web-2` passed over, a service would move to where nobody wanted it.
const to = z.string().min(1).max(256).optional()
/** `force=true`, or nothing. */
export const forceSchema: z.ZodType<boolean, 'true' | undefined> = z
  .literal('true')
  .optional()
  .transform((force) => force !== undefined)
const moveQuery = z.strictObject({ to })
const forcedMoveQuery = z.strictObject({ to, force: forceSchema })
const wordQuery = z.strictObject({ because: z.string().trim().min(1).max(500), force: forceSchema })
const siteQuery = z.strictObject({
  because: z.string().trim().min(1).max(400),
  force: forceSchema,
})

/** What stands in a body would be passed over too. */
const NO_BODY: Problem = { error: 'a body is not read here', hint: 'what is wanted goes into the query: ?to=web-2, ?because=new switch' }

interface MoveWish {
  readonly to?: string | undefined
  readonly force?: boolean | undefined
}

type NamedRequest = FastifyRequest<{ Params: { name: string } }>

/** Adds what a cluster can be asked; where there is none, each answer says so. */
export function addClusterRoutes(
  app: FastifyInstance,
  backend: ClusterBackend | undefined,
  refuse: (reply: FastifyReply, status: number, problem: Problem) => FastifyReply,
): void {
  app.post(apiPaths.routes.switchover, (request: NamedRequest, reply) => move(request, reply, 'switchover'))
  app.post(apiPaths.routes.failover, (request: NamedRequest, reply) => move(request, reply, 'failover'))
  app.get(apiPaths.routes.plan, (request: NamedRequest, reply) => {
    return forService(request, reply, moveQuery, (cluster, wish) => cluster.plan(request.params.name, wish.to))
  })
  for (const word of ['hold', 'maintenance'] as const) {
    app.put(apiPaths[word], (request, reply) => {
      if (hasBody(request)) return refuse(reply, 400, NO_BODY)
      const query = wordQuery.safeParse(request.query)
      if (!query.success) return refuse(reply, 400, { error: 'a reason is needed: ?because=new switch in rack 4' })
      return forCluster(reply, (cluster) => cluster.setWord(word, query.data.because, { force: query.data.force }))
    })
    app.delete(apiPaths[word], (_request, reply) => forCluster(reply, (cluster) => cluster.setWord(word, undefined, { force: true })))
  }
  app.put(apiPaths.routes.siteMaintenance, (request: NamedRequest, reply) => {
    if (hasBody(request)) return refuse(reply, 400, NO_BODY)
    const query = siteQuery.safeParse(request.query)
    if (!query.success) return refuse(reply, 400, { error: 'a reason is needed: ?because=power works; and &force=true, or none' })
    const { because, force } = query.data
    return forCluster(reply, (cluster) => cluster.setSite(request.params.name, because, { force }))
  })
  app.delete(apiPaths.routes.siteMaintenance, (request: NamedRequest, reply) =>
    forCluster(reply, (cluster) => cluster.setSite(request.params.name, undefined, { force: false })),
  )

  function move(request: NamedRequest, reply: FastifyReply, type: 'switchover' | 'failover'): unknown {
    request.raw.socket.setTimeout(MOVE_PATIENCE_MS)
    // A service that nobody has is taken, whatever is too much for whom.
    const schema = type === 'switchover' ? forcedMoveQuery : moveQuery
    return forService(request, reply, schema, (cluster, wish) =>
      cluster.command(request.params.name, { type, to: wish.to }, { force: wish.force ?? true }),
    )
  }

  function forService(
    request: NamedRequest,
    reply: FastifyReply,
    schema: z.ZodType<MoveWish>,
    work: (cluster: ClusterBackend, wish: MoveWish) => unknown,
  ): unknown {
    if (hasBody(request)) return refuse(reply, 400, NO_BODY)
    const query = schema.safeParse(request.query)
    if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error) })
    return forCluster(reply, (cluster) => {
      const { name } = request.params
      if (cluster.services.includes(name)) return work(cluster, query.data)
      return refuse(reply, 404, {
        error: `this node has no part in a service "${name}"`,
        hint: suggestion(name, cluster.services, 'services'),
      })
    })
  }

  async function forCluster(reply: FastifyReply, work: (cluster: ClusterBackend) => unknown): Promise<unknown> {
    if (!backend) return refuse(reply, 409, { error: 'this daemon is no node of a cluster: its file has no `cluster`' })
    try {
      return await work(backend)
    } catch (error) {
      // What people can mend is said; anything else is the log's.
      if (HotspareError.is(error)) return refuse(reply, error.retryable ? 503 : 409, { error: error.message })
      throw error
    }
  }
}

function hasBody({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
