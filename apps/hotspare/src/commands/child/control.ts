import { assertNever, HotspareError, sleep, systemClock, systemRandom } from '@hotspare/core'
import { composeControl, type Control, type ControlSurroundings } from '../../compose-control.ts'
import { createLogger } from '../../log.ts'
import { runChild, tellGuard, tellGuardAtTheEnd } from './child.ts'
import { configFrom } from '../../process/config-source.ts'
import {
  type ChildNews,
  type ControlNews,
  type ControlOrder,
  type LastWords,
  type ProcessFacts,
  PROTOCOL,
  type SocketOrder,
} from '../../process/messages.ts'
import { ReloadLink } from '../../process/reload-link.ts'

function tell(news: ControlNews): void {
  tellGuard(news)
}

/** For what has to end when another control follows: less than what the guard waits, which still has to be told what happened. */
const RETIRE_MS = 1_000

type StartOrder = Extract<ControlOrder, { readonly type: 'start' }>

/** What a control finds when it begins. */
interface Found extends Pick<StartOrder, 'startedAt' | 'listens'> {
  readonly lastWords: LastWords | undefined
}

/** Control's process. */
export function runControlChild(): void {
  let socket: object | undefined
  let processes: readonly ProcessFacts[] = []
  let control: Promise<Control> | undefined

  const reloads = new ReloadLink({ clock: systemClock, tell })

  async function surroundingsOf({ source, version }: Pick<StartOrder, 'source' | 'version'>, found: Found) {
    const { config, redactor } = await configFrom(source)
    const surroundings: ControlSurroundings = {
      clock: systemClock,
      random: systemRandom,
      logger: createLogger({ ...config.log, output: process.stdout, redactor, node: config.node }),
      redactor,
      version,
      writeLine: (line) => process.stderr.write(`${redactor.redact(line)}\n`),
      startedAt: found.startedAt,
      tellWorker: (workerOrder) => tell({ type: 'to-worker', order: workerOrder }),
      tellCluster: (clusterOrder) => tell({ type: 'cluster', body: clusterOrder }),
      listens: () => found.listens,
      processes: () => processes,
      lastWords: found.lastWords,
      remember: tell,
      reload: (options) => reloads.ask(options),
    }
    return { config, surroundings }
  }

  async function start(order: StartOrder): Promise<Control> {
    const { config, surroundings } = await surroundingsOf(order, order)
    return composeControl(config, surroundings)
  }

  /** Makes a control that never begins anything: what cannot be made is found out while the last one still looks. */
  async function rehearse(order: Extract<ControlOrder, { readonly type: 'rehearse' }>): Promise<void> {
    if (order.protocol !== PROTOCOL) throw otherCode()
    const { config, surroundings } = await surroundingsOf(order, { startedAt: 0, listens: new Map(), lastWords: undefined })
    composeControl(config, surroundings)
    tellGuard({ type: 'started' } satisfies ChildNews)
  }

  async function obey(order: ControlOrder | SocketOrder, handle: object | undefined): Promise<void> {
    if (order.type === 'socket') return void (socket = handle)
    if (order.type === 'rehearse') return rehearse(order)
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
    // It never began.
    else if (order.type === 'finish' || order.type === 'retire') process.exit()
  }

  async function follow(made: Control, order: Exclude<ControlOrder, { readonly type: 'start' | 'rehearse' }>): Promise<void> {
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
      case 'reload-answer':
        return reloads.heard(order)
      case 'retire':
        await Promise.race([made.retire(), sleep(RETIRE_MS, { clock: systemClock })])
        await tellGuardAtTheEnd({ type: 'timeline-left', entries: made.timeline.entries() } satisfies ControlNews)
        return end()
      case 'stop':
        return made.drain(order.because)
      case 'finish':
        await made.drain('the worker has ended')
        await made.stop()
        return end()
      default:
        return assertNever(order)
    }
  }

  // Without a guard there is nobody to look for.
  runChild({ obey, orphaned: () => process.exit() })
}

function otherCode(): HotspareError {
  const message = 'control: the code on this disk speaks otherwise than the running guard: restart the whole daemon'
  return new HotspareError({ code: 'HOTSPARE_APP_PROCESS', message })
}

/** The last words are on their way. */
function end(): void {
  if (process.connected) process.disconnect()
  process.exit()
}
