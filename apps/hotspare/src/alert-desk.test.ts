import type { Alert } from '@hotspare/alert'
import { type HealthState, silentLogger, type Verdict } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { openAlertDesk } from './alert-desk.ts'
import { TargetBoard } from './target-board.ts'

interface Desk {
  readonly board: TargetBoard
  readonly setHealth: (id: string, state: 'up' | 'down') => void
  /** `status severity key -> channels`, in order. */
  readonly told: string[]
}

function desk(...ids: readonly string[]): Desk {
  const clock = new TestClock()
  const verdicts = new Map<string, Verdict<HealthState>>()
  const board = new TargetBoard({ clock, logger: silentLogger, healthOf: (id) => verdicts.get(id) })
  for (const id of ids) {
    verdicts.set(id, { state: 'unknown', since: 0, because: 'not proven' })
    board.add({ id, pool: 'shop' })
  }
  const told: string[] = []
  const notify = ({ status, severity, key }: Alert, options?: { readonly channels?: readonly string[] | undefined }) =>
    void told.push(`${status} ${severity} ${key} -> ${options?.channels?.join(' ')}`)
  const routes = [
    { severities: ['critical'], to: ['phone'] },
    { severities: undefined, to: ['mail'] },
  ] as const
  openAlertDesk({ board, alerter: { notify }, routes, node: 'web-1' })
  const setHealth: Desk['setHealth'] = (id, state) => {
    const from = verdicts.get(id)?.state ?? 'unknown'
    verdicts.set(id, { state, since: clock.wallMs(), because: 'seen' })
    board.healthChanged({ type: `target-${state}`, at: clock.wallMs(), targetId: id, from, because: 'seen' })
  }
  return { board, setHealth, told }
}

describe('the alert desk', () => {
  it('tells nobody of a first start, nor of a target that people have taken out', () => {
    const { board, setHealth, told } = desk('shop/a', 'shop/b')
    setHealth('shop/a', 'up')
    setHealth('shop/b', 'up')
    board.setAdmin('shop/a', 'draining', 'by hand')
    setHealth('shop/a', 'down')
    setHealth('shop/a', 'up')
    expect(told).toEqual([])
  })

  it('alarms once for each fall and gives the all-clear to whoever was alarmed', () => {
    const { board, setHealth, told } = desk('shop/a', 'shop/b')
    setHealth('shop/a', 'up')
    setHealth('shop/b', 'up')
    setHealth('shop/a', 'down')
    // The fall of the last one is told as an event of the target and as one of the pool.
    setHealth('shop/b', 'down')
    board.setAdmin('shop/a', 'draining', 'by hand')
    board.setAdmin('shop/a', undefined, 'by hand')
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
})
