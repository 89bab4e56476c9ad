import { TestClock } from '@hotspare/core/testing'
import type { TargetState } from '@hotspare/core'
import type { ServedSet } from '@hotspare/dns/server'
import { describe, expect, it } from 'vitest'
import type { AnsweringRecordConfig } from '../config/config-dns.ts'
import type { OwnDnsEvent } from './events.ts'
import { ServedRecords } from './served-records.ts'

const RECORD: AnsweringRecordConfig = {
  zone: 'demo.test',
  name: 'shop.demo.test',
  type: 'A',
  ttlSeconds: 5,
  providers: ['embedded'],
  pool: 'shop',
  targets: ['a', 'b', 'c'].map((name, index) => ({ id: `shop/${name}`, address: `192.0.2.${index + 1}`, weight: 1, tier: 0 })),
  policy: { choose: 'all', holdDownMs: 1_000 },
  drift: 'repair',
  verify: { type: 'off' },
}

function open(states?: ReadonlyMap<string, TargetState>, record: AnsweringRecordConfig = RECORD) {
  const clock = new TestClock()
  const told: OwnDnsEvent[] = []
  let served: readonly string[] = []
  const server = {
    set(zone: string, [set]: readonly ServedSet[]) {
      expect(zone).toBe('demo.test')
      served = set?.values ?? []
      return { serial: 1, changed: [] }
    },
  }
  const records = new ServedRecords({ records: [record], server, clock, states, told: (event) => void told.push(event) })
  records.start()
  return { clock, records, told, served: () => served }
}

it('many names that change at the same moment are one version of their zone, each way', async () => {
  const clock = new TestClock()
  const names = Array.from({ length: 20 }, (_, index) => ({ ...RECORD, name: `shop-${index}.demo.test` }))
  const versions: number[] = []
  const server = { set: (_zone: string, sets: readonly ServedSet[]) => ({ serial: versions.push(sets.length), changed: [] }) }
  const records = new ServedRecords({ records: names, server, clock, states: new Map([['shop/c', 'down']]), told: () => {} })
  records.start()
  for (const name of ['a', 'b']) records.setState(`shop/${name}`, 'up')
  expect(versions).toEqual([20])
  records.setState('shop/b', 'down')
  expect(versions).toEqual([20, 20])
  // What is held down comes back together, too.
  await clock.advance(5_000)
  records.setState('shop/b', 'up')
  await clock.advance(1_000)
  expect(versions).toEqual([20, 20, 20])
  expect(clock.pendingTimers).toBe(0)
})

describe('names that the server of this node answers', () => {
  it('lead to everybody before anything is known, and never to nobody', () => {
    const { records, served } = open()
    expect(served()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    for (const name of ['a', 'b', 'c']) records.setState(`shop/${name}`, 'down')
    expect(served()).toHaveLength(3)
  })

  it('do not lead to a target that is down, at once', () => {
    const { records, served, told } = open()
    for (const name of ['a', 'b', 'c']) records.setState(`shop/${name}`, 'up')
    expect(told).toEqual([])
    records.setState('shop/b', 'down')
    expect(served()).toEqual(['192.0.2.1', '192.0.2.3'])
    expect(told).toMatchObject([{ type: 'answers-changed', from: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], to: ['192.0.2.1', '192.0.2.3'] }])
  })

  it('lead back to it only once it has been up for a while', async () => {
    const { records, served, clock } = open(
      new Map([
        ['shop/a', 'up'],
        ['shop/b', 'down'],
        ['shop/c', 'up'],
      ]),
    )
    expect(served()).toEqual(['192.0.2.1', '192.0.2.3'])
    records.setState('shop/b', 'up')
    await clock.advance(999)
    expect(served()).toHaveLength(2)
    await clock.advance(1)
    expect(served()).toHaveLength(3)
  })

  it('are not changed by targets of others, nor by news that is none', () => {
    const { records, told } = open()
    records.setState('other/x', 'down')
    records.setState('shop/a', 'up')
    records.setState('shop/a', 'up')
    expect(told).toEqual([])
  })

  it('change no more once they were stopped', async () => {
    const { records, served, clock } = open(
      new Map([
        ['shop/a', 'down'],
        ['shop/b', 'up'],
        ['shop/c', 'up'],
      ]),
    )
    records.setState('shop/a', 'up')
    records.stop()
    await clock.advance(5_000)
    expect(served()).toHaveLength(2)
  })
})
