import type { FastifyInstance, FastifyReply } from 'fastify'
import { apiPaths, type Problem, type ReloadResult } from '@hotspare/api'
import { HotspareError } from '@hotspare/core'
import { z } from 'zod'

/**
 * Has the file followed. @param options.restart has the processes replaced although nothing has changed
 *
 * @throws HotspareError where nobody says what has become of it
 */
export type Reload = (options: { readonly restart: boolean }) => Promise<ReloadResult>

/** Two processes are started, one after the other; the connection is silent meanwhile. */
const PATIENCE_MS = 150_000

// Strict: with `?restrat=true` passed over, people would believe that something was replaced.
const reloadQuery = z.strictObject({ restart: z.enum(['true', 'false']).optional() })

/** Adds the way to have the file read anew; where there is none, the answer says so. */
export function addReloadRoutes(
  app: FastifyInstance,
  reload: Reload | undefined,
  refuse: (reply: FastifyReply, status: number, problem: Problem) => FastifyReply,
): void {
  app.post(apiPaths.reload, async (request, reply) => {
    const query = reloadQuery.safeParse(request.query)
    if (!query.success) return refuse(reply, 400, { error: z.prettifyError(query.error) })
    if (!reload) return refuse(reply, 409, { error: 'this daemon is one process, which reads no file anew' })
    request.raw.socket.setTimeout(PATIENCE_MS)
    try {
      return await reload({ restart: query.data.restart === 'true' })
    } catch (error) {
      if (HotspareError.is(error)) return refuse(reply, error.retryable ? 503 : 409, { error: error.message })
      throw error
    }
  })
}
