import type { DecisionRules } from '../decision.ts'
import type { CapacityOptions } from '../room.ts'
import type { ServiceDefinition } from '../service.ts'
import type { Fault } from './fault.ts'

/** Some of the values; what is left out, or undefined, is as by default. */
export type Some<Values> = { readonly [Key in keyof Values]?: Values[Key] | undefined }

/** A machine that runs Hotspare. */
export interface NodeSpec {
  readonly name: string
  /** Its data centre. */
  readonly site?: string | undefined
}

/** How something is looked at, again and again; all in milliseconds but the last two. */
export interface LookSpec {
  readonly intervalMs: number
  /** While the verdict may be about to change. Default: `intervalMs` */
  readonly fastMs?: number | undefined
  readonly timeoutMs: number
  /** What the service takes to answer, at most. */
  readonly answerMs: number
  /** Failures in a row that make it down. */
  readonly fall: number
  /** Successes in a row that make it up again. */
  readonly rise: number
}

/** How an address is held, all in milliseconds. */
export interface AddressSpec {
  /** How long the network is asked whether somebody has it. */
  readonly probeMs: number
  /** What adding or removing it takes at most. */
  readonly commandMs: number
  /** How often the kernel is told of a renewed right. */
  readonly refreshMs: number
  /** How long before the right's end the gate shuts. */
  readonly gateMarginMs: number
  /** How late the kernel may shut it: less than the margin. */
  readonly kernelLatenessMs: number
  /** How long a plan waits for it to be added. */
  readonly allowedMs: number
}

/** An address that a provider moves by its API, and not this machine; all times in milliseconds. */
export interface MovedSpec {
  /** Names the provider: one that is down is down for all that it moves. */
  readonly provider: string
  /** `atomic`: one call takes it from whoever has it. `release-then-take`: between two calls nobody has it. */
  readonly shape: 'atomic' | 'release-then-take'
  /** From a call that moves it to its being there. */
  readonly takesMs: number
  /** What any other call takes at most. */
  readonly answerMs: number
  readonly allowedMs: { readonly acquire: number; readonly release: number }
  /** How old what was seen may be before it is looked at again. */
  readonly lookEveryMs: number
}

/** Something else that follows the active member and does as it is told, as a script; in milliseconds. */
export interface ScriptSpec {
  /** What each verb takes at most. */
  readonly takesMs: number
  /** For each verb. */
  readonly allowedMs: number
}

/** What switches one node off; in milliseconds. */
export interface FenceSpec {
  /** Until its power has gone, and that is certain. */
  readonly takesMs: number
  /** After this it is given up: one that does not answer takes all of it. */
  readonly allowedMs: number
  /** When somebody switches the node on again. Default: at the calm */
  readonly backMs?: number | undefined
}

/** A service, and how it is watched and held. What is left out is as in {@link serviceSpecDefaults}. */
export interface ServiceSpec {
  readonly definition: ServiceDefinition
  /** Of its lease, in milliseconds. */
  readonly ttlMs?: number | undefined
  readonly check?: Some<LookSpec> | undefined
  /** How its address is looked at from outside; only that of a `keep` service is. */
  readonly look?: Some<LookSpec> | undefined
  readonly address?: Some<AddressSpec> | undefined
  /** Its address is one that a provider moves. Default: it is this machine's to hold, as `address` says */
  readonly moved?: MovedSpec | undefined
  /** What follows the active member besides, in the order in which it is acquired. Default: nothing */
  readonly scripts?: readonly ScriptSpec[] | undefined
  /** How many resources follow the active member besides its address: each takes a command to bring and to let go of. Default: 0 */
  readonly records?: number | undefined
}

/** What is simulated. */
export interface SiteSpec {
  readonly nodes: readonly NodeSpec[]
  readonly services: readonly ServiceSpec[]
  /** Whether an arbiter keeps the leases; without one, members agree among themselves. Default: true */
  readonly arbiter?: boolean | undefined
  readonly heartbeat?: Some<HeartbeatSpec> | undefined
  /** What nodes can carry, and services ask for. Default: nobody counts */
  readonly capacity?: CapacityOptions | undefined
  /** By node: what switches it off. Needed for the members of services with `fencing`. */
  readonly fencing?: Readonly<Record<string, FenceSpec>> | undefined
  /** Limits of the engine's decisions. Default: the engine's own */
  readonly rules?: Some<DecisionRules> | undefined
}

export interface HeartbeatSpec {
  readonly intervalMs: number
  /** Silence that convicts a peer. */
  readonly timeoutMs: number
}

/** How one machine keeps time, and when Hotspare starts on it. */
export interface ClockSpec {
  /** Milliseconds that its clocks show for each that passes. Default: 1 */
  readonly rate?: number | undefined
  /** What its monotonic clock shows at first. Default: 1,000,000 */
  readonly startMs?: number | undefined
  /** When its process starts, in true milliseconds. Default: 0 */
  readonly processAtMs?: number | undefined
}

/** A whole run as data: plain JSON, and the same schedule gives the same run. */
export interface Schedule {
  /** For all that chance decides besides the faults: how long packets take, and what happens first of two things at once. */
  readonly seed: number
  readonly site: SiteSpec
  /** By node; what is left out has good clocks. */
  readonly clocks?: Readonly<Record<string, ClockSpec>> | undefined
  readonly faults: readonly Fault[]
  /** When everything is mended at the latest, in true milliseconds. */
  readonly calmAtMs: number
  /** How long it is watched from then on, at most. Default: long enough for whatever the faults have left behind */
  readonly calmMs?: number | undefined
  /** The calm ends once everything has been as it should for so long. Default: it does not end early */
  readonly settledMs?: number | undefined
}
