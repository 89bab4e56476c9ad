import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { KeptChild } from './kept-child.ts'
import { hasType } from './messages.ts'

type Order =
  | { readonly type: 'be'; readonly what: 'well' | 'dead' | 'wrong' }
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'end' }
type News = { readonly type: 'said'; readonly text: string }

/** A child that does as it is told. */
const PROGRAM = `
process.on('message', ({ type, what, text }) => {
  if (type === 'say') process.send({ type: 'said', text })
  if (type === 'end') process.exit(0)
  if (what === 'well') process.send({ type: 'started' })
  if (what === 'dead') process.exit(3)
  if (what === 'wrong') process.send({ type: 'failed', code: 'HOTSPARE_ALERT_OPTIONS', message: 'no such channel' }, () => process.exit(1))
})
process.on('disconnect', () => process.exit())
`

interface Kept {
  readonly child: KeptChild<Order, News>
  readonly told: string[]
}

function kept(lives: readonly ('well' | 'dead' | 'wrong')[]): Kept {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-child-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'child.mjs')
  writeFileSync(program, PROGRAM)
  const told: string[] = []
  let life = 0
  const child = new KeptChild<Order, News>({
    role: 'worker',
    program,
    clock: systemClock,
    // Pauses as short as they may be.
    random: { next: () => 0 },
    logger: silentLogger,
    begin: (send) => send({ type: 'be', what: lives[life++] ?? 'well' }),
    isNews: (message): message is News => hasType(message),
    hear: ({ text }) => told.push(text),
    alive: () => {},
    ended: (because) => told.push(`ended: ${because}`),
    startedAgain: (_pid, restarts) => told.push(`started again ${restarts}`),
  })
  onTestFinished(() => child.end({ type: 'end' }, 5_000))
  return { child, told }
}

it.each([
  ['dead', { code: 'HOTSPARE_APP_PROCESS', message: 'worker: the process ended before it was at work: exit code 3' }],
  ['wrong', { code: 'HOTSPARE_ALERT_OPTIONS', message: 'no such channel' }],
] as const)('a first start that ends %s is told to the caller, and not repeated', async (what, error) => {
  const { child, told } = kept([what])
  await expect(child.start()).rejects.toMatchObject(error)
  expect(child.isThere).toBe(false)
  expect(told).toEqual([])
})

it('a child that was at work is started again, as often as it takes, and each end is told', async () => {
  const { child, told } = kept(['well', 'dead', 'dead', 'well'])
  await child.start()
  const first = child.facts().pid ?? 0
  process.kill(first, 'SIGKILL')
  await until(() => told.includes('started again 3'), 'the third restart')
  expect(told).toEqual(['ended: killed by SIGKILL', 'ended: exit code 3', 'ended: exit code 3', 'started again 3'])
  expect(child.facts()).toMatchObject({ name: 'worker', restarts: 3, because: 'exit code 3' })
  expect(child.facts().pid).not.toBe(first)
})

it('what is told reaches the child that is there, and nobody where there is none', async () => {
  const { child, told } = kept(['well'])
  child.tell({ type: 'say', text: 'too early' })
  await child.start()
  child.tell({ type: 'say', text: 'hello' })
  await until(() => told.length > 0, 'the answer')
  expect(told).toEqual(['hello'])
  await child.end({ type: 'end' }, 5_000)
  expect(child.isThere).toBe(false)
  child.tell({ type: 'say', text: 'too late' })
})

it('an end that takes too long is made', async () => {
  const { child } = kept(['well'])
  await child.start()
  const { pid = 0 } = child.facts()
  process.kill(pid, 'SIGSTOP')
  await child.end({ type: 'end' }, 50)
  expect(child.facts()).toMatchObject({ pid: undefined, because: 'it did not end within 50 ms' })
})
