import { randomBytes } from 'node:crypto'
import {
  abortReason,
  type Clock,
  Emitter,
  errorText,
  type EventSource,
  type Listener,
  type Logger,
  silentLogger,
  systemClock,
  systemRandom,
  withDeadline,
} from '@hotspare/core'
import type { ClusterSecret } from '../schema-parts.ts'
import { channelDefaults } from './defaults.ts'
import { stoppedError, unknownPeerError } from './errors.ts'
import type { PeerChannelEvent } from './events.ts'
import type { HelloFrame, ProtocolRange } from './frame.ts'
import { derivePairKeys, type PairKeys } from './keys.ts'
import { ChannelListener } from './listener.ts'
import {
  type ChannelSettings,
  checkRequest,
  parseChannelOptions,
  parseSecrets,
  type PeerChannelOptions,
  type PeerHandler,
} from './options.ts'
import { PeerRunner, type PeerRunnerOptions } from './peer.ts'
import type { ChannelPeerSnapshot } from './peer-snapshot.ts'
import type { StrangerReason } from './secure.ts'
import { PeerService } from './service.ts'
import { StrangerReport } from './strangers.ts'

export interface PeerChannelSnapshot {
  readonly node: string
  readonly session: string
  readonly fingerprint: string
  readonly protocol: ProtocolRange
  /** Connections that have not proven the secret yet. */
  readonly unauthenticated: number
  /** Connections of strangers that were closed, since the channel was made. */
  readonly strangers: Readonly<Partial<Record<StrangerReason, number>>>
  readonly peers: readonly ChannelPeerSnapshot[]
}

export interface PeerRequestOptions {
  /** Cancels the request; the peer's handler is told. */
  readonly signal?: AbortSignal | undefined
  /** In whole milliseconds. Default: the channel's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined
}

/** Encrypted connections with all other nodes of the cluster. */
export interface PeerChannel extends EventSource<PeerChannelEvent>, AsyncDisposable {
  /** Where it listens; undefined before `start` and after `stop`. */
  readonly address: { readonly host: string; readonly port: number } | undefined
  /**
   * Listens, and begins to dial. Does not wait for peers. One that failed is stopped: create a new one to try again.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_LISTEN`, `HOTSPARE_HEARTBEAT_CHANNEL_STOPPED`
   */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Says goodbye to all, and leaves no timer and no socket. For good: another start needs another channel. The signal ends the
   * waiting.
   */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Asks a peer. What it answers is whatever JSON it sent, to be parsed. While a connection is being made for the first time, or
   * again after it was lost, the request waits for it.
   *
   * @throws HotspareError. Nothing was sent: `HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE` (not connected), `_BUSY` (too much in flight,
   * here or there), `_BODY` (too large, or no JSON). The peer said no: `_REFUSED`, with the peer's own error as its cause.
   * Unknown whether it was done: `_LOST`, and `HOTSPARE_CORE_TIMEOUT` at the deadline. Misuse: `HOTSPARE_HEARTBEAT_UNKNOWN_PEER`,
   * `_OPTIONS`, `_STOPPED`.
   * Or the reason of `signal`
   */
  request(peer: string, method: string, body: unknown, options?: PeerRequestOptions): Promise<unknown>
  /**
   * Replaces the secrets while requests go on. Handshakes are made with these from now on, and connections that this node has
   * dialled are made anew with the first, without a gap where the peer knows it. What was made with a secret that is not among
   * them any more is closed after `requestTimeoutMs`.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS`; the secrets then stay as they are
   */
  replaceSecrets(secrets: readonly ClusterSecret[]): void
  snapshot(): PeerChannelSnapshot
}

/** @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS` */
export function createPeerChannel(options: PeerChannelOptions): PeerChannel {
  return new RunningChannel(options)
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

class RunningChannel implements PeerChannel {
  readonly #settings: Omit<ChannelSettings, 'secrets'>
  readonly #ours: HelloFrame
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #emitter: Emitter<PeerChannelEvent>
  readonly #strangers: StrangerReport
  readonly #listener: ChannelListener
  readonly #runners: ReadonlyMap<string, PeerRunner>
  #keys: PairKeys
  #listening: Promise<void> | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor({ handlers = {}, clock = systemClock, random = systemRandom, logger = silentLogger, ...plain }: PeerChannelOptions) {
    // The secrets go into keys here, and are kept nowhere.
    const { secrets, ...settings } = parseChannelOptions(plain)
    const { node, protocol, fingerprint, session = randomBytes(8).toString('hex'), listen, peers, maxUnauthenticated } = settings
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
    this.#emitter = new Emitter<PeerChannelEvent>({ logger })
    const emit = (event: PeerChannelEvent) => this.#emitter.emit(event)
    this.#strangers = new StrangerReport({ clock, reportMs: channelDefaults.refusedReportMs, emit })
    this.#ours = { type: 'hello', node, session, protocol, fingerprint }
    this.#keys = this.#derive(secrets)
    const handlerMap = new Map(Object.entries(handlers))
    this.#runners = new Map(peers.map((peer) => [peer.name, this.#runner(peer, { handlers: handlerMap, clock, random, logger, emit })]))
    this.#listener = new ChannelListener({
      ...listen,
      keys: () => this.#keys,
      peerHosts: peers.map(({ address }) => address.host),
      handshakeTimeoutMs: settings.handshakeTimeoutMs,
      maxUnauthenticated,
      clock,
      logger,
      onPeer: (socket, key) => this.#runners.get(key.peer)?.accept(socket, key),
      onStranger: (reason, detail) => this.#strangers.count(reason, detail),
    })
  }

  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#listener.address
  }

  subscribe(listener: Listener<PeerChannelEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  start({ signal }: CallOptions = {}): Promise<void> {
    if (this.#stopping) return Promise.reject(stoppedError())
    if (signal?.aborted) return Promise.reject(abortReason(signal))
    return (this.#starting ??= this.#start(signal))
  }

  stop({ signal }: CallOptions = {}): Promise<void> {
    return (this.#stopping ??= this.#stop(signal))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async request(peer: string, method: string, body: unknown, options: PeerRequestOptions = {}): Promise<unknown> {
    const { signal, timeoutMs = this.#settings.requestTimeoutMs } = options
    const clock = this.#clock
    if (this.#stopping) throw stoppedError()
    const runner = this.#runners.get(peer)
    if (!runner) throw unknownPeerError(peer)
    checkRequest(peer, { method, timeoutMs })
    const askedMs = clock.monotonicMs()
    const connection = await runner.connection(timeoutMs, signal)
    const remainingMs = Math.max(1, Math.ceil(timeoutMs - (clock.monotonicMs() - askedMs)))
    const ask = (combined: AbortSignal) => connection.call(method, body, remainingMs, combined)
    return withDeadline(`peer channel: ${peer}: ${method}`, remainingMs, ask, { signal, clock })
  }

  replaceSecrets(secrets: readonly ClusterSecret[]): void {
    this.#keys = this.#derive(parseSecrets(secrets))
    for (const runner of this.#runners.values()) runner.replaceKeys(this.#keys)
  }

  snapshot(): PeerChannelSnapshot {
    const { node, session, fingerprint, protocol } = this.#ours
    return {
      node,
      session,
      fingerprint,
      protocol,
      unauthenticated: this.#listener.unauthenticated,
      strangers: this.#strangers.total,
      peers: [...this.#runners.values()].map((runner) => runner.snapshot()),
    }
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    this.#listening = this.#listener.listen()
    const listening = this.#listening
    try {
      await withDeadline('peer channel: start', channelDefaults.startTimeoutMs, () => listening, { signal, clock: this.#clock })
    } catch (error) {
      // A channel that could not start holds nothing; what is half open is closed.
      await this.stop()
      throw error
    }
    if (this.#stopping) throw stoppedError()
    for (const runner of this.#runners.values()) runner.start()
  }

  async #stop(signal: AbortSignal | undefined): Promise<void> {
    const close = async () => {
      await this.#listening?.catch(() => {})
      // Goodbyes first: they are what the peers wait for.
      const goodbyes = [...this.#runners.values()].map((runner) => runner.stop())
      this.#strangers.close()
      await Promise.all([...goodbyes, this.#listener.close()])
    }
    // Before the wait for it, which a signal may end before it begins.
    const closed = close()
    try {
      // Twice: connections cut themselves off at the first, so this one is for what nobody thought of.
      await withDeadline('peer channel: stop', 2 * this.#settings.stopTimeoutMs, () => closed, { clock: this.#clock, signal })
    } catch (error) {
      this.#logger.warn({ error: errorText(error) }, 'the peer channel did not close in time')
    }
  }

  #derive(secrets: readonly ClusterSecret[]): PairKeys {
    const { node, peers } = this.#settings
    const names = peers.map(({ name }) => name)
    return derivePairKeys(node, names, secrets)
  }

  #runner({ name, address }: ChannelSettings['peers'][number], around: RunnerSurroundings): PeerRunner {
    const { maxRequests, maxRequestMs, handshakeTimeoutMs, pingIntervalMs, silenceMs, ...settings } = this.#settings
    const { handlers, ...shared } = around
    return new PeerRunner({
      ...shared,
      name,
      address,
      keys: this.#keys,
      rules: { ours: this.#ours, peer: name, helloTimeoutMs: handshakeTimeoutMs, pingIntervalMs, silenceMs },
      limits: { ...settings, maxRequests, closeTimeoutMs: settings.stopTimeoutMs },
      handshakeTimeoutMs,
      reconnectBaseMs: settings.reconnectBaseMs,
      reconnectCapMs: settings.reconnectCapMs,
      farewellMs: settings.requestTimeoutMs,
      service: new PeerService({ peer: name, handlers, maxRequests, maxRequestMs, clock: shared.clock, logger: shared.logger }),
    })
  }
}

type RunnerSurroundings = Pick<PeerRunnerOptions, 'clock' | 'random' | 'logger' | 'emit'> & {
  readonly handlers: ReadonlyMap<string, PeerHandler>
}
