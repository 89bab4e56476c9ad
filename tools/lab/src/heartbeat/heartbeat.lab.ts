import { sleep } from '@hotspare/core'
import { detectionBoundMs } from '@hotspare/heartbeat'
import { describe, expect, it, type TestContext } from 'vitest'
import { createNetwork, needLab, until } from '../network.ts'
import { allUp, convictions, startNode } from './site.ts'

const short = process.env['HOTSPARE_LAB_SHORT'] === '1'
const KILLS = short ? 15 : 50

describe('two nodes at 100 ms', () => {
  it(`know of the other process being killed within 100 ms, in all of ${KILLS} runs but one`, { timeout: 600_000 }, async (context) => {
    needLab(context)
    const { one, two } = createNetwork(['one', 'two'])
    const watcher = startNode(one, [two], { channel: true })
    const tookMs: number[] = []
    for (let run = 0; run < KILLS; run++) {
      const before = watcher.events().length
      const victim = startNode(two, [one], { channel: true })
      const since = () => watcher.events().slice(before)
      const has = (type: string) => since().some((event) => event.type === type)
      await until(
        () => has('peer-connected') && (has('peer-up') || has('peer-restarted')),
        `run ${run}: it is seen: ${JSON.stringify(since())}`,
      )
      await sleep(200)
      const killedAt = Date.now()
      victim.program.child.kill('SIGKILL')
      await victim.program.ended
      await until(() => has('peer-down'), `run ${run}: its death is known`)
      tookMs.push((since().find(({ type }) => type === 'peer-down')?.at ?? Infinity) - killedAt)
    }
    const sorted = tookMs.toSorted((a, b) => a - b)
    await context.annotate(`known after ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[Math.floor(KILLS / 2)]} ms`)
    // It was the channel that told, not the silence.
    expect(sorted.at(-1)).toBeLessThan(1_500)
    // A machine that shares its cores with other tests is no judge of milliseconds.
    expect(sorted.filter((ms) => ms < 100).length).toBeGreaterThanOrEqual(short ? KILLS * 0.8 : KILLS - 1)
  })

  it('know of a cut link within the configured bound, and of its return', { timeout: 120_000 }, async (context) => {
    needLab(context)
    const { one, two } = createNetwork(['one', 'two'])
    const nodes = [startNode(one, [two]), startNode(two, [one])] as const
    await allUp(...nodes)
    await sleep(1_000)
    const cutAt = Date.now()
    two.unplug()
    await until(() => nodes.every((node) => convictions(node).length > 0), 'both see it')
    const bound = detectionBoundMs({ intervalMs: 100, limitMs: 1_500, ownPauseMs: 375 })
    for (const node of nodes) {
      const tookMs = (convictions(node)[0]?.at ?? Infinity) - cutAt
      await context.annotate(`known after ${tookMs} ms; the bound is ${bound.onTime} ms, ${bound.late} ms for a node that looks late`)
      expect(tookMs).toBeLessThanOrEqual(bound.late)
    }
    two.plug()
    await until(() => nodes.every((node) => node.events().at(-1)?.type === 'peer-up'), 'it is up again')
  })

  it('see a loss in one direction as what it is', { timeout: 120_000 }, async (context) => {
    needLab(context)
    const { one, two } = createNetwork(['one', 'two'])
    const hearing = startNode(one, [two])
    const deaf = startNode(two, [one])
    await allUp(hearing, deaf)
    two.cutFrom(one)
    await until(() => convictions(deaf).length > 0 && convictions(hearing).length > 0, 'both see it')
    expect(convictions(deaf)[0]).toMatchObject({ type: 'peer-down', peer: 'one' })
    expect(convictions(hearing)[0]).toMatchObject({
      type: 'peer-degraded',
      peer: 'two',
      because: expect.stringContaining('hears nothing from us'),
    })
  })

  it('convict nobody through 30 % loss in both directions', { timeout: 600_000 }, async (context) => {
    needLab(context)
    const { one, two } = createNetwork(['one', 'two'])
    const nodes = [startNode(one, [two]), startNode(two, [one])] as const
    await allUp(...nodes)
    for (const machine of [one, two]) machine.losePercent(30)
    await sleep(short ? 20_000 : 300_000)
    expect(nodes.map(convictions)).toEqual([[], []])
    for (const node of nodes) {
      const counters = node.snapshot()?.peers[0]?.paths[0]?.counters
      await context.annotate(JSON.stringify(counters))
      // The loss was there.
      expect((counters?.missed ?? 0) / ((counters?.received ?? 0) + (counters?.missed ?? 0))).toBeGreaterThan(0.2)
    }
  })

  it('convict nobody while every core burns', { timeout: 600_000 }, async (context) => {
    needLab(context, 'stress-ng')
    const { one, two, oven } = createNetwork(['one', 'two', 'oven'])
    const nodes = [startNode(one, [two], { ownProcess: true }), startNode(two, [one], { ownProcess: true })] as const
    await allUp(...nodes)
    const profile = ['--cpu', '4', '--switch', '4', '--fork', '4', '--vm', '2']
    const stress = oven.run('stress-ng', [...profile, '--timeout', short ? '10s' : '60s'])
    await stress.ended
    expect(nodes.map(convictions)).toEqual([[], []])
    for (const node of nodes) await context.annotate(JSON.stringify(node.snapshot()?.beats))
  })
})

describe('a main loop that is busy for 5 s', () => {
  it('misses no beat when heartbeats run in their own process', async (context) => {
    const { missedBefore, missed, convictions: against } = await blockOne(context, true)
    expect([missed, against]).toEqual([missedBefore, []])
  })

  it('is taken for a dead node when they do not', async (context) => {
    expect((await blockOne(context, false)).convictions).toContainEqual(expect.objectContaining({ type: 'peer-down', peer: 'two' }))
  })
})

async function blockOne(context: TestContext, ownProcess: boolean) {
  needLab(context)
  const { one, two } = createNetwork(['one', 'two'])
  const watcher = startNode(one, [two])
  const busy = startNode(two, [one], { ownProcess })
  await allUp(watcher, busy)
  const missed = () => watcher.snapshot()?.peers[0]?.paths[0]?.counters.missed
  await sleep(1_500)
  const missedBefore = missed()
  busy.program.child.stdin?.write('block 5000\n')
  await sleep(7_000)
  return { missedBefore, missed: missed(), convictions: convictions(watcher) }
}
