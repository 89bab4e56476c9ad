import type { Clock } from '@hotspare/core'
import { clipDetail, systemClock } from '@hotspare/core'
import { z } from 'zod'
import type { CompositionRules } from './compose/decide.ts'
import { type ProbeParts, runParts } from './compose/run-parts.ts'
import { summarise } from './compose/summary.ts'
import { clippedTexts } from './failure.ts'
import { milliseconds } from './milliseconds.ts'
import { parseOptions } from './options.ts'
import type { Probe } from './probe.ts'
import { probeSchema } from './probe-schema.ts'

export type { ProbeParts } from './compose/run-parts.ts'

/** How several probes become one. */
export interface ComposeOptions {
  /** One deadline over all parts, in milliseconds. Default: 50 more than the longest of the parts */
  readonly timeoutMs?: number | undefined
  /**
   * What enough parts amount to while another fails or is degraded. `degraded` waits for every part; `pass` cancels the
   * others as soon as enough have passed. Default: degraded
   */
  readonly whenPartly?: 'degraded' | 'pass' | undefined
  /** Whether parts that showed nothing are treated as if they were not there; otherwise the whole is inconclusive where they might matter. Default: false */
  readonly leaveOutInconclusive?: boolean | undefined
}

/** {@link ComposeOptions} with the defaults filled in. */
export interface ResolvedComposeOptions {
  readonly timeoutMs?: number | undefined
  readonly whenPartly: 'degraded' | 'pass'
  readonly leaveOutInconclusive: boolean
}

export const composeOptionsSchema: z.ZodType<ResolvedComposeOptions, ComposeOptions> = z.strictObject({
  timeoutMs: milliseconds
    .optional()
    .describe('One deadline over all parts, in milliseconds; 50 more than the longest of the parts unless set.'),
  whenPartly: z.enum(['degraded', 'pass']).default('degraded').describe('What enough parts amount to while another fails or is degraded.'),
  leaveOutInconclusive: z.boolean().default(false).describe('Whether parts that showed nothing are treated as if they were not there.'),
})

type Injected = { readonly clock?: Clock | undefined }

/** More would be a list that nobody reads, and sockets all at once. */
const MAX_PARTS = 64

/** So that a part names the phase in which its own deadline passed. */
const BEYOND_PARTS_MS = 50

const PART_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/

/**
 * Every part has to pass.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function all(parts: ProbeParts, options: ComposeOptions & Injected = {}): Probe {
  return compose({ who: 'all', type: 'all', lead: 'all of', need: 'every' }, parts, options)
}

/**
 * One part has to pass.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function any(parts: ProbeParts, options: ComposeOptions & Injected = {}): Probe {
  return compose({ who: 'any', type: 'any', lead: 'any of', need: 1 }, parts, options)
}

/**
 * `count` parts have to pass.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function atLeast(count: number, parts: ProbeParts, options: ComposeOptions & Injected = {}): Probe {
  const most = Object.keys(parts).length
  parseOptions('atLeast', z.strictObject({ count: z.int().min(1).max(most) }), { count })
  return compose({ who: 'atLeast', type: 'at-least', lead: `at least ${count} of`, need: count }, parts, options)
}

interface Kind {
  readonly who: string
  readonly type: string
  readonly lead: string
  readonly need: CompositionRules['need']
}

function compose({ who, type, lead, need }: Kind, parts: ProbeParts, options: ComposeOptions & Injected): Probe {
  const { clock = systemClock, ...rest } = options
  const settings = parseOptions(who, composeOptionsSchema, rest)
  const names = parseOptions(who, namesSchema, { parts: Object.keys(parts) }).parts
  parseOptions(who, partsSchema, { parts })
  const own = { ...parts }
  const timeoutMs = settings.timeoutMs ?? Math.max(...names.map((name) => own[name]?.timeoutMs ?? 0)) + BEYOND_PARTS_MS
  const rules = { ...settings, need }
  return {
    type,
    address: clipDetail(`${lead} ${names.join(', ')}`),
    timeoutMs,
    async run({ signal } = {}) {
      const startedMs = clock.monotonicMs()
      const { outcome, results } = await runParts({ parts: own, rules, timeoutMs, clock, signal })
      const finding = summarise(outcome, results, names.length)
      return { ...clippedTexts(finding), durationMs: clock.monotonicMs() - startedMs }
    },
  }
}

const namesSchema = z.strictObject({
  parts: z
    .array(z.string().regex(PART_NAME, { message: 'must be a name of letters, digits, dots, dashes and underscores' }))
    .min(1)
    .max(MAX_PARTS),
})

const partsSchema = z.object({ parts: z.record(z.string(), probeSchema) })
