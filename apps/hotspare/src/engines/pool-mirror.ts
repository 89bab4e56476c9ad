import { createPool, MAX_WEIGHT, type Pool, type PoolExplanation, roundRobin } from '@hotspare/balance'
import type { TargetState } from '@hotspare/core'
import type { EngineMember } from '@hotspare/proxy/haproxy'
import type { PoolConfig, TargetConfig } from '../config/config.ts'

interface MirroredTarget {
  readonly config: TargetConfig
  state: TargetState
  weight: number
}

/**
 * What a pool would do with requests, said as members of an engine. It is told what the worker is told, and asks the pool of
 * `@hotspare/balance` itself who may be picked: tiers, panic and overprovisioning are decided there and nowhere else. How an
 * engine then spreads requests over those who serve is the engine's.
 */
export class PoolMirror {
  readonly #pool: Pool<TargetConfig>
  readonly #targets: ReadonlyMap<string, MirroredTarget>

  /** @param states what was last known of each target, before this one began to listen */
  constructor({ targets, panic, panicThreshold, overprovisioningFactor }: PoolConfig, states?: ReadonlyMap<string, TargetState>) {
    this.#pool = createPool({
      // What an engine has under way, the pool does not see: here nobody is full.
      targets: targets.map((target) => ({ ...target, limit: undefined })),
      algorithm: roundRobin(),
      panic,
      panicThreshold,
      overprovisioningFactor,
    })
    this.#targets = new Map(targets.map((config) => [config.id, { config, state: 'unknown', weight: config.weight }]))
    for (const { id } of targets) this.setState(id, states?.get(id) ?? 'unknown')
  }

  /** @returns whether the target is one of this pool */
  setState(targetId: string, state: TargetState): boolean {
    const target = this.#targets.get(targetId)
    if (!target) return false
    target.state = state
    this.#pool.setState(targetId, state)
    return true
  }

  /** @param share of the weight that the file gives it; 0 drains */
  setShare(targetId: string, share: number): boolean {
    const target = this.#targets.get(targetId)
    if (!target) return false
    target.weight = Math.min(MAX_WEIGHT, target.config.weight * share)
    this.#pool.setWeight(targetId, target.weight)
    return true
  }

  /** Whether each target has been judged: before that, nothing that an engine does already is touched. */
  isKnown(): boolean {
    return [...this.#targets.values()].every(({ state }) => state !== 'unknown')
  }

  /** Who serves and why, in words. */
  because(): string {
    return this.#pool.explain().because
  }

  members(): readonly EngineMember[] {
    const shares = sharesOf(this.#pool.explain(), this.#targets)
    return [...this.#targets.values()].map(({ config: { id, name, host, port }, state, weight }) => {
      const share = shares.get(id) ?? 0
      return { id: name, host, port, weight: share > 0 ? share : 1, state: share > 0 ? 'serve' : idleState(state, weight) }
    })
  }
}

/** What becomes of one that gets no traffic now. */
function idleState(state: TargetState, weight: number): EngineMember['state'] {
  if (state === 'down' || state === 'maintenance') return 'off'
  return state === 'draining' || weight === 0 ? 'drain' : 'spare'
}

/** Each candidate's part of the whole: its level's percent, divided by weight. */
function sharesOf({ candidates, shares }: PoolExplanation, targets: ReadonlyMap<string, MirroredTarget>): ReadonlyMap<string, number> {
  const members = [...new Set(candidates)].flatMap((id) => targets.get(id) ?? [])
  if (!shares) return new Map(members.map(({ config: { id }, weight }) => [id, weight]))
  const whole = new Map<string, number>()
  for (const [place, { tier, reason, percent }] of shares.entries()) {
    const ofTier = members.filter(({ config }) => config.tier === tier)
    // A tier has two levels at most, told in this order: those that are up, and then the degraded ones; in panic it is one.
    const [up, degraded] = [ofTier.filter(({ state }) => state === 'up'), ofTier.filter(({ state }) => state === 'degraded')]
    const isSecond = shares.findIndex((share) => share.tier === tier) < place
    const level = reason === 'panic' ? ofTier : up.length > 0 && !isSecond ? up : degraded
    const total = level.reduce((sum, { weight }) => sum + weight, 0)
    for (const { config, weight } of level) whole.set(config.id, (whole.get(config.id) ?? 0) + (percent * weight) / total)
  }
  return whole
}
