import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { apiPaths, LONGEST_KEY_CHARACTERS, type PoolExplanation, type PoolMaintenanceResult, type Problem } from '@hotspare/api'
import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import { suggestion } from './config/suggest.ts'

/** What is asked of pools. */
export interface PoolBackend {
  poolNames(): readonly string[]
  /** @returns a text where the worker does not answer: why */
  explainPool(name: string, key: string | undefined): PoolExplanation | string | Promise<PoolExplanation | string>
  /** @param word undefined: it ends @returns a text where that cannot be done: why */
  setMaintenance(name: string, word: PoolWord | undefined): PoolMaintenanceResult | string
}

/** What people say of a pool. */
export interface PoolWord {
  readonly because: string
  /** Undefined: until they say otherwise. */
  readonly forMs: number | undefined
}

// Strict: a key that is misspelt would be answered as if there were none, and one of two would be passed over.
const explainQuery = z.strictObject({ key: z.string().min(1).max(LONGEST_KEY_CHARACTERS).optional() })

/** Longer ones nobody reads. */
const LONGEST_REASON = 500

const maintenanceQuery = z.strictObject({
  because: z.string().trim().max(LONGEST_REASON).optional(),
  forMs: z.coerce.number().int().min(1).max(LONGEST_DELAY_MS).optional(),
})

const QUERY_HINT = `?key=KEY, once and percent-encoded, up to ${LONGEST_KEY_CHARACTERS} characters`

export function addPoolRoutes(
  app: FastifyInstance,
  backend: PoolBackend,
  refuse: (reply: FastifyReply, status: number, problem: Problem) => FastifyReply,
): void {
  app.get(
    apiPaths.routes.poolExplanation,
    async ({ params: { name }, query: given }: FastifyRequest<{ Params: { name: string } }>, reply): Promise<unknown> => {
      const query = explainQuery.safeParse(given)
      if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error), hint: QUERY_HINT })
      const names = backend.poolNames()
      if (!names.includes(name)) return refuse(reply, 404, { error: `there is no pool "${name}"`, hint: suggestion(name, names, 'pools') })
      const explained = await backend.explainPool(name, query.data.key)
      return typeof explained === 'string' ? refuse(reply, 503, { error: explained }) : explained
    },
  )
  const maintain = (reply: FastifyReply, name: string, word: PoolWord | undefined): unknown => {
    const names = backend.poolNames()
    if (!names.includes(name)) return refuse(reply, 404, { error: `there is no pool "${name}"`, hint: suggestion(name, names, 'pools') })
    const result = backend.setMaintenance(name, word)
    return typeof result === 'string' ? refuse(reply, 409, { error: result }) : result
  }
  app.post(
    apiPaths.routes.poolMaintenance,
    async ({ params: { name }, query: given }: FastifyRequest<{ Params: { name: string } }>, reply): Promise<unknown> => {
      const query = maintenanceQuery.safeParse(given)
      if (!query.success)
        return refuse(reply, 400, { error: z.prettifyError(query.error), hint: '?because=TEXT and ?forMs=MILLISECONDS, each once' })
      const { because, forMs } = query.data
      return maintain(reply, name, { because: because === undefined || because === '' ? 'said through the API' : because, forMs })
    },
  )
  app.delete(
    apiPaths.routes.poolMaintenance,
    async ({ params: { name } }: FastifyRequest<{ Params: { name: string } }>, reply): Promise<unknown> => maintain(reply, name, undefined),
  )
}
