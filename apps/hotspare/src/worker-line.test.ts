import { createPool, createQueue } from '@hotspare/balance'
import { TestClock } from '@hotspare/core/testing'
import type { PickContext, Picked, TargetPick } from '@hotspare/proxy'
import { describe, expect, it } from 'vitest'
import type { PoolConfig } from './config/config.ts'
import { parseConfig } from './config/load.ts'
import { createLine } from './worker-line.ts'

const STICKY = 'sticky: { secrets: [a-secret-of-more-than-32-characters], cookie: at }'

/** A line in front of a pool whose targets are all up. */
async function lineOf(rest: string, targets = '{ name: a, url: "http://a" }, { name: b, url: "http://b" }') {
  const text = `pools: { shop: { targets: [${targets}], ${rest} } }`
  const { config } = await parseConfig(text, { file: 'f', env: {}, hostname: 'h' })
  const pool: PoolConfig = config.pools[0]!
  const clock = new TestClock()
  const balanced = createPool({ targets: pool.targets, clock })
  for (const { id } of pool.targets) balanced.setState(id, 'up')
  const queue = pool.queue && createQueue(balanced, { ...pool.queue, clock })
  return { pick: createLine({ config: pool, pool: balanced, queue, clock }), pool: balanced, queue, clock }
}

function contextOf(headers: PickContext['request']['headers'] = {}, exclude: readonly string[] = []): PickContext & { leave: () => void } {
  const controller = new AbortController()
  const request = { method: 'GET', url: '/', headers, remoteAddress: '192.0.2.1' }
  return { request, exclude: new Set(exclude), signal: controller.signal, leave: () => controller.abort(new Error('gone')) }
}

/** What came of a pick, in a word. */
const told = (picked: Picked): string =>
  !picked ? 'nobody' : 'refused' in picked ? picked.refused : 'answer' in picked ? 'answered' : picked.target.id
const taken = (picked: Picked | Promise<Picked>): TargetPick => {
  if (!picked || picked instanceof Promise || !('target' in picked)) throw new Error('expected a pick at once')
  return picked
}

const ONE = '{ name: a, url: "http://a", limit: 1 }'

describe('a request that finds no target', () => {
  it('is refused in the words of its pool: nobody is there, or nobody has room', async () => {
    const nobody = await lineOf('balance: round-robin')
    for (const id of ['shop/a', 'shop/b']) nobody.pool.setState(id, 'draining')
    expect(await nobody.pick(contextOf())).toBeUndefined()
    const full = await lineOf('balance: round-robin', ONE)
    taken(full.pick(contextOf()))
    expect(told(await full.pick(contextOf()))).toBe('pool shop: no target may be used, or none has room')
  })

  it('is refused where too many wait, where it has waited too long, and where the proxy stops', async () => {
    const { pick, queue, clock } = await lineOf('queue: { size: 1, timeout: 2s }', ONE)
    taken(pick(contextOf()))
    const second = pick(contextOf())
    expect(told(await pick(contextOf()))).toBe('pool shop: the queue is full: 1 wait for a target already')
    await clock.advance(2_000)
    expect(told(await second)).toBe('pool shop: no target became free within 2s')
    queue?.close()
    expect(told(await pick(contextOf()))).toBe('pool shop: the proxy stops')
    expect(clock.pendingTimers).toBe(0)
  })

  it('gives its place back when its client leaves', async () => {
    const { pick, queue } = await lineOf('queue: { size: 1, timeout: 2s }', ONE)
    const first = taken(pick(contextOf()))
    const leaving = contextOf()
    const second = pick(leaving)
    leaving.leave()
    await expect(second).rejects.toThrow('gone')
    expect(queue?.waiting).toBe(0)
    const third = pick(contextOf())
    first.done()
    expect(told(await third)).toBe('shop/a')
  })
})

describe('a request that has to wait', () => {
  it('is served in its turn: who comes later is behind it, even where a target is free', async () => {
    const { pick, queue } = await lineOf('queue: { size: 5, timeout: 2s }', ONE)
    const first = taken(pick(contextOf()))
    const served: string[] = []
    const second = Promise.resolve(pick(contextOf())).then((picked) => {
      served.push(`second ${told(picked)}`)
      return picked
    })
    const third = Promise.resolve(pick(contextOf())).then((picked) => served.push(`third ${told(picked)}`))
    expect(queue?.waiting).toBe(2)
    first.done()
    const picked = await second
    expect(served).toEqual(['second shop/a'])
    taken(picked).done()
    await third
    expect(served).toEqual(['second shop/a', 'third shop/a'])
  })

  it('has nobody go past it, though a target became free in between', async () => {
    const { config } = await parseConfig(`pools: { shop: { targets: [${ONE}], queue: { size: 5, timeout: 2s } } }`, {
      file: 'f',
      env: {},
      hostname: 'h',
    })
    const asked: string[] = []
    const pool = {
      pick() {
        asked.push('pool')
        return undefined
      },
    }
    const queue = {
      waiting: 1,
      pick() {
        asked.push('queue')
        return Promise.resolve({ ok: false, reason: 'full' } as const)
      },
      close: () => {},
    }
    await createLine({ config: config.pools[0]!, pool, queue, clock: new TestClock() })(contextOf())
    expect(asked).toEqual(['queue'])
  })

  it('does not, where a target is free: the answer comes at once', async () => {
    const { pick } = await lineOf('queue: { size: 5, timeout: 2s }', ONE)
    expect(taken(pick(contextOf())).target.id).toBe('shop/a')
  })
})

describe('a request of a client that stays', () => {
  it('gets a cookie for where it is, and none where that is known', async () => {
    const { pick } = await lineOf(STICKY)
    const first = taken(pick(contextOf()))
    expect(first.setCookie).toMatch(/^at=/)
    const cookie = first.setCookie!.split(';')[0]!
    for (let count = 0; count < 5; count++) {
      const again = taken(pick(contextOf({ cookie })))
      expect([again.target.id, again.reason, again.setCookie]).toEqual([first.target.id, 'sticky', undefined])
      again.done()
    }
  })

  it('gets another one with another target: when its own was tried, drains, or is down', async () => {
    const { pick, pool } = await lineOf(STICKY)
    const first = taken(pick(contextOf()))
    const cookie = first.setCookie!.split(';')[0]!
    const tried = taken(pick(contextOf({ cookie }, [first.target.id])))
    expect(tried.target.id).not.toBe(first.target.id)
    expect(tried.setCookie).toMatch(/^at=/)
    for (const state of ['draining', 'down'] as const) {
      pool.setState(first.target.id, state)
      expect(taken(pick(contextOf({ cookie }))).target.id).toBe(tried.target.id)
    }
    // Back again: who has the old cookie still, is known by it.
    pool.setState(first.target.id, 'up')
    expect(taken(pick(contextOf({ cookie }))).target.id).toBe(first.target.id)
  })

  it('gets its cookie after a wait, too', async () => {
    const { pick } = await lineOf(`${STICKY}, queue: { size: 5, timeout: 2s }`, ONE)
    const first = taken(pick(contextOf()))
    const waiting = pick(contextOf())
    first.done()
    expect(taken(await waiting).setCookie).toMatch(/^at=/)
  })
})
