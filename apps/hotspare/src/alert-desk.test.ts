import type { Severity } from '@hotspare/alert'
import { type AdminState, type HealthState, silentLogger, type Verdict } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { openAlertDesk } from './alert-desk.ts'
import { alertFactsOf } from './alert-facts.ts'
import { channelsFor } from './alert-rules.ts'
import { TargetBoard } from './target-board.ts'

interface Desk {
  readonly setHealth: (id: string, state: 'up' | 'down') => void
  readonly setAdmin: (id: string, state: AdminState | undefined) => void
  /** `status severity key -> channels`, in order. */
  readonly told: string[]
  readonly endUnwatched: () => void
  readonly severityOf: (key: string) => Severity | undefined
}

function deskOf(ids: readonly string[], firing?: ReadonlyMap<string, Severity>): Desk {
  const clock = new TestClock()
  const verdicts = new Map<string, Verdict<HealthState>>(ids.map((id) => [id, { state: 'unknown', since: 0, because: 'not proven' }]))
  const board = new TargetBoard({ clock, logger: silentLogger, healthOf: (id) => verdicts.get(id) })
  for (const id of ids) board.add({ id, pool: 'shop' })
  const standings = {
    get(id: string) {
      const verdict = verdicts.get(id)
      const rest = { wish: undefined, weight: 1, warning: undefined, isJudged: true, isProven: true, isMeasured: true }
      return verdict && { subject: { kind: 'target' as const, id, pool: 'shop' }, own: verdict, verdict, ...rest }
    },
  }
  const told: string[] = []
  const routes = [
    { severities: ['critical'], to: ['phone'] },
    { severities: undefined, to: ['mail'] },
  ] as const
  const desk = openAlertDesk({
    factsOf: (id) => alertFactsOf(id, { board, standings, causes: undefined }),
    notify: ({ status, severity, key }) => void told.push(`${status} ${severity} ${key} -> ${channelsFor(severity, routes).join(' ')}`),
    node: 'web-1',
    firing,
  })
  return {
    told,
    endUnwatched: () => desk.endUnwatched(clock.wallMs()),
    severityOf: (key) => desk.severityOf(key),
    setHealth(id, state) {
      verdicts.set(id, { state, since: clock.wallMs(), because: 'seen' })
      desk.look(id, clock.wallMs())
    },
    setAdmin(id, state) {
      board.setAdmin(id, state, 'by hand')
      desk.look(id, clock.wallMs())
    },
  }
}

describe('the alert desk', () => {
  it('ends the alarms of what is gone from the file, and no other', () => {
    const firing = new Map<string, Severity>([
      ['target/shop/a', 'critical'],
      ['target/shop/gone', 'critical'],
      ['check-warning/gone', 'warning'],
      ['service/gone', 'critical'],
      ['observer/web-1', 'warning'],
    ])
    const { endUnwatched, severityOf, told } = deskOf(['shop/a'], firing)
    endUnwatched()
    endUnwatched()
    expect(told).toEqual(['resolved critical target/shop/gone -> phone mail', 'resolved warning check-warning/gone -> mail'])
    expect([severityOf('target/shop/a'), severityOf('target/shop/gone'), severityOf('service/gone')]).toEqual([
      'critical',
      undefined,
      'critical',
    ])
  })

  it('tells nobody of what is not watched, of a first start, nor of a target that people have taken out', () => {
    const { setHealth, setAdmin, told } = deskOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'up')
    setHealth('shop/b', 'up')
    setAdmin('shop/a', 'draining')
    setHealth('shop/a', 'down')
    setHealth('shop/a', 'up')
    setAdmin('shop/x', undefined)
    expect(told).toEqual([])
  })

  it('alarms once for each fall and gives the all-clear to whoever was alarmed', () => {
    const { setHealth, setAdmin, told } = deskOf(['shop/a', 'shop/b'])
    setHealth('shop/a', 'up')
    setHealth('shop/b', 'up')
    setHealth('shop/a', 'down')
    setHealth('shop/b', 'down')
    setAdmin('shop/a', 'draining')
    setAdmin('shop/a', undefined)
    setHealth('shop/a', 'up')
    setHealth('shop/b', 'up')
    setHealth('shop/a', 'down')
    expect(told).toEqual([
      'firing warning target/shop/a -> mail',
      'firing critical target/shop/b -> phone mail',
      'resolved warning target/shop/a -> mail',
      'resolved critical target/shop/b -> phone mail',
      'firing warning target/shop/a -> mail',
    ])
  })

  it('goes on with the alarms of the control before: it raises none twice, and ends them', () => {
    const { setHealth, told, severityOf } = deskOf(['shop/a'], new Map([['target/shop/a', 'critical']]))
    setHealth('shop/a', 'down')
    expect([told, severityOf('target/shop/a')]).toEqual([[], 'critical'])
    setHealth('shop/a', 'up')
    expect([told, severityOf('target/shop/a')]).toEqual([['resolved critical target/shop/a -> phone mail'], undefined])
  })
})
