import { assertNever, errorText, type Logger, type LogMethod, systemClock, systemRandom } from '@hotspare/core'
import { composeWorker, type Worker } from '../../compose-worker.ts'
import { runChild, SIGNALS, tellGuard } from './child.ts'
import { processDefaults } from '../../process/defaults.ts'
import { awaitKnock } from '../../process/handover.ts'
import type { CertificatesShown, ChildNews, LogLine, SocketOrder, WorkerProcessOrder } from '../../process/messages.ts'

/** The worker's process. */
export function runWorkerChild(): void {
  const sockets = new Map<string, object>()
  let worker: Worker | undefined
  let stopping = false
  /** Another worker has followed: the guard's end is none of our business any more. */
  let retiring = false
  const cut = new AbortController()
  let signalled = false
  let closeKnock: (() => void) | undefined

  async function obey(order: WorkerProcessOrder | SocketOrder, socket: object | undefined): Promise<void> {
    switch (order.type) {
      case 'socket':
        if (socket) sockets.set(order.name, socket)
        return
      case 'start':
        worker = composeWorker(order.config, {
          clock: systemClock,
          random: systemRandom,
          logger: tellingLogger(),
          tell: tellGuard,
          states: order.states,
          ticketKeys: order.ticketKeys,
          certificates: order.certificates,
          shown: (proxy, certificates) => tellGuard({ type: 'certificates-shown', proxy, certificates } satisfies CertificatesShown),
        })
        await worker.start(sockets)
        return tellGuard({ type: 'started' } satisfies ChildNews)
      case 'from-control':
        return worker?.hear(order.order)
      case 'stop':
        return drainAndExit()
      case 'retire':
        retiring = true
        return drainAndExit(order.handedOver)
      case 'cut':
        return cut.abort()
      default:
        return assertNever(order)
    }
  }

  async function drainAndExit(handedOver: readonly string[] = []): Promise<void> {
    stopping = true
    closeKnock?.()
    await worker?.stop({ handedOver, signal: cut.signal })
    // The last words are on their way.
    if (process.connected) process.disconnect()
    process.exit()
  }

  /** The site outlives its guard: for as long as it takes a new one to ask for the ports, or people to come. */
  function orphaned(): void {
    const end = (why: string) => {
      if (stopping) return
      say(`${why}: process ${process.pid} drains`)
      void drainAndExit().catch(() => process.exit(1))
    }
    const endsWithParent = process.env['HOTSPARE_END_WITH_PARENT'] === '1'
    if (retiring && !endsWithParent) return
    // A guard that ended while we drained has been told to end at once; what we serve for a demo ends with it.
    if (stopping || !worker || endsWithParent) process.exit()
    // Whoever ends the rest of a service when its main process has died may be quicker than the news of that death.
    if (signalled) return end('the guard is gone, and a signal has come')
    say(`the guard is gone; process ${process.pid} serves on for at most ${processDefaults.orphanMs / 60_000} minutes`)
    for (const signal of SIGNALS) process.on(signal, () => end(signal))
    systemClock.schedule(processDefaults.orphanMs, () => end('no guard has come'))
    awaitKnock([...worker.listens().values(), ...worker.answersAt()], () => end('a new guard has come')).then(
      (close) => (closeKnock = close),
      (error: unknown) => say(`no new guard can ask for the ports: ${errorText(error)}`),
    )
  }

  for (const signal of SIGNALS) process.on(signal, () => void (signalled = true))
  runChild({ obey, orphaned })
}

/** Lines go to control, which keeps secrets out of them and writes them. */
function tellingLogger(): Logger {
  return { debug: () => {}, info: tellLine('info'), warn: tellLine('warn'), error: tellLine('error') }
}

function tellLine(level: LogLine['level']): LogMethod {
  return (fields, message) => tellGuard({ type: 'log', level, fields, message } satisfies LogLine)
}

function say(text: string): void {
  process.stderr.write(`hotspare worker: ${text}\n`)
}
