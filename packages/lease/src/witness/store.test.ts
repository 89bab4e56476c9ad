import { recordingLogger } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { record } from './witness.fixture.ts'
import type { Records } from './file.ts'
import { WitnessStore } from './store.ts'

/** A store whose writes the test ends. */
function storeWithSlowDisk(limits: { maxLeases?: number; maxWaiting?: number } = {}) {
  const writes: { readonly records: Records; readonly done: () => void; readonly fail: (error: Error) => void }[] = []
  const write = (records: Records) =>
    new Promise<void>((resolve, reject) => {
      writes.push({ records, done: resolve, fail: reject })
    })
  const logger = recordingLogger()
  const store = new WitnessStore({ records: new Map(), write, maxLeases: 10, maxWaiting: 10, ...limits, logger })
  return { store, writes, logger }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

const create = (name: string, revision = 'instance.1') => ({ name, expected: null, next: record({ revision }) })

describe('WitnessStore', () => {
  it('shows nothing that is not written yet, and answers nothing before', async () => {
    const { store, writes } = storeWithSlowDisk()
    const swap = store.swap(create('shop'))
    await settled()
    expect(store.read('shop')).toBeNull()
    writes[0]?.done()
    expect(await swap).toEqual({ swapped: true })
    expect(store.read('shop')).toEqual(record())
  })

  it('a swap that found what is not durable yet waits for that write, and fails with it', async () => {
    const { store, writes } = storeWithSlowDisk()
    const swaps = [store.swap(create('shop', 'a.1')), store.swap(create('shop', 'b.1'))]
    await settled()
    writes[0]?.fail(new Error('EIO'))
    expect(await Promise.all(swaps)).toEqual([{ failed: 'write-failed' }, { failed: 'write-failed' }])
    expect(store.read('shop')).toBeNull()
  })

  it('after a failed write memory stays with what is durable, and the next write is made from that', async () => {
    const { store, writes, logger } = storeWithSlowDisk()
    const first = store.swap(create('shop', 'a.1'))
    await settled()
    writes[0]?.fail(new Error('ENOSPC: no space left on device'))
    expect(await first).toEqual({ failed: 'write-failed' })
    expect(store.inDoubt).toBe(true)
    const second = store.swap(create('mail', 'b.1'))
    await settled()
    expect([...(writes[1]?.records.keys() ?? [])]).toEqual(['mail'])
    writes[1]?.done()
    expect(await second).toEqual({ swapped: true })
    expect(store).toMatchObject({ inDoubt: false, writes: 1, size: 1 })
    expect(logger.records.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  it('refuses a lease more than may be, and still renews the others', async () => {
    const { store, writes } = storeWithSlowDisk({ maxLeases: 1 })
    const swaps = [store.swap(create('shop')), store.swap(create('mail'))]
    await settled()
    writes[0]?.done()
    expect(await Promise.all(swaps)).toEqual([{ swapped: true }, { failed: 'full' }])
    const renewal = store.swap({ name: 'shop', expected: 'instance.1', next: record({ revision: 'instance.2' }) })
    await settled()
    writes[1]?.done()
    expect(await renewal).toEqual({ swapped: true })
  })

  it('refuses what comes while too many wait, and what was taken back is never made', async () => {
    const { store, writes } = storeWithSlowDisk({ maxWaiting: 1 })
    const first = store.swap(create('a'))
    await settled()
    const gaveUp = new AbortController()
    void store.swap(create('b'), gaveUp.signal)
    expect(await store.swap(create('c'))).toEqual({ failed: 'busy' })
    gaveUp.abort()
    writes[0]?.done()
    await first
    await store.idle()
    expect(writes).toHaveLength(1)
    expect(store.read('b')).toBeNull()
  })

  it('swaps that come during a write share the next one, in their order', async () => {
    const { store, writes } = storeWithSlowDisk()
    const first = store.swap(create('shop'))
    await settled()
    const rest = [
      store.swap(create('mail')),
      store.swap({ name: 'shop', expected: 'instance.1', next: record({ revision: 'a.2' }) }),
      store.swap({ name: 'shop', expected: 'instance.1', next: record({ revision: 'b.2' }) }),
    ]
    writes[0]?.done()
    await first
    await settled()
    writes[1]?.done()
    expect(await Promise.all(rest)).toEqual([
      { swapped: true },
      { swapped: true },
      { swapped: false, current: record({ revision: 'a.2' }) },
    ])
    expect(writes).toHaveLength(2)
  })

  it('writes nothing when nothing changes, and goes on afterwards', async () => {
    const { store, writes } = storeWithSlowDisk()
    expect(await store.swap({ name: 'shop', expected: 'old.1', next: record() })).toEqual({ swapped: false, current: null })
    expect(await store.swap({ name: 'shop', expected: 'old.1', next: record() })).toEqual({ swapped: false, current: null })
    expect(writes).toHaveLength(0)
    await store.idle()
  })
})
