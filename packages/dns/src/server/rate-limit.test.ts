import { describe, expect, it } from 'vitest'
import { type Admission, RateLimit } from './rate-limit.ts'

const limit = (options: Partial<ConstructorParameters<typeof RateLimit>[0]> = {}) =>
  new RateLimit({ perSecond: 10, slip: 2, entries: 64, ...options }, 12_345)

function counted(admissions: readonly Admission[]): Readonly<Record<Admission, number>> {
  const of = (kind: Admission) => admissions.filter((each) => each === kind).length
  return { send: of('send'), slip: of('slip'), drop: of('drop') }
}

const ask = (under: RateLimit, count: number, { address = '192.0.2.1', account = 1, atMs = 0 } = {}) =>
  counted(Array.from({ length: count }, () => under.admit(address, account, atMs)))

describe('RateLimit', () => {
  it('sends a second of answers at once, then every second one as a word to ask by TCP', () => {
    expect(ask(limit(), 30)).toEqual({ send: 10, slip: 10, drop: 10 })
  })

  it('drops all of them without slip, and none with a slip of one', () => {
    expect(ask(limit({ slip: 0 }), 30)).toEqual({ send: 10, slip: 0, drop: 20 })
    expect(ask(limit({ slip: 1 }), 30)).toEqual({ send: 10, slip: 20, drop: 0 })
  })

  it('counts a whole network together, and another one apart', () => {
    const under = limit()
    ask(under, 10)
    expect(ask(under, 4, { address: '192.0.2.200' }).send).toBe(0)
    expect(ask(under, 4, { address: '192.0.3.1' }).send).toBe(4)
  })

  it('counts what is about another name apart', () => {
    const under = limit()
    ask(under, 10)
    expect(ask(under, 4, { account: 2 }).send).toBe(4)
  })

  it('lets as many through as time brings, and never saves more than a second up', () => {
    const under = limit()
    ask(under, 20)
    expect(ask(under, 20, { atMs: 500 }).send).toBe(5)
    expect(ask(under, 20, { atMs: 60_000 }).send).toBe(10)
  })

  it('forgets what it has not seen for longest when there are more networks than it remembers', () => {
    const under = limit()
    for (let network = 0; network < 10_000; network++) {
      expect(under.admit(`10.${network >> 8}.${network & 0xff}.1`, 1, network)).toBe('send')
    }
  })
})
