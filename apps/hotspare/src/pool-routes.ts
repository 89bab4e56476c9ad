import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { apiPaths, LONGEST_KEY_CHARACTERS, type PoolExplanation, type Problem } from '@hotspare/api'
import { z } from 'zod'
import { suggestion } from './config/suggest.ts'

/** What is asked of pools. */
export interface PoolBackend {
  poolNames(): readonly string[]
  /** @returns a text where the worker does not answer: why */
  explainPool(name: string, key: string | undefined): PoolExplanation | string | Promise<PoolExplanation | string>
}

// Strict: a key that is misspelt would be answered as if there were none, and one of two would be passed over.
const explainQuery = z.strictObject({ key: z.string().min(1).max(LONGEST_KEY_CHARACTERS).optional() })

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
}
