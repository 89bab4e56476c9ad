// The program that `./process` starts; imported anywhere else, it does nothing.
import { getPriority, setPriority } from 'node:os'
import { assertNever, errorText, HotspareError, type Logger, silentLogger, systemClock, type Timer, withDeadline } from '@hotspare/core'
import { processDefaults } from './defaults.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import { isHeartbeatChild } from './process/launch.ts'
import type { Order, Report } from './process/messages.ts'
import { Outbox } from './process/outbox.ts'

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
    // The parent may have ended before anybody listened.
    if (!process.connected) void this.#end()
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
      default:
        return assertNever(order)
    }
  }

  async #start({ settings, session, counterFloor, snapshotMs }: Extract<Order, { readonly type: 'start' }>): Promise<void> {
    const outbox = new Outbox({ send, snapshot: () => heartbeat.snapshot(), mostNews: processDefaults.mostNews })
    const heartbeat = createHeartbeat({ ...settings, session, counterFloor, logger: forwardingLogger(outbox) })
    this.#heartbeat = heartbeat
    const priority = raisePriority()
    heartbeat.subscribe((event) => outbox.add({ type: 'event', event }))
    await heartbeat.start()
    send({ type: 'started', snapshot: heartbeat.snapshot(), priority })
    const tell = () => {
      outbox.tell()
      this.#timer = systemClock.schedule(snapshotMs, tell)
    }
    this.#timer = systemClock.schedule(snapshotMs, tell)
  }

  /** Says goodbye and ends this process, whatever a preloaded module keeps open: nobody is left who would. */
  async #end(): Promise<void> {
    this.#timer?.cancel()
    try {
      await withDeadline('heartbeat: goodbye', processDefaults.stopTimeoutMs, async () => this.#heartbeat?.stop())
    } finally {
      process.exit()
    }
  }

  /** Told before there are beats, it is the end of this process; later, of an order alone. */
  #fail(error: unknown): void {
    const { code, retryable } = HotspareError.is(error) ? error : ({ code: 'HOTSPARE_HEARTBEAT_PROCESS', retryable: false } as const)
    send({ type: 'failed', code, message: errorText(error), retryable })
  }
}

/** A parent that has gone, or does not read, is no reason to fail: whatever becomes of a report, `sent` is called. */
function send(report: Report, sent: () => void = () => {}): void {
  if (process.connected && process.send) process.send(report, undefined, undefined, sent)
  else sent()
}

/** Events are told as such; what is worth a warning is for the parent's logger. */
function forwardingLogger(outbox: Outbox): Logger {
  const forward: Logger['warn'] = (fields, message) => outbox.add({ type: 'warning', fields, message })
  return { ...silentLogger, warn: forward, error: forward }
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

if (process.send && isHeartbeatChild(process.argv)) new Child().run()
