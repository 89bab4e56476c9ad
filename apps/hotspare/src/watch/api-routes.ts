import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { apiPaths, type Problem } from '@hotspare/api'
import { HotspareError } from '@hotspare/core'
import { z } from 'zod'
import { suggestion } from '../config/suggest.ts'
import type { WatchBackend } from './backend.ts'

type NamedRequest = FastifyRequest<{ Params: { name: string } }>

/** `rows-count:312` */
const measure = z
  .string()
  .regex(/^[a-z][a-z0-9-]*:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i, 'write a measure as name:number, such as rows-count:312')

// Strict: with `?details=...` passed over, a job would believe that it has said why.
const reportQuery = z.strictObject({
  outcome: z.enum(['pass', 'degraded', 'fail']),
  detail: z.string().trim().min(1).max(4_096).optional(),
  measure: z.union([measure, z.array(measure).max(32)]).optional(),
})

/** What stands in a body would be passed over. */
const NO_BODY: Problem = { error: 'a body is not read here', hint: 'what is reported goes into the query: ?outcome=pass&detail=312 rows' }

/** Adds what is asked of checks and services, and what jobs report. */
export function addWatchRoutes(
  app: FastifyInstance,
  backend: WatchBackend,
  refuse: (reply: FastifyReply, status: number, problem: Problem) => FastifyReply,
): void {
  app.get(apiPaths.checks, () => ({ checks: backend.checks() }))
  app.get(apiPaths.routes.check, ({ params }: NamedRequest, reply) => backend.check(params.name) ?? noCheck(reply, params.name))
  app.get(apiPaths.routes.service, ({ params }: NamedRequest, reply) => {
    const { services } = backend.names
    return (
      backend.service(params.name) ?? missing(reply, `this node looks at no service "${params.name}"`, params.name, services, 'services')
    )
  })
  app.post(apiPaths.routes.report, ({ params, query: given, headers }: NamedRequest, reply) => {
    if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') return refuse(reply, 400, NO_BODY)
    const query = reportQuery.safeParse(given)
    if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error), hint: '?outcome=pass, degraded or fail' })
    const { outcome, detail, measure: measures = [] } = query.data
    try {
      const report = { outcome, detail, measures: Object.fromEntries([measures].flat().map(splitMeasure)) }
      return backend.report(params.name, report) ?? noCheck(reply, params.name)
    } catch (error) {
      if (!HotspareError.is(error)) throw error
      return refuse(reply, error.code === 'HOTSPARE_HEALTH_OPTIONS' ? 400 : 409, { error: error.message })
    }
  })

  function noCheck(reply: FastifyReply, name: string): FastifyReply {
    return missing(reply, `there is no check "${name}"`, name, backend.names.checks, 'checks')
  }

  function missing(reply: FastifyReply, error: string, name: string, known: readonly string[], what: string): FastifyReply {
    return refuse(reply, 404, { error, hint: suggestion(name, known, what) })
  }
}

function splitMeasure(text: string): [name: string, value: number] {
  const colon = text.indexOf(':')
  return [text.slice(0, colon), Number(text.slice(colon + 1))]
}
