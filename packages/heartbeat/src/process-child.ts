// The program that `./process` starts; imported anywhere else, it does nothing.
import { getPriority, setPriority } from 'node:os'
import { errorText, HotspareError, systemClock, type Timer } from '@hotspare/core'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import type { Order, Report } from './process/messages.ts'

/** Before everything that is not urgent; a real-time class would need a native call. */
const PRIORITY = -10

/** Runs beats as its parent orders, and says goodbye for it when it is gone. */
class Child {
  #heartbeat: Heartbeat | undefined
  #timer: Timer | undefined

  run(): void {
    // They go to the whole group of a terminal or a service: the parent decides what they mean, and its end ends us.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
    process.on('message', (order: Order) => void this.#obey(order).catch((error: unknown) => this.#fail(error)))
    process.on('disconnect', () => void this.#end())
  }

  async #obey(order: Order): Promise<void> {
    switch (order.type) {
      case 'start':
        return this.#start(order)
      case 'process-gone':
        return this.#heartbeat?.processGone(order.peer, order.gone)
      case 'replace-secrets':
        return this.#heartbeat?.replaceSecrets(order.secrets)
      case 'stop':
        return this.#end()
    }
  }

  async #start({ settings, session, snapshotMs }: Extract<Order, { readonly type: 'start' }>): Promise<void> {
    const heartbeat = createHeartbeat({ ...settings, session })
    this.#heartbeat = heartbeat
    const priority = raisePriority()
    heartbeat.subscribe((event) => this.#report({ type: 'event', event, snapshot: heartbeat.snapshot() }))
    await heartbeat.start()
    this.#report({ type: 'started', snapshot: heartbeat.snapshot(), priority })
    const tell = () => {
      this.#report({ type: 'snapshot', snapshot: heartbeat.snapshot() })
      this.#timer = systemClock.schedule(snapshotMs, tell)
    }
    this.#timer = systemClock.schedule(snapshotMs, tell)
  }

  async #end(): Promise<void> {
    this.#timer?.cancel()
    await this.#heartbeat?.stop()
    // Nothing is open any more, and the process ends by itself.
    if (process.connected) process.disconnect()
  }

  /** Told before there are beats, it is the end of this process; later, of an order alone. */
  #fail(error: unknown): void {
    const { code, retryable } = HotspareError.is(error) ? error : ({ code: 'HOTSPARE_HEARTBEAT_PROCESS', retryable: false } as const)
    this.#report({ type: 'failed', code, message: errorText(error), retryable })
  }

  #report(report: Report): void {
    // A parent that has gone, or does not read, is no reason to fail.
    if (process.connected) process.send?.(report, undefined, undefined, () => {})
  }
}

/** @returns the priority that we have, raised or not */
function raisePriority(): number {
  try {
    if (getPriority() > PRIORITY) setPriority(PRIORITY)
  } catch {
    // Not permitted: the beats then compete like everything else.
  }
  return getPriority()
}

if (process.send) new Child().run()
