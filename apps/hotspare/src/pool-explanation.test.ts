import { createPool, maglev, type PoolTarget, roundRobin } from '@hotspare/balance'
import type { TargetState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { PoolConfig } from './config/config.ts'
import { parseConfig } from './config/load.ts'
import { explainPool } from './pool-explanation.ts'

const TARGETS = '{ name: a, url: "http://a" }, { name: b, url: "http://b", limit: 1 }, { name: spare, url: "http://c", tier: 1 }'
const KEYED = 'balance: { algorithm: maglev, key: { from: header, name: x-user } }'

async function poolOf(rest: string, targets = TARGETS): Promise<PoolConfig> {
  const { config } = await parseConfig(`pools: { shop: { targets: [${targets}], ${rest} } }`, { file: 'f', env: {}, hostname: 'h' })
  return config.pools[0]!
}

/** As the worker tells it, with these states in the order of the targets. */
async function explained(
  rest: string,
  states: readonly TargetState[],
  key?: string,
  more: { readonly picks?: number; readonly waiting?: number } = {},
) {
  const config = await poolOf(rest)
  const pool = createPool<PoolTarget>({ targets: config.targets, algorithm: 'key' in config.balance ? maglev() : roundRobin() })
  for (const [index, { id }] of config.targets.entries()) pool.setState(id, states[index] ?? 'up')
  for (let count = 0; count < (more.picks ?? 0); count++) pool.pick()
  return explainPool({
    pool: config,
    key,
    explained: {
      spread: pool.explain(),
      placed: key === undefined ? undefined : pool.explain(key),
      loads: pool.snapshot(),
      waiting: more.waiting,
    },
    becauseOf: (id) => (id.endsWith('a') ? 'connection refused' : undefined),
  })
}

describe('where a key goes', () => {
  it('is nowhere where nobody may be picked', async () => {
    const told = await explained(KEYED, ['draining', 'maintenance', 'draining'], 'alice')
    expect(told).toMatchObject({
      pool: 'shop',
      balance: 'maglev',
      keyFrom: 'the header x-user',
      key: 'alice',
      target: undefined,
      shares: [],
    })
    expect(told.text[0]).toMatch(/^"alice" goes nowhere: no target can be picked/)
    expect(told.targets.map(({ because }) => because)).toEqual(['draining: connection refused', 'in maintenance', 'draining'])
  })

  it('is not asked of an algorithm that looks at none', async () => {
    const told = await explained('balance: round-robin', [], 'alice')
    expect([told.target, told.keyFrom]).toEqual([undefined, undefined])
    expect(told.text[0]).toBe('round-robin does not look at keys: where a request goes is decided when it comes')
  })

  it('says the target, the tier and its load, the reason, and why not elsewhere', async () => {
    const told = await explained(KEYED, [], 'alice')
    const { target = '' } = told
    const other = target === 'shop/a' ? 'shop/b' : 'shop/a'
    expect(told).toMatchObject({ tier: 0, reason: 'preferred', shares: [{ tier: 0, reason: 'preferred', percent: 100 }] })
    expect(told.text).toEqual([
      `"alice" as the header x-user goes to ${target} by maglev: preferred, tier 0 with 100 % of the traffic`,
      '  tier 0 serves, because it is preferred (2 up)',
      `  ${target} (tier 0, up, 0 active): the key goes here`,
      'not elsewhere:',
      `  ${other} (tier 0, up, 0 active): it would do, and the key falls to ${target}`,
      '  shop/spare (tier 1, up, 0 active): a spare: other tiers have all of the traffic',
    ])
  })

  it('says what is in the way of the others: down, full', async () => {
    const down = await explained(KEYED, ['down'], 'alice')
    expect(down.target).toBe('shop/b')
    expect(down.targets[0]).toMatchObject({ state: 'down', because: 'down: connection refused' })
    const full = await explained(KEYED, ['down'], 'alice', { picks: 1, waiting: 2 })
    expect(full).toMatchObject({ target: 'shop/spare', tier: 1, reason: 'spill tier 0 -> 1', waiting: 2 })
    expect(full.targets[1]?.because).toBe('full: it has its 1 request')
    expect(full.text).toContain('2 requests wait for a target')
  })

  it('quotes a key, so that it cannot play tricks on a terminal', async () => {
    const told = await explained(KEYED, [], '\u001b[2Jevil\n')
    expect(told.text[0]).toContain(String.raw`"\u001b[2Jevil\n"`)
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(told.text.join('')).not.toMatch(/[\0-\x1f]/)
  })
})

describe('how a pool spreads', () => {
  it('says each tier with its share, and what each target has to do with it', async () => {
    const told = await explained('balance: round-robin', ['down'])
    expect(told).toMatchObject({ key: undefined, target: undefined, tier: 0, reason: 'preferred' })
    expect(told.text).toEqual([
      'pool shop balances by round-robin: tier 0 has 100 % of the traffic (preferred)',
      '  tier 0 serves, because it is preferred (1 up, 1 down)',
      'its targets:',
      '  shop/a (tier 0, down, 0 active): down: connection refused',
      '  shop/b (tier 0, up, 0 active): takes part',
      '  shop/spare (tier 1, up, 0 active): a spare: other tiers have all of the traffic',
    ])
  })

  it('says that a target is tried though it is down, and that clients stay', async () => {
    const told = await explained('balance: round-robin, sticky: { secrets: [a-secret-of-more-than-32-characters] }', [
      'down',
      'down',
      'down',
    ])
    expect(told.reason).toBe('panic')
    expect(told.targets[0]?.because).toBe('takes part, though it is down: connection refused')
    expect(told.text.at(-1)).toBe('a client with the cookie hotspare stays at its target while that can be used, whatever its key')
    expect(JSON.stringify(told)).not.toContain('a-secret')
  })

  it('says whole percents, also while a tier takes its traffic back', async () => {
    const config = await poolOf(KEYED)
    const clock = new TestClock()
    const slowStart = { windowMs: 30_000 }
    const pool = createPool<PoolTarget>({ targets: config.targets, algorithm: maglev(), slowStart, clock })
    for (const { id } of config.targets) pool.setState(id, id === 'shop/spare' ? 'up' : 'down')
    pool.setState('shop/a', 'up')
    await clock.advance(10_000)
    const both = [undefined, 'alice'].map((key) => {
      const placed = key === undefined ? undefined : pool.explain(key)
      const facts = { spread: pool.explain(), placed, loads: pool.snapshot(), waiting: undefined }
      return explainPool({ pool: config, key, explained: facts, becauseOf: () => undefined }).text[0]
    })
    const [spread, placed] = both
    expect(spread).toMatch(/: tier 0 has 33 % of the traffic \(preferred\), tier 1 has 67 % of the traffic \(spill tier 0 -> 1\)$/)
    expect(placed).toMatch(/, tier \d with (33|67) % of the traffic$/)
  })

  it('says where the rest goes while a tier is full, and what waits when all are', async () => {
    const full = await explained(KEYED, ['down'], 'alice', { picks: 1 })
    expect(full.text[0]).toBe(
      '"alice" as the header x-user goes to shop/spare by maglev: spill tier 0 -> 1, tier 1 with 100 % of the traffic',
    )
    expect(full.targets[2]?.because).toBe('the key goes here')
    const none = await explained('balance: round-robin', ['down', 'up', 'down'], undefined, { picks: 1, waiting: 1 })
    expect(none.text).toEqual([
      'pool shop balances by round-robin: nothing can be picked',
      '  nothing can be picked until one has room: tier 0 serves, because it is preferred (1 up, 1 down); 1 of 1 full',
      'its targets:',
      '  shop/a (tier 0, down, 0 active): down: connection refused',
      '  shop/b (tier 0, up, 1 active): full: it has its 1 request',
      '  shop/spare (tier 1, down, 0 active): down',
      '1 request waits for a target',
    ])
  })

  it('says that nothing can be picked', async () => {
    const told = await explained('balance: round-robin', ['draining', 'draining', 'draining'])
    expect(told.text[0]).toBe('pool shop balances by round-robin: nothing can be picked')
  })
})
