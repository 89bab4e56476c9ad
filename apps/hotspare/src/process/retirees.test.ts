import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { processDefaults } from './defaults.ts'
import type { WorkerProcessOrder } from './messages.ts'
import { Retirees, type RetiringWorker } from './retirees.ts'

class FakeWorker implements RetiringWorker {
  readonly told: WorkerProcessOrder[] = []
  readonly pid: number
  graceMs = 0
  killedBecause: string | undefined
  finish: () => void = () => {}

  constructor(pid: number) {
    this.pid = pid
  }

  facts(): ReturnType<RetiringWorker['facts']> {
    return { name: 'worker', pid: this.pid, since: 0, restarts: 0, because: 'exit code 0', usage: undefined }
  }

  tell(order: WorkerProcessOrder): void {
    this.told.push(order)
  }

  async end(order: WorkerProcessOrder, graceMs: number): Promise<void> {
    this.told.push(order)
    this.graceMs = graceMs
    await new Promise<void>((resolve) => (this.finish = resolve))
  }

  kill(because = 'the guard ended'): void {
    this.killedBecause = because
    this.finish()
  }
}

function retireesOf(): {
  retirees: Retirees
  clock: TestClock
  retired: string[]
  retire: (pid: number, targets?: readonly string[]) => FakeWorker
} {
  const clock = new TestClock()
  const retired: string[] = []
  const retirees = new Retirees({ clock, retired: (pid, because, tookMs) => retired.push(`${pid} ${because} ${tookMs}`) })
  return {
    retirees,
    clock,
    retired,
    retire(pid, targets = []) {
      const worker = new FakeWorker(pid)
      retirees.add(worker, ['web'], 30_000, new Set(targets))
      return worker
    },
  }
}

it('a fourth one cuts the oldest, and kills it where it does not follow', async () => {
  const { retirees, clock, retired, retire } = retireesOf()
  const workers = [1, 2, 3].map((pid) => retire(pid))
  expect(workers.map(({ told }) => told)).toEqual(workers.map(() => [{ type: 'retire', handedOver: ['web'] }]))
  const [first, second] = workers
  retire(4)
  expect(first?.told.at(-1)).toEqual({ type: 'cut' })
  expect(second?.told).toHaveLength(1)
  expect(retirees.facts().map(({ name, pid }) => `${name} ${pid}`)).toEqual([1, 2, 3, 4].map((pid) => `worker-retiring-${pid} ${pid}`))
  // Others come meanwhile: each is cut once.
  retire(5)
  expect(second?.told.at(-1)).toEqual({ type: 'cut' })
  expect(first?.told.filter(({ type }) => type === 'cut')).toHaveLength(1)
  await clock.advance(processDefaults.workerGraceMs)
  expect(first?.killedBecause).toBe('more than 3 workers were draining')
  expect(retired).toContain('1 exit code 0 3000')
  // Its place is free again.
  expect(retire(6).killedBecause).toBeUndefined()
  expect(retirees.facts().map(({ name }) => name)).toContain('worker-retiring-1')
})

it('has the time of its own slowest proxy and some more, and is told of when it has ended', async () => {
  const { retirees, clock, retired, retire } = retireesOf()
  const worker = retire(7)
  expect(worker.graceMs).toBe(30_000 + processDefaults.idleGraceMs + processDefaults.workerGraceMs)
  await clock.advance(1_234)
  worker.finish()
  await retirees.ended()
  expect(retired).toEqual(['7 exit code 0 1234'])
  expect(retirees.facts()).toEqual([])
})

it('hears of the targets that still are what they were, over several reloads', () => {
  const { retirees, retire } = retireesOf()
  const first = retire(1, ['site/a', 'site/b'])
  const second = retire(2, ['site/b', 'site/c'])
  for (const targetId of ['site/a', 'site/b', 'site/c']) retirees.tell({ type: 'target-state', targetId, state: 'down' })
  const heard = ({ told }: FakeWorker) =>
    told.flatMap((order) => (order.type === 'from-control' && 'targetId' in order.order ? [order.order.targetId] : []))
  expect([first, second].map(heard)).toEqual([['site/b'], ['site/b', 'site/c']])
  retirees.narrow(new Set(['site/a']))
  retirees.tell({ type: 'target-state', targetId: 'site/b', state: 'up' })
  expect([first, second].map(heard)).toEqual([['site/b'], ['site/b', 'site/c']])
})

it('all of them end when the guard is told to', () => {
  const { retirees, retire } = retireesOf()
  const workers = [retire(1), retire(2)]
  retirees.kill()
  expect(workers.map(({ killedBecause }) => killedBecause)).toEqual(['the guard ended', 'the guard ended'])
})
