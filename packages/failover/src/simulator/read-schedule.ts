import { clipDetail, HotspareError } from '@hotspare/core'
import { z } from 'zod'
import { definitionSchema } from '../options.ts'
import { ARBITER, type Fault } from './fault.ts'
import type { Schedule, ServiceSpec } from './schedule.ts'

const MOST_NODES = 64
const MOST_SERVICES = 64
const MOST_FAULTS = 10_000
/** As many as people read. */
const MOST_PROBLEMS = 5
/** A day: a run is no place to live. */
const LONGEST_MS = 86_400_000

const name = z.string().min(1).max(256)
const timeMs = z.number().nonnegative().max(LONGEST_MS)
const ratio = z.number().min(0).max(1)
const amounts = z.record(name, z.number().positive())
const count = z.int().min(1).max(1_000)

const moment = z.union([
  timeMs,
  z.strictObject({ after: z.enum(['plan', 'grant']), nth: count.max(Number.MAX_SAFE_INTEGER), delayMs: timeMs }),
])
const base = { atMs: moment }
const lasting = { ...base, forMs: timeMs.optional() }
const onNode = { node: name }
const onService = { ...onNode, service: name.optional() }

const faultSchema: z.ZodType<Fault> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(['pause', 'suspend', 'power', 'control-dead', 'hold', 'maintenance', 'stop', 'disagree', 'fence-dead']),
    ...lasting,
    ...onNode,
  }),
  z.strictObject({ type: z.literal('stutter'), ...lasting, ...onNode, pauseMs: timeMs, runMs: timeMs }),
  z.strictObject({ type: z.literal('crash'), ...lasting, ...onNode, told: z.boolean() }),
  z.strictObject({ type: z.literal('clock-rate'), ...base, ...onNode, rate: z.number().positive().max(100) }),
  z.strictObject({ type: z.enum(['wall-jump', 'boot-jump']), ...base, ...onNode, byMs: z.number().min(-LONGEST_MS).max(LONGEST_MS) }),
  z.strictObject({ type: z.literal('service-dead'), ...lasting, ...onService }),
  z.strictObject({
    type: z.literal('actuator'),
    ...lasting,
    ...onService,
    how: z.enum(['slow', 'refuses', 'throws', 'hangs']),
    verb: z.enum(['acquire', 'release']).optional(),
    byMs: timeMs.optional(),
  }),
  z.strictObject({ type: z.literal('partition'), ...lasting, sides: z.array(z.array(name)) }),
  z.strictObject({ type: z.literal('cut'), ...lasting, from: z.array(name), to: z.array(name) }),
  z.strictObject({
    type: z.literal('rough'),
    ...lasting,
    way: z.strictObject({ from: name, to: name }).optional(),
    lossRatio: ratio.optional(),
    delayMs: z.tuple([timeMs, timeMs]).optional(),
    duplicateRatio: ratio.optional(),
    lateRatio: ratio.optional(),
    lateMs: timeMs.optional(),
  }),
  z.strictObject({ type: z.enum(['arbiter-killed', 'arbiter-paused']), ...lasting }),
  z.strictObject({ type: z.literal('arbiter-slow'), ...lasting, byMs: timeMs }),
  z.strictObject({ type: z.literal('provider-down'), ...lasting, provider: name.optional() }),
  z.strictObject({ type: z.literal('provider-slow'), ...lasting, provider: name.optional(), byMs: timeMs }),
  z.strictObject({ type: z.literal('fence-slow'), ...lasting, ...onNode, byMs: timeMs }),
  z.strictObject({ type: z.literal('command'), ...base, ...onService, command: z.enum(['switchover', 'failover']), to: name.optional() }),
])

const look = z.strictObject({
  intervalMs: timeMs.positive(),
  fastMs: timeMs.positive(),
  timeoutMs: timeMs.positive(),
  answerMs: timeMs,
  fall: count,
  rise: count,
})

const serviceSchema: z.ZodType<ServiceSpec> = z.strictObject({
  definition: definitionSchema,
  ttlMs: timeMs.positive().optional(),
  check: look.partial().optional(),
  look: look.partial().optional(),
  address: z
    .strictObject({
      probeMs: timeMs,
      commandMs: timeMs,
      refreshMs: timeMs.positive(),
      gateMarginMs: timeMs,
      kernelLatenessMs: timeMs,
      allowedMs: timeMs.positive(),
    })
    .partial()
    .optional(),
  moved: z
    .strictObject({
      provider: name,
      shape: z.enum(['atomic', 'release-then-take']),
      takesMs: timeMs,
      answerMs: timeMs,
      allowedMs: z.strictObject({ acquire: timeMs.positive(), release: timeMs.positive() }),
      lookEveryMs: timeMs.positive(),
    })
    .optional(),
  scripts: z
    .array(z.strictObject({ takesMs: timeMs, allowedMs: timeMs.positive() }))
    .max(100)
    .optional(),
  records: z.int().min(0).max(100).optional(),
})

const scheduleSchema: z.ZodType<Schedule> = z
  .strictObject({
    seed: z.int(),
    site: z.strictObject({
      nodes: z
        .array(z.strictObject({ name, site: name.optional() }))
        .min(1)
        .max(MOST_NODES),
      services: z.array(serviceSchema).max(MOST_SERVICES),
      arbiter: z.boolean().optional(),
      heartbeat: z.strictObject({ intervalMs: timeMs.positive(), timeoutMs: timeMs.positive() }).partial().optional(),
      rules: z.record(z.string(), z.number()).optional(),
      capacity: z.strictObject({ nodes: amounts, loads: amounts }).optional(),
      fencing: z.record(name, z.strictObject({ takesMs: timeMs, allowedMs: timeMs.positive(), backMs: timeMs.optional() })).optional(),
    }),
    clocks: z
      .record(
        name,
        z.strictObject({ rate: z.number().positive().max(100), startMs: z.number().nonnegative(), processAtMs: timeMs }).partial(),
      )
      .optional(),
    faults: z.array(faultSchema).max(MOST_FAULTS),
    calmAtMs: timeMs,
    calmMs: timeMs.optional(),
    settledMs: timeMs.positive().optional(),
  })
  .superRefine(({ site }, context) => {
    const names = new Set(site.nodes.map((node) => node.name))
    if (names.size < site.nodes.length || names.has(ARBITER))
      context.addIssue({ code: 'custom', path: ['site', 'nodes'], message: `names have to be different, and none is "${ARBITER}"` })
    for (const [index, { definition }] of site.services.entries())
      for (const member of definition.members) {
        const path = ['site', 'services', index]
        if (!names.has(member)) context.addIssue({ code: 'custom', path, message: `there is no node "${member}"` })
        if (definition.fencing && !Object.hasOwn(site.fencing ?? {}, member))
          context.addIssue({ code: 'custom', path, message: `nothing switches "${member}" off` })
      }
  })

/**
 * Reads a schedule that somebody has kept: the parsed JSON of one. The engine itself looks at services and rules when it is made.
 *
 * @throws HotspareError `HOTSPARE_FAILOVER_SCHEDULE` that names what is wrong
 */
export function readSchedule(json: unknown): Schedule {
  const parsed = scheduleSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.slice(0, MOST_PROBLEMS).map(({ path, message }) => `${path.join('.')}: ${clipDetail(message)}`)
  throw new HotspareError({ code: 'HOTSPARE_FAILOVER_SCHEDULE', message: `simulator: this is no schedule: ${problems.join('; ')}` })
}
