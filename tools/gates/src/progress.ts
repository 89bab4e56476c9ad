import { stripVTControlCharacters } from 'node:util'
import type { Gate, GateOutcome } from './gate.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100

/** Where the progress goes: a terminal, a log, or a test. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Tells people what runs: a line that moves on a terminal, one plain line for each gate that ended elsewhere. */
export class Progress {
  readonly #screen: Screen
  readonly #total: number
  readonly #startedMs = new Map<string, number>()
  readonly #ticker: NodeJS.Timeout | undefined
  #ended = 0
  #frame = 0

  constructor(screen: Screen, total: number) {
    this.#screen = screen
    this.#total = total
    if (screen.isTTY) this.#ticker = setInterval(() => this.#draw(), FRAME_MS)
  }

  started(gate: Gate): void {
    this.#startedMs.set(gate.name, performance.now())
  }

  ended(gate: Gate, outcome: GateOutcome): void {
    this.#startedMs.delete(gate.name)
    this.#ended++
    this.#clear()
    const text = `${describe(gate, outcome)}\n`
    // Some tools take any CI for a terminal.
    this.#screen.write(this.#screen.isTTY ? text : stripVTControlCharacters(text))
  }

  stop(): void {
    clearInterval(this.#ticker)
    this.#clear()
  }

  #draw(): void {
    const frame = FRAMES[this.#frame++ % FRAMES.length]
    const running = [...this.#startedMs].map(([name, sinceMs]) => `${name} (${Math.floor((performance.now() - sinceMs) / 1000)} s)`)
    const line = `${frame} gate ${this.#ended + 1} of ${this.#total}: ${running.join(', ')}`
    this.#clear()
    this.#screen.write(line.slice(0, (this.#screen.columns ?? 80) - 1))
  }

  #clear(): void {
    if (this.#screen.isTTY) this.#screen.write('\r\u001B[2K')
  }
}

function describe(gate: Gate, outcome: GateOutcome): string {
  const name = gate.name.padEnd(12)
  switch (outcome.state) {
    case 'passed':
      return `gate ${name} passed  ${outcome.seconds.toFixed(1).padStart(6)} s`
    case 'skipped':
      return `gate ${name} skipped: ${outcome.because}`
    case 'failed':
      return [
        `gate ${name} FAILED  ${outcome.seconds.toFixed(1).padStart(6)} s: it ${outcome.reason}`,
        `  what it checks: ${gate.why}`,
        `  its command:    ${gate.command.join(' ')}`,
        ...outcome.output.split('\n').map((line) => `  | ${line}`),
      ].join('\n')
    default:
      return outcome satisfies never
  }
}
