import { silentLogger, systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { ControlSeat } from './control-seat.ts'
import type { ConfigSource } from './config-source.ts'
import { programThat } from './seats.fixture.ts'

const PROGRAM = `
if (message.type === 'rehearse' && message.source.file === 'wrong') say({ type: 'failed', code: 'HOTSPARE_ALERT_OPTIONS', message: 'no such channel' })
if (message.type === 'rehearse' && message.source.file === 'wrong') setTimeout(() => process.exit(1), 50)
if (message.type === 'start' || (message.type === 'rehearse' && message.source.file === 'right')) started()
if (message.type === 'retire') {
  say({ type: 'to-worker', order: { type: 'target-weight', targetId: 'too/late', weight: 1 } })
  say({ type: 'timeline-left', entries: [] })
  setTimeout(() => process.exit(0), 50)
}
if (message.type === 'finish') process.exit(0)
`

const sourceOf = (file: string): ConfigSource => ({ file, hostname: 'h', env: new Map(), files: new Map() })

function seatOf(): { control: ControlSeat; heard: string[] } {
  const heard: string[] = []
  const control = new ControlSeat({
    program: programThat(PROGRAM),
    clock: systemClock,
    random: { next: () => 0 },
    logger: silentLogger,
    version: '1.2.3',
    begin: (send) =>
      send({
        type: 'start',
        source: sourceOf('right'),
        version: '',
        startedAt: 0,
        listens: new Map(),
        lastWords: { admin: new Map(), firing: new Map() },
      }),
    hear: (news: object) => {
      const { type, fields } = news as { type: string; fields?: { message: { type: string } } }
      heard.push(fields ? fields.message.type : type)
    },
    alive: () => {},
    ended: (because) => heard.push(`ended: ${because}`),
    startedAgain: () => heard.push('started again'),
  })
  onTestFinished(() => control.end({ type: 'finish' }, 5_000))
  return { control, heard }
}

it('keeps the control that is there when the next one could not be started, and says why', async () => {
  const { control, heard } = seatOf()
  await control.start()
  const { pid } = control.facts()
  await expect(control.rehearse(sourceOf('wrong'), { signal: AbortSignal.timeout(20_000) })).rejects.toMatchObject({
    code: 'HOTSPARE_ALERT_OPTIONS',
    message: 'no such channel',
  })
  expect([control.facts().pid, control.isThere]).toEqual([pid, true])
  expect(heard).toEqual(['start'])
})

it('waits no longer for the next one than it is told to', async () => {
  const { control } = seatOf()
  await control.start()
  await expect(control.rehearse(sourceOf('silent'), { signal: AbortSignal.abort(new Error('the daemon stops')) })).rejects.toThrow(
    'the daemon stops',
  )
})

it('begins with the next one when the last one has ended, hears its last words, and nobody is told that one has ended', async () => {
  const { control, heard } = seatOf()
  await control.start()
  const { pid: first } = control.facts()
  const successor = await control.rehearse(sourceOf('right'), { signal: AbortSignal.timeout(20_000) })
  expect(control.facts().pid).toBe(first)
  const followed = control.follow(successor)
  // Nobody hears what is told now: it has to wait.
  expect(control.isThere).toBe(false)
  await followed
  expect(control.isThere).toBe(true)
  await until(() => heard.filter((each) => each === 'start').length === 2, 'the beginning of the next one')
  // Of the rehearsal nothing counts, and of what the last one said at its end its last words alone.
  expect(heard).toEqual(['start', 'timeline-left', 'start'])
  // It is kept like any other.
  const { pid: second = 0 } = control.facts()
  expect(second).not.toBe(first)
  process.kill(second, 'SIGKILL')
  await until(() => heard.includes('started again'), 'its successor')
  expect(heard.slice(3)).toEqual(['ended: killed by SIGKILL', 'start', 'started again'])
})
