import { z } from 'zod'

/** `POST /api/v1/reload`, with `?restart=true`: what has become of reading the file anew. */
export interface ReloadResult {
  /** Whether the daemon runs what the file says now. */
  readonly ok: boolean
  /** One sentence for people. */
  readonly because: string
  /** What has changed in the file, in clauses; empty where nothing has, or where the file is not followed. */
  readonly changes: readonly string[]
  /** What is wrong in the file, each with its place, as `hotspare check` says it. */
  readonly problems: readonly string[]
}

export const reloadResultSchema: z.ZodType<ReloadResult> = z.object({
  ok: z.boolean(),
  because: z.string(),
  changes: z.array(z.string()),
  problems: z.array(z.string()),
})
