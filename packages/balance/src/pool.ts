import type { TargetState } from '@hotspare/core'
import type { Outcome } from './algorithm.ts'
import { Choosers } from './choosers.ts'
import { misuse } from './errors.ts'
import { explainPool, type PoolExplanation } from './explanation.ts'
import type { Key } from './key-hash.ts'
import { Levels } from './levels.ts'
import { checkWeight, isFull, type Member, toMembers } from './member.ts'
import { Picker } from './picker.ts'
import { type PoolOptions, readPoolOptions } from './pool-options.ts'
import { Ramps } from './ramps.ts'
import type { PassiveState, PickContext, PickReason, PoolTarget, TargetPick } from './target.ts'
import { Traffic } from './traffic.ts'

/** One line of a pool's {@link Pool.snapshot}. */
export interface TargetSnapshot {
  readonly id: string
  /** As it is now: `setWeight` changes it. */
  readonly weight: number
  readonly tier: number
  readonly state: TargetState
  readonly passive: PassiveState
  /** Picks that are not done yet. */
  readonly active: number
  /** Picks since the pool was made. */
  readonly picks: number
}

/** Chooses a target for each request, by health, preference and load. Synchronous, without timers or I/O. */
export interface Pool<Target extends PoolTarget> {
  /** @returns a target and a slot to give back with `done()`; undefined where no target may be picked, or all that may be are full */
  pick(context?: PickContext): TargetPick<Target> | undefined
  /**
   * Says what is known of a target; all start `unknown`. The order of preference is worked out here, not in a pick.
   *
   * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for an id that the pool does not have, or a state that is none
   */
  setState(id: string, state: TargetState): void
  /**
   * Says what the requests to a target show, apart from its health; all start `available`. One that is put aside gets
   * nothing while another can be picked.
   *
   * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for an id that the pool does not have, or a state that is none
   */
  setPassive(id: string, passive: PassiveState): void
  /**
   * Gives a target another weight, 0 to 1,000,000; 0 drains. An algorithm that keeps a table builds it anew.
   *
   * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for an id that the pool does not have, or a weight out of range
   */
  setWeight(id: string, weight: number): void
  /** The targets as they are now, in the order that the pool was given. */
  snapshot(): readonly TargetSnapshot[]
  /** Where the next first attempt goes, and why; with a key, where that key goes. Changes nothing. */
  explain(key?: Key): PoolExplanation
  /**
   * Calls back when a target may have become free: a full one has room again, or a state or a weight has changed. What
   * a callback throws comes out of the call that made the change, when all is done and all the others have been told.
   *
   * @returns takes the callback back
   */
  watch(callback: () => void): () => void
}

/** @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for targets that make no pool (doubled ids, weights or tiers out of range) and for options that it does not know */
export function createPool<Target extends PoolTarget>(options: PoolOptions<Target>): Pool<Target> {
  const { algorithm, clock, slowStart, panic, ...spread } = readPoolOptions(options)
  const members = toMembers(options.targets, spread.zones.length > 0)
  const byId = new Map(members.map((member) => [member.id, member]))
  // A table of keys does not follow a weight that moves: a key would move with it, and back again.
  const ramps = new Ramps<Target>(algorithm.keyed ? undefined : slowStart)
  const choosers = new Choosers(algorithm, members, { clock })
  const levels = new Levels(members, choosers, ramps, { panic, ...spread })
  const traffic = new Traffic(members, levels, spread, slowStart)
  const picker = new Picker(byId, traffic, algorithm.keyed)
  const watchers = new Set<{ readonly callback: () => void }>()

  rearrange(0)

  function rearrange(nowMs: number): void {
    const order = levels.build()
    ramps.refresh(nowMs)
    traffic.rearrange(order, nowMs)
    picker.rearrange(order)
  }

  /** Before each pick: time has gone by. */
  function refresh(): void {
    if (!ramps.active && !traffic.moves) return
    const nowMs = clock.monotonicMs()
    ramps.refresh(nowMs)
    traffic.refresh(nowMs)
  }

  /** All of them, before what one throws comes out: others wait for the room that they are told of. */
  function tellWatchers(): void {
    const thrown: unknown[] = []
    // A copy: one that watches anew when it is called waits for the next time.
    const told = [...watchers]
    for (const watcher of told) {
      if (!watchers.has(watcher)) continue
      try {
        watcher.callback()
      } catch (error) {
        thrown.push(error)
      }
    }
    if (thrown.length > 0) throw thrown[0]
  }

  function changed(member: Member<Target>): void {
    const nowMs = slowStart ? clock.monotonicMs() : 0
    ramps.changed(member, nowMs)
    rearrange(nowMs)
    tellWatchers()
  }

  function memberOf(id: string, what: string): Member<Target> {
    const member = byId.get(id)
    if (!member) throw misuse(`target "${id}" is not in the pool: its ${what} cannot be set`)
    return member
  }

  function take(member: Member<Target>, reason: PickReason): TargetPick<Target> {
    member.active += 1
    member.picks += 1
    if (isFull(member)) for (const set of member.sets) set.leave(member)
    let held = true
    return {
      target: member.target,
      reason,
      done(outcome) {
        if (!held) return
        held = false
        release(member, outcome)
      },
    }
  }

  function release(member: Member<Target>, outcome: Outcome | undefined): void {
    const wasFull = isFull(member)
    member.active -= 1
    if (outcome) choosers.of(member).finished?.(member, outcome)
    if (!wasFull) return
    for (const set of member.sets) set.enter(member)
    tellWatchers()
  }

  function explain(key: Key | undefined): PoolExplanation {
    refresh()
    const told = explainPool(members, traffic.shares(), panic, picker.roomy())
    if (key === undefined) return told
    if (!algorithm.keyed) return { ...told, because: `${algorithm.name} does not look at keys; ${told.because}` }
    const member = picker.pick({ key })
    if (!member) return told
    const because = `the key goes to ${member.id} by ${algorithm.name}; ${told.because}`
    return { ...told, tier: member.tier, reason: picker.reason, target: member.id, because }
  }

  return {
    pick(context) {
      refresh()
      const member = picker.pick(context)
      return member && take(member, picker.reason)
    },
    setState(id, state) {
      const member = memberOf(id, 'state')
      if (!states.has(state)) throw misuse(`target "${id}" cannot be "${state}": write one of ${[...states].join(', ')}`)
      if (member.state === state) return
      member.state = state
      changed(member)
    },
    setPassive(id, passive) {
      const member = memberOf(id, 'passive state')
      if (!passives.has(passive)) throw misuse(`target "${id}" cannot be "${passive}": write one of ${[...passives].join(', ')}`)
      if (member.passive === passive) return
      member.passive = passive
      changed(member)
    },
    setWeight(id, weight) {
      const member = memberOf(id, 'weight')
      checkWeight(id, weight)
      if (member.fullWeight === weight) return
      member.fullWeight = weight
      member.weight = weight
      choosers.weightChanged(member)
      changed(member)
    },
    snapshot: () =>
      members.map(({ id, fullWeight, tier, state, passive, active, picks }) => {
        return { id, weight: fullWeight, tier, state, passive, active, picks }
      }),
    explain,
    watch(callback) {
      if (typeof callback !== 'function') throw misuse('watch: the callback is no function')
      // An object of its own, so that the same callback may be given twice.
      const watcher = { callback }
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
  }
}

const states: ReadonlySet<TargetState> = new Set<TargetState>(['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining'])
const passives: ReadonlySet<PassiveState> = new Set<PassiveState>(['available', 'backing-off', 'ejected'])
