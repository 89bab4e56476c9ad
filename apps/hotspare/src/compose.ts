import { composeControl, type Control, type Surroundings } from './compose-control.ts'
import { composeWorker, type Worker } from './compose-worker.ts'
import { formatListen } from './config/addresses.ts'
import type { Config } from './config/config.ts'
import { frontOf } from './config/config-routes.ts'
import type { Timeline } from './timeline.ts'

/** The running product. */
export interface Daemon {
  /**
   * Opens every listener, then begins to look at targets. If one listener cannot open, none stays open.
   * A second call has no effect.
   *
   * @throws HotspareError that says which address and why
   */
  start(): Promise<void>
  /**
   * Drains the proxies, delivers meanwhile what alerts it can, and lets go of everything. A second call waits for the first.
   * What befalls a target from then on goes into the timeline and alarms nobody.
   */
  stop(because: string): Promise<void>
  readonly timeline: Timeline
  /** Where the API listens; undefined before `start`. */
  readonly apiAddress: { readonly host: string; readonly port: number } | undefined
}

/**
 * Control and worker in this one process, for programs of one's own and for tests: who hears of what is the same as
 * between the processes of `hotspare run`, which `compose-guard.ts` joins.
 */
export function compose(config: Config, surroundings: Surroundings): Daemon {
  const { clock, random, logger, version } = surroundings
  const worker: Worker = composeWorker(config, { clock, random, logger, tell: (news) => control.hear(news) })
  const control: Control = composeControl(config, {
    ...surroundings,
    startedAt: clock.wallMs(),
    tellWorker: (order) => worker.hear(order),
    listens: () => worker.listens(),
  })

  async function start(): Promise<void> {
    control.record({ type: 'daemon-started', at: clock.wallMs(), node: config.node, version })
    try {
      await worker.start()
      for (const { name: proxy, ...rest } of config.proxies) {
        const listen = formatListen(worker.listens().get(proxy) ?? { host: '', port: 0 })
        control.record({ type: 'proxy-listening', at: clock.wallMs(), proxy, listen, pool: frontOf(rest) })
      }
      await control.open()
      control.record({ type: 'api-listening', at: clock.wallMs(), listen: formatListen(control.apiAddress ?? config.api.listen) })
    } catch (error) {
      await Promise.all([worker.stop(), control.stop()])
      throw error
    }
    await control.start()
  }

  async function stop(because: string): Promise<void> {
    // Side by side, so that the whole takes hardly longer than the drain. The API stays until then, to say how far it is.
    const ended = await Promise.allSettled([control.drain(because), worker.stop()])
    await control.stop()
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    timeline: control.timeline,
    get apiAddress() {
      return control.apiAddress
    },
    start: () => (starting ??= start()),
    stop: (because) => (stopping ??= stop(because)),
  }
}
