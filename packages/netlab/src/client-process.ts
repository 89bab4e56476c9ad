// Opens a new connection again and again, on an absolute schedule, and records how each went: none is tried twice.
import { connect } from 'node:net'
import { networkFault, systemClock } from '@hotspare/core'
import type { Attempt } from './attempts.ts'
import { createRecorder } from './recording.ts'
import { sharedMs } from './shared-clock.ts'

export interface ClientOptions {
  /** An address: nothing is looked up. */
  readonly host: string
  readonly port: number
  /** From the start of one attempt to the start of the next. */
  readonly everyMs: number
  /** What has not succeeded after this has failed. At most the second after which a kernel sends a lost SYN anew. */
  readonly timeoutMs: number
  /** Asks who is there and waits for the answer; otherwise an accepted connection is a success. */
  readonly exchange: boolean
  /** Attempts are recorded here. */
  readonly file: string
}

const MOST_OPEN = 512
const LONGEST_ANSWER = 100

function run({ host, port, everyMs, timeoutMs, exchange, file }: ClientOptions): void {
  const write = createRecorder(file)
  const bornMs = sharedMs()
  let open = 0
  let slot = 0

  function tick(): void {
    attempt()
    // A slot that was slept through is left out: a burst afterwards would measure itself.
    slot = Math.max(slot + 1, Math.ceil((sharedMs() - bornMs) / everyMs))
    systemClock.schedule(Math.max(0, bornMs + slot * everyMs - sharedMs()), tick)
  }

  function record(ended: Attempt): void {
    write(ended)
  }

  function attempt(): void {
    const startMs = sharedMs()
    if (open >= MOST_OPEN) return record({ startMs, endMs: startMs, outcome: 'skipped' })
    open += 1
    const socket = connect({ host, port, noDelay: true })
    let ended = false
    const end = (outcome: Attempt['outcome'], node?: string) => {
      if (ended) return
      ended = true
      timer.cancel()
      open -= 1
      record({ startMs, endMs: sharedMs(), outcome, node })
      // A reset leaves no port behind that waits for a minute.
      if (socket.connecting) socket.destroy()
      else socket.resetAndDestroy()
    }
    const timer = systemClock.schedule(timeoutMs, () => end('timeout'))
    let answer = ''
    socket.on('connect', () => {
      if (exchange) socket.write('who\n')
      else end('ok')
    })
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (answer.endsWith('\n')) end('ok', answer.trim())
      else if (answer.length > LONGEST_ANSWER) end('reset')
    })
    socket.on('error', (error) => end(networkFault(error) ?? 'local'))
    socket.on('close', () => end('reset'))
  }

  tick()
}

// Whoever only imports it wants its types.
const [, , given] = process.argv
if (given !== undefined && given.startsWith('{')) run(JSON.parse(given))
