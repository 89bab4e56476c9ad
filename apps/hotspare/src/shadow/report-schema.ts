import { z } from 'zod'
import type { Incident, RouterReport, ShadowReport, Stretch, Tenure } from './report-types.ts'
import { shadowLimits } from './limits.ts'

const time = z.number().min(0).max(8.64e15)
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
const text = z.string().max(2_000)
const stretch: z.ZodType<Stretch> = z.object({ from: time, to: time.nullable() })
const tenure: z.ZodType<Tenure> = z.object({ from: time, to: time.nullable(), who: text, what: text })

const incident: z.ZodType<Incident> = z.object({
  id: count,
  kind: z.enum([
    'two-masters',
    'orphaned-address',
    'two-holders',
    'no-master',
    'takeover',
    'outage',
    'hand-over',
    'preemption',
    'adverts-lost',
  ]),
  from: time,
  to: time.nullable(),
  before: text.nullable(),
  after: text.nullable(),
  takeoverMs: count.nullable(),
  advertsLost: count,
  twoMasters: z.array(stretch).max(shadowLimits.stretches),
  twoHolders: z.array(stretch).max(shadowLimits.stretches),
  outages: z.array(stretch).max(shadowLimits.stretches),
  events: z.array(z.object({ at: time, text })).max(shadowLimits.events),
  moreEvents: count,
  promised: z
    .array(
      z.object({
        onControlLoss: z.enum(['release', 'keep']),
        action: z.enum(['take', 'hand-over', 'wait', 'nothing']),
        because: text,
        takeoverMs: z.object({ least: count, most: count }).nullable(),
        holders: text,
        assuming: text,
      }),
    )
    .max(4),
})

const router: z.ZodType<RouterReport> = z.object({
  name: text,
  interface: text,
  routerId: z.int().min(1).max(255),
  family: z.union([z.literal(4), z.literal(6)]),
  version: z.union([z.literal(2), z.literal(3)]),
  priority: count,
  advertMs: count,
  downAdverts: count,
  addresses: z.array(text).max(4_096),
  totals: z.object({
    adverts: count,
    advertsLost: count,
    advertsRefused: count,
    takeovers: count,
    incidents: count,
    twoMastersMs: count,
    twoHoldersMs: count,
    outageMs: count,
    probes: count,
    probesFailed: count,
  }),
  masters: z.array(tenure).max(shadowLimits.tenures),
  holders: z.array(tenure).max(shadowLimits.tenures),
  incidents: z.array(incident).max(shadowLimits.incidents),
})

/** A report that was written before: by this version or another, or by hand. */
export const shadowReportSchema: z.ZodType<ShadowReport> = z.object({
  format: z.literal(1),
  version: text,
  host: text,
  file: text,
  updatedAt: time,
  runs: z.array(stretch).max(shadowLimits.runs),
  settings: z.object({ check: text, probeEveryMs: count, ttlMs: count }),
  observer: z.object({ framesDropped: count, longestPauseMs: count, blindMs: count }),
  notes: z.array(text).max(shadowLimits.notes),
  routers: z.array(router).max(4_096),
})
