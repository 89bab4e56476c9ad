import { type Clock, errorText, type Logger, optionsError, silentLogger, systemClock } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import { z } from 'zod'
import { bootTime } from './boot-time.ts'
import type { DecisionRules } from './decision.ts'
import { decisionDefaults, engineDefaults } from './defaults.ts'
import { type Instructions, makePlan } from './make-plan.ts'
import type { FencePort, LeasePort, PeersPort, PeoplePort } from './ports.ts'
import { relationsOf } from './relations.ts'
import type { CapacityOptions } from './room.ts'
import type { FailbackPolicy, FencingPolicy, ServiceDefinition } from './service.ts'
import type { ServiceParts } from './service-parts.ts'

/** What the engine of one node needs. */
export interface FailoverOptions {
  /** This node's name. */
  readonly node: string
  /** All other nodes. */
  readonly peerNodes: readonly string[]
  /** Those that this node has a part in, as a member or as one that only watches. */
  readonly services: readonly ServiceParts[]
  readonly peers: PeersPort
  readonly people: PeoplePort
  /** Switches other nodes off. Needed for services with fencing alone. */
  readonly fence?: FencePort | undefined
  /**
   * How long before the end of a right that is not renewed any more the services with `release` are let go of, in milliseconds: a
   * watchdog would reset the machine then. Asked again and again. Default: 0
   */
  readonly reserveMs?: (() => number) | undefined
  /** How much nodes can carry: a service goes to a member with room first, and to one without where there is no other. Default: nobody counts */
  readonly capacity?: CapacityOptions | undefined
  /** How this node's resources would show up from outside, such as hardware addresses; told to the peers. Default: none */
  readonly identities?: (() => readonly string[]) | undefined
  /** Limits of the decisions. Default: {@link decisionDefaults} */
  readonly rules?: { readonly [Rule in keyof DecisionRules]?: DecisionRules[Rule] | undefined } | undefined
  /** A pause of this process beyond which it does not trust what it saw, in milliseconds. Default: 300 */
  readonly pauseMs?: number | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** Milliseconds since boot, suspended time included. Default: the machine's, or the monotonic clock of a `clock` that is not the system's */
  readonly bootMs?: (() => number) | undefined
  /** Told of listeners that throw. Default: silent */
  readonly logger?: Logger | undefined
}

/** {@link FailoverOptions}, checked and complete. */
export interface ResolvedFailoverOptions {
  readonly node: string
  readonly peerNodes: readonly string[]
  readonly services: readonly ServiceParts[]
  readonly peers: PeersPort
  readonly people: PeoplePort
  readonly fence: FencePort | undefined
  readonly reserveMs: () => number
  readonly capacity?: CapacityOptions | undefined
  readonly identities: () => readonly string[]
  readonly rules: DecisionRules
  readonly pauseMs: number
  readonly clock: Clock
  readonly bootMs: () => number
  readonly logger: Logger
}

/** Long enough for a full host name, and peers read it. */
const LONGEST_NAME = 256
const MOST_SERVICES = 1_000

const name = z.string().min(1).max(LONGEST_NAME)
const names = z.array(name).refine(areUnique, 'names have to be different')
const durationMs = z.number().min(0).max(Number.MAX_SAFE_INTEGER)

const amountsSchema = z.record(name, z.number().positive())

const failbackSchema: z.ZodType<FailbackPolicy, FailbackPolicy> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('manual') }),
  z.strictObject({ type: z.literal('after'), holdMs: durationMs }),
])

const fencingSchema: z.ZodType<FencingPolicy, FencingPolicy> = z.strictObject({
  mode: z.enum(['required', 'automatic']),
  startDelayMs: durationMs,
})

export const definitionSchema: z.ZodType<ServiceDefinition, ServiceDefinition> = z.strictObject({
  name,
  members: names.min(1, 'a service needs a member'),
  onControlLoss: z.enum(['keep', 'release']),
  failback: failbackSchema,
  maxFailoversPerHour: z.int().min(1),
  isLookedAt: z.boolean().optional(),
  after: names.optional(),
  with: name.optional(),
  apartFrom: names.optional(),
  priority: z.int().min(-1_000).max(1_000).optional(),
  fencing: fencingSchema.optional(),
})

const servicePartsSchema: z.ZodType<ServiceParts, ServiceParts> = z.strictObject({
  definition: definitionSchema,
  lease: withMethods<LeasePort>('a lease', ['start', 'verdict', 'acquire', 'look', 'subscribe', 'stop']),
  resources: z
    .array(withMethods<Resource>('a resource', ['instruction', 'observe', 'acquire', 'release']))
    .refine((resources) => areUnique(resources.map(({ id }) => id)), 'their ids have to be different'),
  instructions: withMethods<Instructions>('instructions', ['prepare', 'lease', 'resource']),
  hasCheck: z.boolean(),
})

const rulesSchema: z.ZodType<DecisionRules, NonNullable<FailoverOptions['rules']>> = z.strictObject({
  settleMs: durationMs.default(decisionDefaults.settleMs),
  staggerMs: durationMs.default(decisionDefaults.staggerMs),
  aloneMs: durationMs.default(decisionDefaults.aloneMs),
  unfitAfter: z.int().min(1).default(decisionDefaults.unfitAfter),
  yieldMs: durationMs.default(decisionDefaults.yieldMs),
})

/** The options as a schema. */
const failoverOptionsSchema: z.ZodType<ResolvedFailoverOptions, FailoverOptions> = z
  .strictObject({
    node: name,
    peerNodes: names,
    services: z
      .array(servicePartsSchema)
      .max(MOST_SERVICES)
      .refine((services) => areUnique(services.map(({ definition }) => definition.name)), 'two services have one name'),
    peers: withMethods<PeersPort>('peers', ['verdict', 'agrees', 'request', 'subscribe']),
    people: withMethods<PeoplePort>('people', ['hold', 'maintenance']),
    fence: withMethods<FencePort>('a fence', ['fence', 'isOff']).optional(),
    reserveMs: functionSchema<() => number>().optional(),
    capacity: z.strictObject({ nodes: amountsSchema, loads: amountsSchema }).optional(),
    identities: functionSchema<() => readonly string[]>().optional(),
    rules: rulesSchema.prefault({}),
    pauseMs: z.number().positive().max(Number.MAX_SAFE_INTEGER).default(engineDefaults.pauseMs),
    clock: withMethods<Clock>('a Clock', ['monotonicMs', 'wallMs', 'schedule']).default(systemClock),
    bootMs: functionSchema<() => number>().optional(),
    logger: withMethods<Logger>('a Logger', ['debug', 'info', 'warn', 'error']).default(silentLogger),
  })
  .refine(({ node, peerNodes }) => !peerNodes.includes(node), { path: ['peerNodes'], message: 'this node is no peer of its own' })
  .superRefine(({ node, services, fence }, context) => {
    for (const [index, parts] of services.entries()) {
      const problem = instructionsProblem(node, parts)
      if (parts.definition.fencing && !fence) context.addIssue({ code: 'custom', path: ['fence'], message: 'a service has fencing' })
      for (const { key, message } of relationProblems(
        parts.definition,
        services.map(({ definition }) => definition),
      ))
        context.addIssue({ code: 'custom', path: ['services', index, 'definition', key], message })
      if (problem !== undefined) context.addIssue({ code: 'custom', path: ['services', index, 'instructions'], message: problem })
    }
  })
  .transform(({ identities, bootMs, fence, reserveMs, ...rest }) => {
    return {
      ...rest,
      fence,
      reserveMs: reserveMs ?? (() => 0),
      identities: identities ?? (() => []),
      bootMs: bootMs ?? bootTime(rest.clock),
    }
  })

/** @throws HotspareError `HOTSPARE_FAILOVER_OPTIONS` that names each wrong option */
export function resolveFailoverOptions(options: FailoverOptions): ResolvedFailoverOptions {
  const parsed = failoverOptionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_FAILOVER_OPTIONS', who: 'failover', issues: parsed.error.issues })
}

/** What a service says of others, and what cannot be. */
function relationProblems(
  definition: ServiceDefinition,
  all: readonly ServiceDefinition[],
): readonly { readonly key: 'after' | 'with'; readonly message: string }[] {
  const leader = all.find((each) => each.name === definition.with)
  const waits = relationsOf(definition, all).isCircle
  return [
    ...(waits ? [{ key: definition.after === undefined ? 'with' : 'after', message: 'it waits for itself' } as const] : []),
    ...(definition.with !== undefined && !leader ? [{ key: 'with', message: 'there is no such service' } as const] : []),
    ...(leader && !haveSameMembers(definition, leader) ? [{ key: 'with', message: 'its members are others' } as const] : []),
  ]
}

function haveSameMembers({ members }: ServiceDefinition, leader: ServiceDefinition): boolean {
  return members.length === leader.members.length && members.every((node) => leader.members.includes(node))
}

/** Every step on every member is spelled out once: in an outage it would be too late to find that one is incomplete. */
function instructionsProblem(here: string, { definition, resources, instructions }: ServiceParts): string | undefined {
  const facts = resources.map(({ id }) => ({ id, verdict: { state: 'absent', since: 0, because: 'not looked at' } as const }))
  try {
    for (const node of definition.members) {
      const move = { type: 'hand-over', purpose: 'failover', from: node, to: node, because: 'every step of a node' } as const
      makePlan(definition, { node, resources: facts }, move, instructions)
      for (const from of definition.members) {
        // What a takeover from another member would be: with the fence, where there is one.
        makePlan(
          definition,
          { node, resources: facts },
          { type: 'take', purpose: 'failover', from, to: node, because: 'every step' },
          instructions,
        )
      }
    }
    // A node that only watches may find there what it has to let go of.
    makePlan(definition, { node: here, resources: facts }, { type: 'let-go', purpose: 'release', because: 'it is here' }, instructions)
    return undefined
  } catch (error) {
    return errorText(error)
  }
}

function functionSchema<Call>(): z.ZodType<Call, Call> {
  return z.custom<Call>((value) => typeof value === 'function', 'expected a function')
}

function withMethods<Port>(what: string, methods: readonly (keyof Port & string)[]): z.ZodType<Port, Port> {
  return z.custom<Port>((value) => methods.every((method) => hasMethod(value, method)), `expected ${what} with ${methods.join(', ')}`)
}

function hasMethod(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}

function areUnique(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length
}
