import type { StandInFault } from '@hotspare/cloud/testing'
import { describe, expect, it } from 'vitest'
import { memoryZone, type MemoryFault } from './memory.ts'
import type { CompareAndSwap } from './provider.ts'
import { describeProvider } from './testing/index.ts'
import { recordSet } from './value.ts'

const FAULTS: Readonly<Record<StandInFault, MemoryFault>> = {
  '500': 'unavailable',
  limited: 'limited',
  hang: 'hang',
  reset: 'unavailable',
  'late-reset': 'lost',
  garbage: 'unavailable',
  huge: 'unavailable',
}

function kind(compareAndSwap: CompareAndSwap, atomicBatch: boolean, minimumTtlSeconds = 0, mostValues?: number) {
  describeProvider(
    { describe, it },
    {
      title: `a zone in memory (${compareAndSwap}${atomicBatch ? ', batches' : ''})`,
      open() {
        const zone = memoryZone({ zone: 'example.com', compareAndSwap, atomicBatch, minimumTtlSeconds, mostValues })
        return Promise.resolve({
          open: (clock) => zone.connect({ clock }),
          standIn: {
            asked: zone.asked,
            objections: [],
            get hung() {
              return zone.hung
            },
            fail: (fault, options) => zone.fail(FAULTS[fault], options),
            onChange: (listener) => zone.onChange(listener),
            refuseCredentials() {
              for (const changes of [false, true]) zone.fail('credentials', { changes, times: Infinity })
            },
          },
          seed: (set) => zone.put(set),
          remove: (name) => zone.remove(name),
          peek: (name) => zone.get(name),
          secrets: [],
          close: () => zone.close(),
        })
      },
    },
  )
}

kind('exact', true)
kind('etag', false, 60, 2)
kind('none', true, 0, 10)
kind('none', false)

describe('a zone in memory', () => {
  it('does late what nobody expects any more', async () => {
    const zone = memoryZone({ zone: 'example.com', compareAndSwap: 'none' })
    const next = recordSet({ name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] })
    zone.fail('late', { changes: true, lateMs: 5 })
    const options = { signal: new AbortController().signal }
    const change = zone.change([{ expected: { ...next, set: undefined }, next }], options)
    await expect(change).rejects.toMatchObject({ code: 'HOTSPARE_CLOUD_UNAVAILABLE' })
    expect(zone.get(next)).toBeUndefined()
    await expect.poll(() => zone.get(next)).toEqual(next)
  })

  it('refuses options that it does not know', () => {
    expect(() => memoryZone({ zone: 'not a name' })).toThrow(/zone: expected a name of DNS/)
  })
})
