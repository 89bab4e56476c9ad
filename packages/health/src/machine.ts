import type { HealthState } from '@hotspare/core'
import type { ProbeResult } from './probe.ts'

/** How many results in a row change the state. */
export interface MachineRules {
  /** Passed probes that bring a target up again. */
  readonly rise: number
  /** Failed probes that mark a target down. */
  readonly fall: number
  /** Failed requests of real traffic that mark a target down; 0 switches it off. */
  readonly trafficFailures: number
  /** What is believed before anything was seen. Default: `unknown` */
  readonly initialState?: 'unknown' | 'up' | 'down' | undefined
}

export interface MachineState {
  readonly state: HealthState
  /**
   * HAProxy's counter, in [0, rise + fall - 1]: the target is down if and only if it is below `rise`.
   * A target that is still `unknown` counts from the top: it is not proven, but not guilty either.
   */
  readonly health: number
  /** Passed probes in a row; starts over when the target goes down. */
  readonly consecutivePasses: number
  /** Failed probes in a row. */
  readonly consecutiveFailures: number
  /** Failed requests in a row, since the last good request or passed probe. */
  readonly trafficFailures: number
  /** Full passes in a row that are missing to call it well again, after a degraded result; 0: none was seen. */
  readonly fullPassesLeft: number
}

/** What a probe saw, or what a request of real traffic met. */
export type MachineInput =
  | {
      readonly type: 'probe'
      readonly outcome: ProbeResult['outcome']
      /** The target has said itself that it is not there: nothing is counted. */
      readonly immediate?: boolean | undefined
      /** The way back is closed for now: passes count, and the last of them does not bring it up. */
      readonly held?: boolean | undefined
      /** One clause for people. */
      readonly detail: string
    }
  | { readonly type: 'traffic'; readonly ok: boolean; readonly detail: string }

type ProbeInput = Extract<MachineInput, { type: 'probe' }>

/** The one thing that the machine asks of its runner: to tell of a change. */
export interface MachineEffect {
  readonly type: 'transition'
  readonly from: HealthState
  readonly to: 'up' | 'degraded' | 'down'
  readonly because: string
}

export interface MachineStep {
  readonly state: MachineState
  readonly effects: readonly MachineEffect[]
}

const NO_EFFECTS: readonly MachineEffect[] = []

/** Where a target begins: in the state that is believed, with nothing counted. */
export function initialState(rules: MachineRules): MachineState {
  const { rise, fall, initialState: state = 'unknown' } = rules
  const health = state === 'down' ? 0 : rise + fall - 1
  return { state, health, consecutivePasses: 0, consecutiveFailures: 0, trafficFailures: 0, fullPassesLeft: 0 }
}

/**
 * The rise/fall machine. For probes it is HAProxy's counter: a failure takes one off, and below `rise` it drops to 0;
 * a pass adds one, and from `rise` on it jumps to the top, so one pass clears a streak of failures and the reverse.
 * At start-up one pass proves a target up (as Envoy), `fall` failures prove it down: one blip flips nothing.
 * One that is taken to be up or down at the start is so as HAProxy's `fully-up` and `fully-down`.
 *
 * A degraded result counts as passed. A target that is not down is `degraded` from the first such result on, and `up`
 * again after `rise` full passes in a row. A failure that the target has stated itself marks it down at once.
 *
 * Traffic alone can mark a target down, at once, and never up: a target that is down gets no traffic, so only probes
 * can see its return. A probe that could not look changes nothing: it moves no counter and clears no streak.
 */
export function step(state: MachineState, input: MachineInput, rules: MachineRules): MachineStep {
  if (input.type === 'traffic') return input.ok ? trafficPassed(state) : trafficFailed(state, input.detail, rules)
  if (input.outcome === 'inconclusive') return { state, effects: NO_EFFECTS }
  return input.outcome === 'fail' ? probeFailed(state, input, rules) : probePassed(state, input, rules)
}

function probePassed(state: MachineState, { outcome, held, detail }: ProbeInput, rules: MachineRules): MachineStep {
  const { rise, fall } = rules
  const raised = state.health + 1
  const stays = held === true && state.state === 'down' && raised >= rise
  const health = stays ? rise - 1 : raised >= rise ? rise + fall - 1 : raised
  const fullPassesLeft = outcome === 'degraded' ? rise : Math.max(0, state.fullPassesLeft - 1)
  const consecutivePasses = state.consecutivePasses + 1
  const next = { ...state, health, consecutivePasses, consecutiveFailures: 0, trafficFailures: 0, fullPassesLeft }
  const to = fullPassesLeft === 0 ? 'up' : 'degraded'
  if (health < rise || state.state === to) return { state: next, effects: NO_EFFECTS }
  const passed = `${inARow(passesThatCount(state.state, consecutivePasses, rise), 'probe')} passed${manner(state.state, to, outcome)}`
  return transition(next, to, `${passed}${clause(detail)}`)
}

/** How it has passed, where that is what the change is about. */
function manner(from: HealthState, to: MachineEffect['to'], outcome: ProbeResult['outcome']): string {
  if (to === 'degraded') return outcome === 'degraded' ? ', though not as it should' : ', though not each of them as it should'
  return from === 'degraded' ? ' in full' : ''
}

/** How many of the passes in a row have made the change. */
function passesThatCount(from: HealthState, consecutivePasses: number, rise: number): number {
  if (from === 'down') return consecutivePasses
  return from === 'degraded' ? rise : 1
}

function probeFailed(state: MachineState, { immediate, detail }: ProbeInput, rules: MachineRules): MachineStep {
  const lowered = state.health - 1
  const health = immediate === true || lowered < rules.rise ? 0 : lowered
  const fullPassesLeft = state.fullPassesLeft === 0 ? 0 : rules.rise
  const next = { ...state, health, consecutivePasses: 0, consecutiveFailures: state.consecutiveFailures + 1, fullPassesLeft }
  if (health >= rules.rise || state.state === 'down') return { state: next, effects: NO_EFFECTS }
  const because = immediate === true ? `it says so itself${clause(detail)}` : `${inARow(rules.fall, 'probe')} failed${clause(detail)}`
  return transition(next, 'down', because)
}

function trafficPassed(state: MachineState): MachineStep {
  return { state: state.trafficFailures === 0 ? state : { ...state, trafficFailures: 0 }, effects: NO_EFFECTS }
}

function trafficFailed(state: MachineState, detail: string, rules: MachineRules): MachineStep {
  if (state.state === 'down') return { state, effects: NO_EFFECTS }
  const next = { ...state, trafficFailures: state.trafficFailures + 1 }
  if (rules.trafficFailures === 0 || next.trafficFailures < rules.trafficFailures) return { state: next, effects: NO_EFFECTS }
  const because = `${inARow(rules.trafficFailures, 'request')} failed${clause(detail)}`
  return transition({ ...next, health: 0, consecutivePasses: 0 }, 'down', because)
}

function transition(state: MachineState, to: MachineEffect['to'], because: string): MachineStep {
  return { state: { ...state, state: to }, effects: [{ type: 'transition', from: state.state, to, because }] }
}

function inARow(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s in a row`
}

function clause(detail: string): string {
  return detail === '' ? '' : `: ${detail}`
}
