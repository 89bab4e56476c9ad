import type { PoolExplanation, PoolMember } from '@hotspare/api'
import type { TargetSnapshot } from '@hotspare/balance'
import { keyOfPool } from './config/balance-words.ts'
import type { PoolConfig, TargetConfig } from './config/config.ts'
import { quote } from './config/problem.ts'
import type { WorkerExplanation } from './process/messages.ts'

export interface PoolFacts {
  readonly pool: Pick<PoolConfig, 'name' | 'balance' | 'targets' | 'sticky'>
  readonly key: string | undefined
  /** As the worker has it. */
  readonly explained: WorkerExplanation
  /** Why a target is in its state, as far as control knows. */
  readonly becauseOf: (targetId: string) => string | undefined
}

/** Where the requests of a pool go, or those with a key, and why not elsewhere: as data and in words. */
export function explainPool(facts: PoolFacts): PoolExplanation {
  const { pool, key, explained } = facts
  const { spread, placed, waiting } = explained
  const { because, reason, tier, target } = placed ?? spread
  const shares =
    spread.shares ?? (spread.tier === undefined || !spread.reason ? [] : [{ tier: spread.tier, reason: spread.reason, percent: 100 }])
  const known = {
    pool: pool.name,
    balance: pool.balance.algorithm,
    keyFrom: keyOfPool(pool.balance),
    key,
    target,
    tier,
    reason,
    because,
    shares,
    waiting,
  }
  const targets = pool.targets.map((each) => memberOf(each, facts))
  return { ...known, targets, text: wordsOf({ ...known, targets, text: [] }, facts) }
}

function memberOf(target: TargetConfig, facts: PoolFacts): PoolMember {
  const { id, tier, zone, limit } = target
  const load = facts.explained.loads.find((each) => each.id === id)
  const { weight = target.weight, state = 'unknown', passive = 'available', active = 0 } = load ?? {}
  return {
    id,
    tier,
    zone,
    weight,
    state,
    passive,
    active,
    limit,
    because: load ? placeOf(load, limit, facts) : 'the worker does not know it',
  }
}

/** What a target has to do with the traffic, or with the key. */
function placeOf(load: TargetSnapshot, limit: number | undefined, facts: PoolFacts): string {
  const { placed, spread } = facts.explained
  const obstacle = obstacleOf(load, limit, facts)
  const though = obstacle === undefined ? '' : `, though it is ${obstacle}`
  if (load.id === placed?.target) return `the key goes here${though}`
  const takesPart = spread.candidates.includes(load.id)
  if (takesPart && limit !== undefined && load.active >= limit) return obstacle ?? ''
  if (takesPart) return placed?.target === undefined ? `takes part${though}` : `it would do, and the key falls to ${placed.target}${though}`
  return obstacle ?? 'a spare: other tiers have all of the traffic'
}

/** What speaks against a target, whatever the key: `down: connection refused`. */
function obstacleOf(
  { id, state, passive, weight, active }: TargetSnapshot,
  limit: number | undefined,
  { becauseOf }: PoolFacts,
): string | undefined {
  if (weight === 0) return 'of weight 0'
  if (state !== 'up' && state !== 'degraded') return withReason(state === 'maintenance' ? 'in maintenance' : state, becauseOf(id))
  if (passive === 'ejected') return 'put aside for what its requests met'
  if (passive === 'backing-off') return 'left alone, since it asks for less'
  if (limit !== undefined && active >= limit) return `full: it has its ${limit} ${limit === 1 ? 'request' : 'requests'}`
  return state === 'degraded' ? withReason(state, becauseOf(id)) : undefined
}

function withReason(state: string, because: string | undefined): string {
  return because === undefined ? state : `${state}: ${because}`
}

function wordsOf(known: PoolExplanation, { pool, explained }: PoolFacts): string[] {
  const { target, targets, waiting } = known
  const others = target === undefined ? targets : targets.filter(({ id }) => id !== target)
  return [
    ...headOf(known),
    `  ${explained.spread.because}`,
    ...(target === undefined ? [] : targets.filter(({ id }) => id === target).map(memberLine)),
    ...(others.length === 0 ? [] : [target === undefined ? 'its targets:' : 'not elsewhere:']),
    ...others.map(memberLine),
    ...(waiting === undefined ? [] : [`${waiting === 1 ? '1 request waits' : `${waiting} requests wait`} for a target`]),
    ...(pool.sticky ? [`a client with the cookie ${pool.sticky.cookie} stays at its target while that can be used, whatever its key`] : []),
  ]
}

function headOf({ pool, balance, keyFrom, key, target, tier, reason, because, shares }: PoolExplanation): string[] {
  const divided = shares.map((share) => `tier ${share.tier} has ${Math.round(share.percent)} % of the traffic (${share.reason})`)
  if (key === undefined) {
    const how = `pool ${pool} balances by ${balance}${keyFrom === undefined ? '' : ` over ${keyFrom}`}`
    return [shares.length === 0 ? `${how}: nothing can be picked` : `${how}: ${divided.join(', ')}`]
  }
  if (keyFrom === undefined) return [`${balance} does not look at keys: where a request goes is decided when it comes`, ...divided]
  if (target === undefined) return [`${quote(key)} goes nowhere: ${because}`]
  const load = shares.find((share) => share.tier === tier && share.reason === reason) ?? shares.find((share) => share.tier === tier)
  const place = `tier ${tier} with ${Math.round(load?.percent ?? 0)} % of the traffic`
  return [`${quote(key)} as ${keyFrom} goes to ${target} by ${balance}: ${reason}, ${place}`]
}

function memberLine({ id, tier, zone, active, state, because }: PoolMember): string {
  return `  ${id} (${[`tier ${tier}`, ...(zone === undefined ? [] : [zone]), state, `${active} active`].join(', ')}): ${because}`
}
