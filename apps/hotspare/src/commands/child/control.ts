import { assertNever, systemClock, systemRandom } from '@hotspare/core'
import { composeControl, type Control } from '../../compose-control.ts'
import { createLogger } from '../../log.ts'
import { runChild, tellGuard } from './child.ts'
import { configFrom } from '../../process/config-source.ts'
import type { ChildNews, ControlNews, ControlOrder, ProcessFacts, SocketOrder } from '../../process/messages.ts'

function tell(news: ControlNews): void {
  tellGuard(news)
}

/** Control's process. */
export function runControlChild(): void {
  let socket: object | undefined
  let processes: readonly ProcessFacts[] = []
  let control: Promise<Control> | undefined

  async function start(order: Extract<ControlOrder, { readonly type: 'start' }>): Promise<Control> {
    const { config, redactor } = await configFrom(order.source)
    return composeControl(config, {
      clock: systemClock,
      random: systemRandom,
      logger: createLogger({ ...config.log, output: process.stdout, redactor, node: config.node }),
      redactor,
      version: order.version,
      writeLine: (line) => process.stderr.write(`${redactor.redact(line)}\n`),
      startedAt: order.startedAt,
      tellWorker: (workerOrder) => tell({ type: 'to-worker', order: workerOrder }),
      tellCluster: (clusterOrder) => tell({ type: 'cluster', body: clusterOrder }),
      listens: () => order.listens,
      processes: () => processes,
      lastWords: order.lastWords,
      remember: tell,
    })
  }

  async function obey(order: ControlOrder | SocketOrder, handle: object | undefined): Promise<void> {
    if (order.type === 'socket') return void (socket = handle)
    if (order.type === 'start') {
      control = start(order)
      const made = await control
      await made.open(socket)
      await made.start()
      return tellGuard({ type: 'started' } satisfies ChildNews)
    }
    // It is being made: whatever comes meanwhile waits, in its order.
    const made = await control
    if (made) await follow(made, order)
  }

  async function follow(made: Control, order: Exclude<ControlOrder, { readonly type: 'start' }>): Promise<void> {
    switch (order.type) {
      case 'guard-event':
        return made.record(order.told.event, { logged: order.told.logged })
      case 'processes':
        processes = order.processes
        return
      case 'from-worker':
        return made.hear(order.news)
      case 'cluster':
        return made.hearCluster(order.body)
      case 'stop':
        return made.drain(order.because)
      case 'finish':
        await made.drain('the worker has ended')
        await made.stop()
        if (process.connected) process.disconnect()
        return process.exit()
      default:
        return assertNever(order)
    }
  }

  // Without a guard there is nobody to look for.
  runChild({ obey, orphaned: () => process.exit() })
}
