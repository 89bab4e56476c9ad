import {
  type Clock,
  Emitter,
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
import { checkErrorPages } from './error-pages.ts'
import { guardedStale } from './guarded-stale.ts'
import { listeningAddress, listenOn } from './listening.ts'
import { parseSettings, type ProxyOptions, type ProxySettings } from './options.ts'
import type { CertificateFacts, ServerCertificate } from './tls/certificate.ts'
import { parseCertificates, parseTlsOptions, type TlsSettings } from './tls/options.ts'
import type { ProxyEvent } from './types.ts'
import { waitWhile } from './wait-while.ts'
import type { EngineContext } from './wire/context.ts'
import { WireEngine } from './wire/engine.ts'

/**
 * How long a connection without a request is kept once another process listens in our place, since a client may use it in the very
 * moment in which it is closed. A client at work brings its next request within that time, and is told to open another connection;
 * undici and Node let go of idle ones themselves after 4 s and 5 s.
 */
const HANDED_OVER_IDLE_MS = 6_000

export interface ProxyStopOptions {
  /** Ends the waiting at once. */
  readonly signal?: AbortSignal | undefined
  /**
   * Another process listens on the same socket already: this one accepts nothing more from the first moment on, and gives idle
   * connections 6 s to bring another request, before `drainTimeoutMs` begins. Default: false
   */
  readonly handedOver?: boolean | undefined
}

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
   * WebSockets that are left are told 1001 (RFC 6455, 7.4.1). A second call waits for the first.
   */
  stop(options?: ProxyStopOptions): Promise<void>
  /** Where it listens: the port that was taken when 0 was asked for. Undefined before `start`. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /** Requests and WebSockets under way. */
  readonly active: number
  /** Open connections of clients, idle ones included. */
  readonly connections: number
  /** What clients are shown; empty where there is no TLS in front. */
  readonly certificates: readonly CertificateFacts[]
  /**
   * Takes others for the handshakes that come; connections and sessions that are there go on. Where one of them cannot be used,
   * all stays as it was. One that is not valid now cannot, but for one that is in use already.
   *
   * @throws HotspareError `HOTSPARE_PROXY_CERTIFICATE` that names the certificate and says why; `HOTSPARE_PROXY_OPTIONS` where
   * there is no TLS in front, or the list is none
   */
  setCertificates(certificates: readonly ServerCertificate[]): void
  /** Takes every attempt at this target back that can safely be repeated, and repeats it elsewhere. */
  abandon(targetId: string, because: string): void
}

/**
 * @throws HotspareError `HOTSPARE_PROXY_OPTIONS` that names the option; `HOTSPARE_PROXY_CERTIFICATE` that names the certificate
 */
export function createProxy(options: ProxyOptions): Proxy {
  const { pick, clock = systemClock, logger = silentLogger, tls, errorPages, stale, ...settings } = options
  return new HttpProxy(parseSettings(settings), tls && parseTlsOptions(tls), {
    pick,
    clock,
    logger,
    errorPages: errorPages && checkErrorPages(errorPages),
    stale: stale && guardedStale(stale, logger),
  })
}

/** What a proxy is given beside its settings, checked. */
interface ProxyParts extends Pick<EngineContext, 'pick' | 'clock' | 'errorPages' | 'stale'> {
  readonly logger: Logger
}

class HttpProxy implements Proxy {
  readonly #settings: ProxySettings
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #events: Emitter<ProxyEvent>
  readonly #engine: WireEngine
  #state: 'new' | 'listening' | 'draining' | 'stopped' = 'new'
  #stopping: Promise<void> | undefined

  constructor(settings: ProxySettings, tls: TlsSettings | undefined, parts: ProxyParts) {
    const { pick, clock, logger, errorPages, stale } = parts
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
      errorPages,
      stale,
    }
    this.#engine = new WireEngine(context, tls)
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    return listeningAddress(this.#engine.server)
  }

  get active(): number {
    return this.#engine.active
  }

  get connections(): number {
    return this.#engine.connections
  }

  get certificates(): readonly CertificateFacts[] {
    return this.#engine.tls?.certificates ?? []
  }

  setCertificates(certificates: readonly ServerCertificate[]): void {
    const { tls } = this.#engine
    if (!tls)
      throw new HotspareError({ code: 'HOTSPARE_PROXY_OPTIONS', message: 'proxy: setCertificates: there is no TLS in front of this proxy' })
    tls.setCertificates(parseCertificates(certificates))
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
      await listenOn(server, { who: 'proxy', host, port, socket: options?.socket })
    } catch (error) {
      this.#state = 'new'
      throw error
    }
    server.on('error', (error) => this.#logger.error({ error: errorText(error) }, 'the listening socket failed'))
    this.#logger.debug({ address: this.address }, 'the proxy listens')
  }

  stop(options?: ProxyStopOptions): Promise<void> {
    this.#stopping ??= this.#drain(options)
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  abandon(targetId: string, because: string): void {
    this.#engine.abandon(targetId, because)
  }

  async #drain({ signal, handedOver = false }: ProxyStopOptions = {}): Promise<void> {
    const wasListening = this.#state === 'listening'
    this.#state = 'draining'
    const { lameDuckMs, drainTimeoutMs } = this.#settings
    const clock = this.#clock
    if (wasListening) {
      if (!handedOver && this.#engine.connections > 0) await sleep(lameDuckMs, { clock, signal }).catch(() => {})
      const closed = new Promise<void>((resolve) => this.#engine.stopAccepting(resolve))
      if (handedOver) await waitWhile(() => this.#engine.hasIdle, { clock, longestMs: HANDED_OVER_IDLE_MS, signal })
      this.#engine.endIdle()
      // Where nobody is in a hurry, a client is waited for that has only begun to ask, and one that still reads.
      const isBusy = () => (handedOver ? this.#engine.connections : this.active) > 0
      await waitWhile(isBusy, { clock, longestMs: drainTimeoutMs, signal })
      if (this.active > 0) this.#logger.warn({ active: this.active }, 'requests were cut at the end of the drain')
      this.#engine.cut()
      await closed
    }
    this.#engine.closeTargets()
    this.#state = 'stopped'
  }
}
