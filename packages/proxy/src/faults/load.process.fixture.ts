/**
 * An open-loop load in a process of its own: requests start when they are due, however slow the answers to earlier ones
 * are. What came of it goes to the parent, or to the output. (A closed loop asks less of a slow server and so hides the outage; Schroeder et al., NSDI 2006.)
 */
import { finished } from 'node:stream/promises'
import { Agent } from 'undici'

export interface LoadReport {
  readonly sent: number
  readonly answered: number
  /** How many failed in which way: `status 502`, or `broken` where no whole answer came. */
  readonly failed: Readonly<Record<string, number>>
}

const PATIENCE_MS = 20_000

const [, , origin = '', rate = '500', seconds = '2', bigShare = '0'] = process.argv
const agent = new Agent({ connections: 1_000, pipelining: 1 })
const failed: Record<string, number> = {}
const total = Math.round(Number(rate) * Number(seconds))
const pending: Promise<void>[] = []
let answered = 0
const startMs = performance.now()

function tick(): void {
  const gapMs = 1_000 / Number(rate)
  while (pending.length < total && startMs + pending.length * gapMs <= performance.now()) pending.push(ask(pending.length))
  if (pending.length < total) setTimeout(tick, Math.max(0, startMs + pending.length * gapMs - performance.now()))
  else void report()
}

async function ask(number: number): Promise<void> {
  const path = Number(bigShare) > 0 && number % Math.round(1 / Number(bigShare)) === 0 ? '/big' : '/small'
  const failure = await agent
    .request({ origin, path, method: 'GET', signal: AbortSignal.timeout(PATIENCE_MS) })
    .then(
      // Not `dump()`: it passes over an answer that breaks off.
      async ({ statusCode, body }) => {
        await finished(body.resume())
        return statusCode === 200 ? undefined : `status ${statusCode}`
      },
    )
    .catch(() => 'broken')
  if (failure === undefined) answered += 1
  else failed[failure] = (failed[failure] ?? 0) + 1
}

async function report(): Promise<void> {
  await Promise.all(pending)
  await agent.close()
  const told: LoadReport = { sent: total, answered, failed }
  if (!process.send) return console.log(JSON.stringify(told))
  process.send(told)
  process.disconnect()
}

tick()
