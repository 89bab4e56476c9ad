import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  type Clock,
  Emitter,
  errorCode,
  errorText,
  type EventSource,
  HotspareError,
  type Listener,
  RetryBudget,
  sleep,
  systemClock,
  type Logger,
  silentLogger,
} from '@hotspare/core'
import { parseSettings, type ProxyOptions, type ProxySettings } from './options.ts'
import type { ProxyEvent } from './types.ts'
import type { EngineContext } from './wire/context.ts'
import { WireEngine } from './wire/engine.ts'

/** How often a draining proxy looks whether the last request is through. */
const DRAIN_LOOK_MS = 20

export interface ProxyStartOptions {
  /** A bound socket instead of `host` and `port`: what came with a message of the parent process, or `{ fd }`. */
  readonly socket?: object | undefined
  readonly signal?: AbortSignal | undefined
}

/** A reverse proxy; made by {@link createProxy}. */
export interface Proxy extends EventSource<ProxyEvent>, AsyncDisposable {
  /**
   * Listens: at `host` and `port`, or on a socket that another process has bound and handed down. A second call has no effect.
   *
   * @throws HotspareError `HOTSPARE_PROXY_LISTEN` when the address is in use, not ours, or not allowed;
   * `HOTSPARE_PROXY_STOPPED` after `stop`: create a new one
   */
  start(options?: ProxyStartOptions): Promise<void>
  /**
   * Stops without an error for clients that behave: answers on open connections with `Connection: close` for
   * `lameDuckMs`, then stops listening, lets requests finish for `drainTimeoutMs`, then cuts what is left.
   * The signal ends the waiting at once.
   */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Where it listens: the port that was taken when 0 was asked for. Undefined before `start`. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /** Requests and WebSockets under way. */
  readonly active: number
  /** Takes every attempt at this target back that can safely be repeated, and repeats it elsewhere. */
  abandon(targetId: string, because: string): void
}

/**
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option
 */
export function createProxy(options: ProxyOptions): Proxy {
  const { pick, clock, logger, ...settings } = options
  return new HttpProxy(parseSettings(settings), pick, clock ?? systemClock, logger ?? silentLogger)
}

class HttpProxy implements Proxy {
  readonly #settings: ProxySettings
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #events: Emitter<ProxyEvent>
  readonly #engine: WireEngine
  #state: 'new' | 'listening' | 'draining' | 'stopped' = 'new'
  #stopping: Promise<void> | undefined

  constructor(settings: ProxySettings, pick: ProxyOptions['pick'], clock: Clock, logger: Logger) {
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
    this.#events = new Emitter({ logger })
    const context: EngineContext = {
      settings,
      pick,
      budget: new RetryBudget({ ratio: settings.retryRatio, minimumPerSecond: settings.minimumRetriesPerSecond, clock }),
      events: this.#events,
      clock,
      draining: () => this.#state === 'draining',
    }
    this.#engine = new WireEngine(context)
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    const address = this.#engine.server.address()
    return isAddressInfo(address) ? { host: address.address, port: address.port } : undefined
  }

  get active(): number {
    return this.#engine.active
  }

  subscribe(listener: Listener<ProxyEvent>): () => void {
    return this.#events.subscribe(listener)
  }

  async start(options?: ProxyStartOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    if (this.#state === 'listening') return
    if (this.#state !== 'new')
      throw new HotspareError({ code: 'HOTSPARE_PROXY_STOPPED', message: 'proxy: start after stop: create a new one' })
    this.#state = 'listening'
    const { host, port } = this.#settings
    const { server } = this.#engine
    try {
      server.listen(options?.socket ?? { host, port })
      await once(server, 'listening')
    } catch (error) {
      this.#state = 'new'
      throw listenError(host, port, error)
    }
    server.on('error', (error) => this.#logger.error({ error: errorText(error) }, 'the listening socket failed'))
    this.#logger.debug({ address: this.address }, 'the proxy listens')
  }

  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    this.#stopping ??= this.#drain(options?.signal)
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  abandon(targetId: string, because: string): void {
    this.#engine.abandon(targetId, because)
  }

  async #drain(signal: AbortSignal | undefined): Promise<void> {
    const wasListening = this.#state === 'listening'
    this.#state = 'draining'
    const { lameDuckMs, drainTimeoutMs } = this.#settings
    const pause = async (delayMs: number) => sleep(delayMs, { clock: this.#clock, signal }).catch(() => {})
    if (wasListening) {
      if (this.#engine.connections > 0) await pause(lameDuckMs)
      const closed = new Promise<void>((resolve) => this.#engine.stopListening(resolve))
      const deadlineMs = this.#clock.monotonicMs() + drainTimeoutMs
      const mayWait = () => signal?.aborted !== true && this.#clock.monotonicMs() < deadlineMs
      while (this.active > 0 && mayWait()) await pause(DRAIN_LOOK_MS)
      if (this.active > 0) this.#logger.warn({ active: this.active }, 'requests were cut at the end of the drain')
      this.#engine.cut()
      await closed
    }
    this.#engine.closeTargets()
    this.#state = 'stopped'
  }
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

function listenError(host: string, port: number, error: unknown): HotspareError {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process listens there; stop it or choose another port',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'ports below 1024 need the right CAP_NET_BIND_SERVICE',
  }
  const hint = hints[errorCode(error) ?? ''] ?? errorText(error)
  return new HotspareError({ code: 'HOTSPARE_PROXY_LISTEN', message: `proxy: cannot listen on ${host}:${port}: ${hint}`, cause: error })
}
