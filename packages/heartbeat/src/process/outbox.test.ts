import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { HeartbeatSnapshot } from '../snapshot.ts'
import type { News, NewsReport } from './messages.ts'
import { Outbox } from './outbox.ts'

const MOST_NEWS = 3

function outboxOfTest(): { readonly outbox: Outbox; readonly reports: NewsReport[]; readonly read: () => void; snapshots: () => number } {
  const reports: NewsReport[] = []
  const waiting: (() => void)[] = []
  let snapshots = 0
  const outbox = new Outbox({
    send: (report, sent) => {
      reports.push(report)
      waiting.push(sent)
    },
    snapshot: () => ({ node: String((snapshots += 1)) }) as unknown as HeartbeatSnapshot,
    mostNews: MOST_NEWS,
  })
  return { outbox, reports, read: () => waiting.shift()?.(), snapshots: () => snapshots }
}

const news = (message: string): News => ({ type: 'warning', fields: {}, message })
const told = (reports: readonly NewsReport[]) => reports.map((report) => report.news.map((one) => one.type === 'warning' && one.message))

describe('Outbox', () => {
  // Each event went out with a snapshot of its own: at 128 peers with 8 paths it took 10 s until all was told.
  it('sends all news of one turn with one snapshot', async () => {
    const { outbox, reports, snapshots } = outboxOfTest()
    outbox.add(news('1'))
    outbox.add(news('2'))
    outbox.tell()
    await nextTurn()
    expect(told(reports)).toEqual([['1', '2']])
    expect(snapshots()).toBe(1)
  })

  it('sends nothing more while a report is under way, and then everything with a new snapshot', async () => {
    const { outbox, reports, read, snapshots } = outboxOfTest()
    for (const message of ['1', '2', '3']) {
      outbox.add(news(message))
      await nextTurn()
    }
    expect(told(reports)).toEqual([['1']])
    expect(snapshots()).toBe(1)
    read()
    await nextTurn()
    expect(told(reports)).toEqual([['1'], ['2', '3']])
    expect(reports.at(-1)?.snapshot.node).toBe('2')
    read()
    await nextTurn()
    expect(reports).toHaveLength(2)
  })

  it('drops the oldest news beyond the bound, and says how many', async () => {
    const { outbox, reports, read } = outboxOfTest()
    outbox.tell()
    await nextTurn()
    for (const message of ['1', '2', '3', '4', '5']) outbox.add(news(message))
    read()
    await nextTurn()
    expect(reports.at(-1)).toMatchObject({ lost: 2 })
    expect(told(reports).at(-1)).toEqual(['3', '4', '5'])
    outbox.add(news('6'))
    read()
    await nextTurn()
    expect(reports.at(-1)).toMatchObject({ lost: 0 })
  })
})
