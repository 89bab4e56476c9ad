import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { engineDefaults } from './defaults.ts'
import { peer, report, verdict } from './facts.fixture.ts'
import type { NodeReport } from './facts.ts'
import { PeerReports, withWord } from './peer-reports.ts'

function make(answer: (body: unknown) => Promise<unknown> = async () => report({ role: 'active' })) {
  const clock = new TestClock()
  const sent: { readonly node: string; readonly body: unknown }[] = []
  let own: NodeReport = report()
  let changes = 0
  const reports = new PeerReports({
    nodes: ['b'],
    clock,
    own: () => own,
    changed: () => (changes += 1),
    peers: {
      verdict: () => verdict('up'),
      agrees: () => true,
      subscribe: () => () => {},
      request(node, method, body) {
        expect(method).toBe('failover-report')
        sent.push({ node, body })
        return answer(body)
      },
    },
  })
  return {
    clock,
    reports,
    sent,
    changes: () => changes,
    setOwn: (next: NodeReport) => (own = next),
    told: () => reports.facts()[0]?.report,
  }
}

describe('PeerReports', () => {
  it('tells nothing before it was started, nor after it was stopped', async () => {
    const { reports, sent, clock } = make()
    reports.tell()
    expect(sent).toEqual([])
    reports.start()
    reports.stop()
    reports.tell()
    await clock.advance(10_000)
    expect(sent).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  it('survives a peer that does not answer, or answers nonsense', async () => {
    let calls = 0
    const { reports, clock, told } = make(async () => {
      calls += 1
      if (calls === 1) throw new Error('no answer')
      return 'nonsense'
    })
    reports.start()
    await clock.advance(2 * engineDefaults.reportMs)
    expect(calls).toBe(3)
    expect(told()).toBeUndefined()
  })

  it('throws at whoever brings what is no report, and passes over one of a stranger', () => {
    const { reports, changes } = make()
    expect(() => reports.hear('b', { role: 'king' })).toThrow(expect.objectContaining({ code: 'HOTSPARE_FAILOVER_MESSAGE' }))
    reports.hear('stranger', report())
    expect(changes()).toBe(0)
  })

  it('believes what a peer told until it is old, and remembers it beyond that for people', async () => {
    const { reports, clock, told, changes } = make()
    reports.hear('b', report({ role: 'active' }))
    expect([changes(), told()?.services['shop']?.role]).toEqual([1, 'active'])
    await clock.advance(engineDefaults.reportMaxAgeMs)
    expect(told()).toBeDefined()
    await clock.advance(1)
    expect(told()).toBeUndefined()
    expect(reports.last('b')?.services['shop']?.role).toBe('active')
    expect(reports.last('stranger')).toBeUndefined()
  })

  it('tells regularly, and hears the answer', async () => {
    const { reports, clock, sent, told } = make()
    reports.start()
    await clock.advance(4 * engineDefaults.reportMs)
    expect(sent).toHaveLength(5)
    expect(told()?.services['shop']?.role).toBe('active')
  })

  it('sends one at a time, and at last what has changed meanwhile', async () => {
    const answers: (() => void)[] = []
    const { reports, clock, sent, setOwn } = make(() => new Promise((resolve) => answers.push(() => resolve(report()))))
    reports.start()
    reports.tell()
    setOwn(report({ role: 'taking' }))
    reports.tell()
    expect(sent).toHaveLength(1)
    answers.shift()?.()
    await clock.advance(1)
    expect(sent).toHaveLength(2)
    expect(sent[1]?.body).toEqual(report({ role: 'taking' }))
    answers.shift()?.()
    await clock.advance(1)
    expect(sent).toHaveLength(2)
  })
})

it('what people say here of a peer counts as its own word, and of one that has told nothing, nothing is made up', () => {
  expect(withWord(peer('b'), 'site fra: power works').report?.maintenance).toBe('site fra: power works')
  expect(withWord(peer('b', { report: report({}, { maintenance: 'its own' }) }), undefined).report?.maintenance).toBe('its own')
  expect(withWord(peer('b', { report: undefined }), 'power works').report).toBeUndefined()
})
