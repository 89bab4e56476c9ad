import { HotspareError } from '@hotspare/core'
import { z } from 'zod'
import type { SpokenWord } from '../people-files.ts'

/** What a node is told when people speak of its whole site. */
export interface SiteWord {
  readonly site: string
  /** Every node that is told the same: none of them is handed anything meanwhile. */
  readonly nodes: readonly string[]
  /** Why no service is wanted there; undefined takes it back. */
  readonly because?: string | undefined
}

/** What the node that was told answers. */
export interface SiteWordAnswer {
  readonly ok: boolean
  /** One clause for people. */
  readonly because: string
}

/** The request by which nodes pass the word of people on. */
export const siteWordMethod = 'people-site'

const name = z.string().min(1).max(256)
const siteWordSchema: z.ZodType<SiteWord> = z.object({
  site: name,
  nodes: z.array(name).max(1_000),
  because: z.string().trim().min(1).max(500).optional(),
})

const answerSchema: z.ZodType<SiteWordAnswer> = z.object({ ok: z.boolean(), because: z.string().max(1_000) })

/** @throws HotspareError `HOTSPARE_APP_CLUSTER` for what is none */
export function readSiteWord(body: unknown): SiteWord {
  return read('word for a site', siteWordSchema, body)
}

/** @throws HotspareError `HOTSPARE_APP_CLUSTER` for what is none */
export function readSiteWordAnswer(body: unknown): SiteWordAnswer {
  return read('answer to a word for a site', answerSchema, body)
}

/** What a node has to do with its own word `maintenance`. */
export type SiteWordStep =
  | { readonly type: 'set'; readonly text: string }
  | { readonly type: 'lift' }
  | { readonly type: 'nothing'; readonly because: string }

/**
 * What a word for a site means for one node of it. What people have said of the node alone stays, whatever they say of its site.
 *
 * @param spoken the node's own `maintenance`, as it stands
 */
export function stepFor({ site, because }: Pick<SiteWord, 'site' | 'because'>, spoken: SpokenWord | undefined): SiteWordStep {
  const mark = `site ${site}: `
  // One that cannot be read is no reason to leave it at that: it may be gone at the next look.
  const isOurs = spoken?.since === 0 || spoken?.because.startsWith(mark) === true
  if (spoken && !isOurs) return { type: 'nothing', because: `in maintenance by itself: ${spoken.because}` }
  if (because !== undefined) return { type: 'set', text: `${mark}${because}` }
  return spoken ? { type: 'lift' } : { type: 'nothing', because: 'it was not in maintenance' }
}

function read<Value>(what: string, schema: z.ZodType<Value>, body: unknown): Value {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new HotspareError({ code: 'HOTSPARE_APP_CLUSTER', message: `the peer's ${what} cannot be read: ${z.prettifyError(parsed.error)}` })
}
