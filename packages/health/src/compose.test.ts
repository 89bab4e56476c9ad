import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CompositionRules, decide, judgeAll, type OutcomeCounts } from './compose/decide.ts'
import { all, any, atLeast } from './compose.ts'
import type { Probe, ProbeResult } from './probe.ts'
import { closedPort, hostileBehaviours, loopbackServer, type MemoryAnswer, memoryProbe, probeContract } from './testing/index.ts'
import { tcpProbe } from './tcp.ts'

const host = '127.0.0.1'
const close = () => Promise.resolve()

probeContract({
  runner: { describe, it },
  name: 'all',
  healthy: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    const tcp = tcpProbe({ host, port: server.port, timeoutMs: 5_000 })
    return { ...server, probe: all({ one: tcp, two: tcp }) }
  },
  dead: async () => ({ probe: all({ well: memoryProbe(), gone: tcpProbe({ host, port: await closedPort(), timeoutMs: 5_000 }) }), close }),
  silent: () =>
    Promise.resolve({ probe: all({ well: memoryProbe(), silent: memoryProbe({ answer: () => 'silent' }) }, { timeoutMs: 60 }), close }),
})

/** A probe that says what it is told to, and notes whether it was cancelled. */
function scripted(result: Partial<ProbeResult> & { readonly afterMs?: number }, clock: TestClock): Probe & { readonly fate: string[] } {
  const { afterMs = 1, ...facts } = result
  const fate: string[] = []
  return {
    fate,
    type: 'scripted',
    address: 'scripted',
    timeoutMs: 10_000,
    run: ({ signal } = {}) =>
      new Promise((resolve, reject) => {
        const timer = clock.schedule(afterMs, () => {
          fate.push('finished')
          resolve({ outcome: 'pass', durationMs: afterMs, detail: 'fine', ...facts } as ProbeResult)
        })
        signal?.addEventListener('abort', () => {
          timer.cancel()
          fate.push('cancelled')
          reject(signal.reason as Error)
        })
      }),
  }
}

async function outcomeOf(make: (clock: TestClock) => Probe): Promise<ProbeResult> {
  const clock = new TestClock()
  const run = make(clock).run()
  await clock.advance(60_000)
  expect(clock.pendingTimers).toBe(0)
  return run
}

const memory = (clock: TestClock, answer: MemoryAnswer) => memoryProbe({ answer: () => answer, clock })

describe('composed probes', () => {
  it.each([
    { make: () => all({}), says: 'parts' },
    { make: () => all({ 'a b': memoryProbe() }), says: 'parts.0' },
    { make: () => atLeast(0, { a: memoryProbe() }), says: 'count' },
    { make: () => atLeast(2, { a: memoryProbe() }), says: 'count' },
    { make: () => any(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, memoryProbe()]))), says: 'parts' },
    { make: () => any({ a: memoryProbe() }, { quick: true } as never), says: 'quick' },
  ])('rejects options that are not valid, and names $says', ({ make, says }) => {
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }))
  })

  it.each<{ name: string; answers: MemoryAnswer[]; need: number; outcome: string; detail: string }>([
    { name: 'all, one fails', answers: ['pass', 'refused'], need: 2, outcome: 'fail', detail: '1 of 2 failed: p1: pretended: refused' },
    {
      name: 'all, one showed nothing',
      answers: ['pass', 'inconclusive'],
      need: 2,
      outcome: 'inconclusive',
      detail: '1 of 2 showed nothing: p1: pretended: this machine could not look',
    },
    {
      name: 'all, one showed nothing and one fails',
      answers: ['inconclusive', 'dns'],
      need: 2,
      outcome: 'fail',
      detail: '1 of 2 failed: p1: pretended: dns',
    },
    {
      name: 'any, one passes',
      answers: ['refused', 'pass'],
      need: 1,
      outcome: 'degraded',
      detail: '1 of 2 failed: p0: pretended: refused',
    },
    {
      name: 'any, none passes and one showed nothing',
      answers: ['refused', 'inconclusive'],
      need: 1,
      outcome: 'inconclusive',
      detail: '1 of 2 showed nothing: p1: pretended: this machine could not look',
    },
    {
      name: 'two of three pass, one showed nothing',
      answers: ['pass', 'pass', 'inconclusive'],
      need: 2,
      outcome: 'pass',
      detail: '2 of 3 passed, 1 of 3 showed nothing: p2: pretended: this machine could not look',
    },
    {
      name: 'one of three passes where two have to',
      answers: ['pass', 'tls', 'reset'],
      need: 2,
      outcome: 'fail',
      detail: '2 of 3 failed: p1: pretended: tls; p2: pretended: reset',
    },
    { name: 'a part that throws', answers: ['throw'], need: 1, outcome: 'fail', detail: '1 of 1 failed: p0: a broken probe' },
  ])('$name: $outcome', async ({ answers, need, outcome, detail }) => {
    const result = await outcomeOf((clock) => {
      const parts = Object.fromEntries(answers.map((answer, index) => [`p${index}`, memory(clock, answer)]))
      return atLeast(need, parts, { clock })
    })
    expect(result).toMatchObject({ outcome, detail })
  })

  it('the reason is that of the first part that failed, in the order of the parts', async () => {
    const result = await outcomeOf((clock) =>
      all({ slow: scripted({ outcome: 'fail', reason: 'tls', afterMs: 5 }, clock), late: scripted({ afterMs: 4 }, clock) }, { clock }),
    )
    expect(result).toMatchObject({ outcome: 'fail', reason: 'tls' })
  })

  it('cancels the others as soon as a failure is certain', async () => {
    const clock = new TestClock()
    const slow = scripted({ afterMs: 5_000 }, clock)
    const run = all({ slow, bad: scripted({ outcome: 'fail', reason: 'status' }, clock) }, { clock }).run()
    await clock.advance(1)
    expect(await run).toMatchObject({ outcome: 'fail', reason: 'status', durationMs: 1 })
    expect(slow.fate).toEqual(['cancelled'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits for every part unless enough is enough', async () => {
    const patient = await outcomeOf((clock) => any({ quick: scripted({}, clock), slow: scripted({ afterMs: 9_000 }, clock) }, { clock }))
    expect(patient).toMatchObject({ outcome: 'pass', durationMs: 9_000, detail: '2 of 2 passed' })
    const quick = await outcomeOf((clock) =>
      any({ quick: scripted({}, clock), slow: scripted({ afterMs: 9_000 }, clock) }, { clock, whenPartly: 'pass' }),
    )
    expect(quick).toMatchObject({ outcome: 'pass', durationMs: 1, detail: '1 of 2 passed, 1 not waited for' })
  })

  it('a part that is still out at the deadline has failed, and is cancelled', async () => {
    const clock = new TestClock()
    const slow = scripted({ afterMs: 5_000 }, clock)
    const run = any({ quick: scripted({}, clock), slow }, { clock, timeoutMs: 100 }).run()
    await clock.advance(100)
    expect(await run).toMatchObject({ outcome: 'degraded', durationMs: 100, detail: '1 of 2 failed: slow: no result within 100 ms' })
    expect(slow.fate).toEqual(['cancelled'])
  })

  it('a part reaches its own deadline first, and names its phase', async () => {
    const result = await outcomeOf((clock) => all({ dumb: memory(clock, 'silent') }, { clock }))
    expect(result).toMatchObject({ reason: 'timeout', detail: expect.stringContaining('while waiting for the answer') })
  })

  it('whoever cancels cancels every part', async () => {
    const clock = new TestClock()
    const [one, two] = [scripted({ afterMs: 500 }, clock), scripted({ afterMs: 500 }, clock)]
    const controller = new AbortController()
    const run = all({ one, two }, { clock }).run({ signal: controller.signal })
    controller.abort(new Error('changed my mind'))
    await expect(run).rejects.toThrow('changed my mind')
    expect([one.fate, two.fate, clock.pendingTimers]).toEqual([['cancelled'], ['cancelled'], 0])
  })

  it('parts that showed nothing can be left out, as an agent that cannot be reached', async () => {
    const run = (answers: MemoryAnswer[]) =>
      outcomeOf((clock) =>
        all(Object.fromEntries(answers.map((answer, index) => [`p${index}`, memory(clock, answer)])), {
          clock,
          leaveOutInconclusive: true,
        }),
      )
    expect(await run(['pass', 'inconclusive'])).toMatchObject({ outcome: 'pass' })
    expect(await run(['refused', 'inconclusive'])).toMatchObject({ outcome: 'fail' })
    expect(await run(['inconclusive', 'inconclusive'])).toMatchObject({ outcome: 'inconclusive' })
  })

  it('hands on what the parts measured, warn of and ask for', async () => {
    const result = await outcomeOf((clock) =>
      all(
        {
          web: scripted({ warning: 'the certificate ends in 3 days', measures: { 'certificate-days': 3 } }, clock),
          one: scripted({ advice: { weight: 0.5, admin: 'ready' } }, clock),
          two: scripted({ advice: { weight: 0.75, admin: 'draining' } }, clock),
        },
        { clock },
      ),
    )
    expect(result).toMatchObject({
      measures: { 'web.certificate-days': 3 },
      warning: 'web: the certificate ends in 3 days',
      advice: { weight: 0.5, admin: 'draining' },
    })
  })

  it('fails at once only where every failed part says so itself', async () => {
    const fail = { outcome: 'fail', reason: 'unwell' } as const
    const run = (immediate: boolean) =>
      outcomeOf((clock) => any({ a: scripted({ ...fail, immediate: true }, clock), b: scripted({ ...fail, immediate }, clock) }, { clock }))
    expect(await run(true)).toMatchObject({ outcome: 'fail', immediate: true })
    expect(await run(false)).not.toHaveProperty('immediate')
  })

  it('composes composed probes', async () => {
    const result = await outcomeOf((clock) =>
      all({ web: any({ a: memory(clock, 'refused'), b: memory(clock, 'pass') }, { clock }), db: memory(clock, 'pass') }, { clock }),
    )
    expect(result).toMatchObject({ outcome: 'degraded', detail: '1 of 2 degraded: web: 1 of 2 failed: a: pretended: refused' })
  })
})

describe('the decision on parts', () => {
  const counts = fc.record({ pass: fc.nat(3), degraded: fc.nat(3), fail: fc.nat(3), inconclusive: fc.nat(3) })
  const rules: fc.Arbitrary<CompositionRules> = fc.record({
    need: fc.oneof(fc.constant('every' as const), fc.integer({ min: 1, max: 8 })),
    leaveOutInconclusive: fc.boolean(),
    whenPartly: fc.constantFrom('degraded', 'pass'),
  })

  it('comes exactly when no part that is out can change it', () => {
    fc.assert(
      fc.property(counts, fc.nat(4), rules, (now, out, how) => {
        const ends = new Set(completions(now, out).map((end) => judgeAll(end, how)))
        expect(decide(now, out, how)).toBe(ends.size === 1 ? [...ends][0] : undefined)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never fails without a failed part, and never passes without a part that passed', () => {
    fc.assert(
      fc.property(counts, rules, (now, how) => {
        const outcome = judgeAll(now, how)
        const witnesses = { pass: now.pass, degraded: now.pass + now.degraded, fail: now.fail, inconclusive: 1 }
        expect(witnesses[outcome]).toBeGreaterThan(0)
      }),
    )
  })
})

/** Every way in which `out` more parts can end. */
function completions(counts: OutcomeCounts, out: number): OutcomeCounts[] {
  if (out === 0) return [counts]
  return (['pass', 'degraded', 'fail', 'inconclusive'] as const).flatMap((outcome) =>
    completions({ ...counts, [outcome]: counts[outcome] + 1 }, out - 1),
  )
}
