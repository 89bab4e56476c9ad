import { abortReason, Emitter, errorText, type EventSource, HotspareError, withDeadline } from '@hotspare/core'
import { ChannelWorker } from './channel-worker.ts'
import { alertDefaults } from './defaults.ts'
import type { AlertEvent } from './events.ts'
import { type AlerterOptions, alerterOptionsSchema, type ResolvedAlerterOptions } from './options.ts'
import { parseOptions } from './parse-options.ts'
import type { Alert } from './types.ts'

export interface StopOptions {
  /** How long the queues may still empty themselves, in milliseconds; 0 gives everything up at once. Default: 5,000 */
  readonly drainMs?: number | undefined
  /** Ends the drain early; what waits is given up. */
  readonly signal?: AbortSignal | undefined
}

export interface NotifyOptions {
  /** Names of the channels that the alert goes to; others, and names that no channel has, are left out. Default: all */
  readonly channels?: readonly string[] | undefined
}

/** Hands alerts to channels, each at its own pace. */
export interface Alerter extends EventSource<AlertEvent>, AsyncDisposable {
  /** Queues the alert and returns at once. Never throws: what becomes of the alert comes as events. */
  notify(alert: Alert, options?: NotifyOptions): void
  /** How many alerts wait or are in work, over all channels or on the one that is named. */
  pending(channel?: string): number
  /** Lets the queues run. Alerts from before are kept for it. */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Delivers what it can within `drainMs`, gives up the rest with events, and closes the channels. There is no start after it. */
  stop(options?: StopOptions): Promise<void>
}

/**
 * Builds an alerter; it does nothing until `start()`.
 *
 * @throws HotspareError `HOTSPARE_ALERT_OPTIONS` when the options cannot work
 */
export function createAlerter(options: AlerterOptions): Alerter {
  const resolved = parseOptions('alerter', alerterOptionsSchema, options)
  const emitter = new Emitter<AlertEvent>({ logger: resolved.logger })
  const workers = resolved.channels.map((channel) => new ChannelWorker(channel, resolved, (event) => emitter.emit(event)))
  let stopped: Promise<void> | undefined

  const stop = (stopOptions: StopOptions = {}): Promise<void> => (stopped ??= stopAll(workers, resolved, stopOptions))

  return {
    subscribe: (listener) => emitter.subscribe(listener),
    notify(alert, notifyOptions) {
      const names = notifyOptions?.channels
      for (const worker of workers) if (names === undefined || names.includes(worker.channel.name)) worker.push(alert)
    },
    pending(name) {
      const counted = name === undefined ? workers : workers.filter((worker) => worker.channel.name === name)
      return counted.reduce((total, worker) => total + worker.pending, 0)
    },
    async start(startOptions) {
      if (startOptions?.signal?.aborted) throw abortReason(startOptions.signal)
      if (stopped) throw new HotspareError({ code: 'HOTSPARE_ALERT_STOPPED', message: 'alerter: start after stop: create a new one' })
      for (const worker of workers) worker.start()
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  }
}

async function stopAll(workers: readonly ChannelWorker[], options: ResolvedAlerterOptions, stopOptions: StopOptions): Promise<void> {
  const { drainMs = alertDefaults.drainMs, signal } = stopOptions
  const haltAll = () => {
    for (const worker of workers) worker.halt()
  }
  signal?.addEventListener('abort', haltAll, { once: true })
  try {
    await Promise.all(workers.map((worker) => worker.drain(signal?.aborted ? 0 : drainMs)))
    await Promise.all(workers.map((worker) => closeChannel(worker, options)))
  } finally {
    signal?.removeEventListener('abort', haltAll)
  }
}

async function closeChannel({ channel }: ChannelWorker, { clock, logger }: ResolvedAlerterOptions): Promise<void> {
  try {
    await withDeadline(`channel ${channel.name}: close`, alertDefaults.closeTimeoutMs, async () => channel.close?.(), { clock })
  } catch (error) {
    const reason = HotspareError.is(error) ? errorText(error) : 'it threw'
    logger.warn({ channel: channel.name, reason }, 'a channel did not close')
  }
}
