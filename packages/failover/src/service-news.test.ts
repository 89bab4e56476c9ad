import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { engineDefaults } from './defaults.ts'
import type { FailoverEvent } from './events.ts'
import { ServiceNews } from './service-news.ts'

const { concernMs } = engineDefaults

function make() {
  const clock = new TestClock()
  const events: FailoverEvent[] = []
  let changes = 0
  const news = new ServiceNews({ service: 'shop', clock, emit: (event) => events.push(event), roleChanged: () => (changes += 1) })
  const tell = (concern?: string, state: 'on' | 'off' = 'on') =>
    news.tellDecision({ automation: { state, because: 'held' }, because: '', concern })
  return { clock, events, news, tell, changes: () => changes }
}

describe('ServiceNews', () => {
  it('tells no concern that does not last, and none that ended before it was told', async () => {
    const { clock, events, tell } = make()
    tell('no candidate')
    await clock.advance(concernMs - 1)
    tell('no candidate')
    tell()
    await clock.advance(concernMs)
    tell('no candidate')
    expect(events).toEqual([])
  })

  it('tells a concern once, however its words change, and its end', async () => {
    const { clock, events, tell } = make()
    tell('silent for 100 ms')
    await clock.advance(concernMs)
    tell('silent for 1100 ms')
    tell('silent for 1200 ms')
    tell()
    tell()
    expect(events).toMatchObject([
      { type: 'service-concern', because: 'silent for 1100 ms', service: 'shop' },
      { type: 'service-concern-ended' },
    ])
  })

  it('tells that automation is off, and on again, and not that it is on from the start', () => {
    const { events, tell } = make()
    tell()
    tell(undefined, 'off')
    tell(undefined, 'off')
    tell()
    expect(events.map(({ type }) => type)).toEqual(['automation-off', 'automation-on'])
  })

  it('tells a role when it is another one, to people and to peers', () => {
    const { events, news, changes } = make()
    news.tellRole('standby', '')
    news.tellRole('taking', 'token 1')
    news.tellRole('taking', 'token 1')
    expect(events).toMatchObject([{ type: 'role-changed', from: 'standby', to: 'taking', because: 'token 1' }])
    expect([news.role, changes()]).toEqual(['taking', 1])
  })
})
