import { createServer, type Server, type Socket } from 'node:net'
import {
  type Clock,
  Emitter,
  errorText,
  type EventSource,
  HotspareError,
  type Listener,
  type Logger,
  RetryBudget,
  silentLogger,
  systemClock,
} from '@hotspare/core'
import { Deadlines, tickFor } from '../deadlines.ts'
import { listeningAddress, listenOn } from '../listening.ts'
import { Slots } from '../slots.ts'
import { waitWhile } from '../wait-while.ts'
import { TcpConnection } from './connection.ts'
import type { TcpContext } from './context.ts'
import { parseTcpSettings, type TcpProxyOptions, type TcpProxySettings } from './options.ts'
import { ReadMemory } from './read-memory.ts'
import { TcpTargets } from './targets.ts'
import type { TcpProxyEvent } from './types.ts'

export interface TcpProxyStartOptions {
  /** A bound socket instead of `host` and `port`: what came with a message of the parent process, or `{ fd }`. */
  readonly socket?: object | undefined
  readonly signal?: AbortSignal | undefined
}

/** A proxy for whatever speaks TCP; made by {@link createTcpProxy}. */
export interface TcpProxy extends EventSource<TcpProxyEvent>, AsyncDisposable {
  /**
   * Listens: at `host` and `port`, or on a socket that another process has bound and handed down. A second call has no effect.
   *
   * @throws HotspareError `HOTSPARE_PROXY_LISTEN` when the address is in use, not ours, or not allowed;
   * `HOTSPARE_PROXY_STOPPED` after `stop`: create a new one
   */
  start(options?: TcpProxyStartOptions): Promise<void>
  /** Stops listening, lets connections end by themselves for `drainTimeoutMs`, and resets what is left. The signal ends the waiting at once. */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Where it listens: the port that was taken when 0 was asked for. Undefined before `start`. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /** Connections of clients. */
  readonly active: number
  /**
   * The target is down: connections that wait for it to accept them are made elsewhere, and with `closeOnDown` those that are
   * established are reset, both ways, so that clients connect anew.
   */
  abandon(targetId: string, because: string): void
}

/**
 * Makes a proxy that hands bytes on as they come, TLS included, and tries another target where one cannot be connected to.
 *
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option
 */
export function createTcpProxy(options: TcpProxyOptions): TcpProxy {
  const { pick, clock, logger, ...settings } = options
  return new NetTcpProxy(parseTcpSettings(settings), pick, clock ?? systemClock, logger ?? silentLogger)
}

class NetTcpProxy implements TcpProxy {
  readonly #context: TcpContext
  readonly #logger: Logger
  readonly #server: Server
  readonly #connections = new Slots<TcpConnection>()
  #active = 0
  #state: 'new' | 'listening' | 'draining' | 'stopped' = 'new'
  #stopping: Promise<void> | undefined

  constructor(settings: TcpProxySettings, pick: TcpProxyOptions['pick'], clock: Clock, logger: Logger) {
    this.#logger = logger
    this.#context = {
      settings,
      pick,
      clock,
      budget: new RetryBudget({ ratio: settings.retryRatio, minimumPerSecond: settings.minimumRetriesPerSecond, clock }),
      events: new Emitter({ logger }),
      deadlines: new Deadlines(clock, tickOf(settings)),
      memory: new ReadMemory(),
      targets: new TcpTargets(),
    }
    const { maxConnections } = settings
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
    this.#server.maxConnections = maxConnections
    this.#server.on('drop', () => this.#logger.debug({ maxConnections }, 'a connection was closed: too many are open'))
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    return listeningAddress(this.#server)
  }

  get active(): number {
    return this.#active
  }

  subscribe(listener: Listener<TcpProxyEvent>): () => void {
    return this.#context.events.subscribe(listener)
  }

  async start(options?: TcpProxyStartOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    if (this.#state === 'listening') return
    if (this.#state !== 'new')
      throw new HotspareError({ code: 'HOTSPARE_PROXY_STOPPED', message: 'tcp proxy: start after stop: create a new one' })
    this.#state = 'listening'
    try {
      const { host, port } = this.#context.settings
      await listenOn(this.#server, { who: 'tcp proxy', host, port, socket: options?.socket })
    } catch (error) {
      this.#state = 'new'
      throw error
    }
    this.#server.on('error', (error) => this.#logger.error({ error: errorText(error) }, 'the listening socket failed'))
    this.#logger.debug({ address: this.address }, 'the tcp proxy listens')
  }

  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    this.#stopping ??= this.#drain(options?.signal)
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  abandon(targetId: string, because: string): void {
    this.#context.targets.abandon(targetId, because)
  }

  async #drain(signal: AbortSignal | undefined): Promise<void> {
    const wasListening = this.#state === 'listening'
    this.#state = 'draining'
    if (wasListening) {
      const { clock, settings } = this.#context
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
      await waitWhile(() => this.active > 0, { clock, longestMs: settings.drainTimeoutMs, signal })
      if (this.active > 0) this.#logger.warn({ active: this.active }, 'connections were cut at the end of the drain')
      for (const connection of this.#connections) connection.cut('the proxy has stopped')
      await closed
    }
    this.#state = 'stopped'
  }

  #accept(socket: Socket): void {
    const connection = new TcpConnection(this.#context, socket)
    this.#active += 1
    connection.begin(this.#connections.add(connection), this.#ended)
  }

  readonly #ended = (place: number): void => {
    this.#active -= 1
    this.#connections.remove(place)
  }
}

function tickOf({ connectTimeoutMs, openTimeoutMs, helloTimeoutMs, idleTimeoutMs, halfCloseTimeoutMs }: TcpProxySettings): number {
  return tickFor([connectTimeoutMs, openTimeoutMs, helloTimeoutMs, idleTimeoutMs, halfCloseTimeoutMs])
}
