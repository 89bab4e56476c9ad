import { describe, expect, it } from 'vitest'
import type { Gate } from './gate.ts'
import { Progress } from './progress.ts'
import { runGates, type RunCommand } from './run-gates.ts'

const gate = (name: string, ...needs: string[]): Gate => ({ name, why: `${name} matters`, command: [name], needs })

function recorder(terminal = false) {
  const texts: string[] = []
  return { texts, screen: { isTTY: terminal, write: (text: string) => void texts.push(text) } }
}

/** A command named `bad...` fails; the rest pass; each takes one turn of the event loop. */
function commands() {
  const log: string[] = []
  let running = 0
  let most = 0
  const run: RunCommand = async ([name]) => {
    log.push(name)
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
    const ok = !name.startsWith('bad')
    return { ok, reason: ok ? '' : 'exited with 1', output: ok ? 'chatter' : '\u001B[31mline one\u001B[39m\nline two', seconds: 1.25 }
  }
  return { log, run, most: () => most }
}

describe('runGates', () => {
  it('skips what needs a failed gate, runs the rest, and shows only the output of the failure, without colours in a log', async () => {
    const { texts, screen } = recorder()
    const { log, run } = commands()
    const gates = [gate('bad-build'), gate('pack', 'bad-build'), gate('lint')]
    const outcomes = await runGates(gates, new Progress(screen, gates.length), AbortSignal.any([]), run)

    expect(log).toEqual(['bad-build', 'lint'])
    expect([...outcomes].map(([name, { state }]) => [name, state])).toEqual([
      ['bad-build', 'failed'],
      ['pack', 'skipped'],
      ['lint', 'passed'],
    ])
    expect(texts.join('')).toBe(
      [
        'gate bad-build    FAILED     1.3 s: it exited with 1',
        '  what it checks: bad-build matters',
        '  its command:    bad-build',
        '  | line one',
        '  | line two',
        'gate pack         skipped: it needs "bad-build", which did not pass',
        'gate lint         passed     1.3 s',
        '',
      ].join('\n'),
    )
  })

  it('runs two at a time and no more', async () => {
    const { run, most } = commands()
    const gates = ['a', 'b', 'c', 'd', 'e'].map((name) => gate(name))
    await runGates(gates, new Progress(recorder().screen, gates.length), AbortSignal.any([]), run)

    expect(most()).toBe(2)
  })

  it('refuses gates that need each other in a circle', async () => {
    const gates = [gate('a', 'b'), gate('b', 'a')]

    await expect(runGates(gates, new Progress(recorder().screen, 2), AbortSignal.any([]), commands().run)).rejects.toThrow('circle')
  })

  it('starts nothing more once interrupted', async () => {
    const { log, run } = commands()
    const interruption = new AbortController()
    interruption.abort()
    const gates = [gate('a'), gate('b')]
    const outcomes = await runGates(gates, new Progress(recorder().screen, 2), interruption.signal, run)

    expect(log).toEqual([])
    expect(outcomes.size).toBe(0)
  })
})

describe('Progress', () => {
  it('moves one line on a terminal, clears it for results, and leaves nothing behind', async () => {
    const { texts, screen } = recorder(true)
    const progress = new Progress(screen, 3)
    progress.started(gate('lint'))
    await expect.poll(() => texts.join('')).toMatch(/gate 1 of 3: lint \(0 s\)/)
    progress.ended(gate('lint'), { state: 'passed', seconds: 2 })
    progress.stop()

    expect(texts.slice(-3)).toEqual(['\r\u001B[2K', 'gate lint         passed     2.0 s\n', '\r\u001B[2K'])
  })
})
