import { once } from 'node:events'
import { silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { processDefaults } from '../defaults.ts'
import { ChildLife } from './child-life.ts'
import type { Report } from './messages.ts'
import { moduleFile, patient, twoNodes } from './processes.fixture.ts'

const STARTED = `process.send({ type: 'started', snapshot: {}, priority: 0 })`
const REFUSED = `process.send({ type: 'failed', code: 'HOTSPARE_TEST', message: 'it refuses', retryable: false })`
const STAYS = 'setInterval(() => {}, 60_000)'

/** A life of a program that stands in for the one that beats. */
async function lifeOf(...program: readonly string[]) {
  const clock = new TestClock()
  const { path } = await moduleFile(program.join('\n'))
  const [settings] = await twoNodes()
  const heard: Report['type'][] = []
  const lost: string[] = []
  const warnings: unknown[] = []
  const closed = new EventTarget()
  const whenClosed = once(closed, 'closed')
  const life = new ChildLife({
    program: path,
    start: { type: 'start', settings, session: '0123456789abcdef', counterFloor: 0, snapshotMs: 1_000 },
    clock,
    logger: { ...silentLogger, warn: (fields) => warnings.push(fields) },
    hear: ({ type }) => heard.push(type),
    lost: (because) => lost.push(because),
    closed: () => closed.dispatchEvent(new Event('closed')),
  })
  const { pid } = life
  onTestFinished(async () => {
    // Its clock stands still: no timer would end it.
    if (pid !== undefined && lost.length === 0) process.kill(pid, 'SIGKILL')
    await whenClosed
  })
  return { life, clock, heard, lost, warnings, whenClosed }
}

describe('ChildLife', () => {
  // Nothing limited the start of a process that followed another one.
  it('loses a process that never says that it has started', { timeout: 60_000 }, async () => {
    const { life, clock, lost, whenClosed } = await lifeOf(STAYS)
    await clock.advance(processDefaults.startTimeoutMs - 1)
    expect(lost).toEqual([])
    await clock.advance(1)
    expect(lost).toEqual(['it did not start within 15000 ms'])
    await expect(life.started).rejects.toMatchObject({ code: 'HOTSPARE_HEARTBEAT_PROCESS' })
    await whenClosed
    expect(lost).toHaveLength(1)
  })

  it('loses a process that stands still after its start, and not sooner than it may', { timeout: 60_000 }, async () => {
    const { life, clock, lost, whenClosed } = await lifeOf(STARTED, STAYS)
    await life.started
    await clock.advance(processDefaults.hungMs - 1)
    expect(lost).toEqual([])
    await clock.advance(1)
    expect(lost).toEqual(['it stood still for 3000 ms'])
    await whenClosed
  })

  // The code of the exit was told instead: "killed by SIGKILL", by our own hand.
  it('tells why a process could not start, in its own words', { timeout: 60_000 }, async () => {
    const { life, lost, whenClosed } = await lifeOf(REFUSED, STAYS)
    await expect(life.started).rejects.toMatchObject({ code: 'HOTSPARE_TEST', message: 'it refuses' })
    await whenClosed
    expect(lost).toEqual(['it refuses'])
  })

  // The beats ended for an order that made no sense.
  it('lets a process live that refuses an order after its start', { timeout: 60_000 }, async () => {
    const { life, heard, lost, warnings } = await lifeOf(STARTED, REFUSED, `process.send({ type: 'news' })`, STAYS)
    await life.started
    await vi.waitFor(() => expect(heard).toEqual(['started', 'news']), patient)
    expect(warnings).toEqual([{ error: 'it refuses' }])
    expect(lost).toEqual([])
  })

  it('tells the exit of a process that says nothing, once all that it said before was heard', { timeout: 60_000 }, async () => {
    const { life, heard, lost, whenClosed } = await lifeOf(STARTED, 'process.exitCode = 3', 'process.disconnect()')
    await life.started
    await whenClosed
    expect(heard).toEqual(['started'])
    expect(lost).toEqual(['exit code 3'])
  })

  it('does not wait for a process when the caller does not want to', { timeout: 60_000 }, async () => {
    const { life, lost } = await lifeOf(STARTED, STAYS)
    await life.started
    await life.end({ signal: AbortSignal.abort() })
    expect(lost).toEqual(['killed by SIGKILL'])
  })
})
