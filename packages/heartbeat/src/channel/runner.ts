import { randomBytes } from 'node:crypto'
import type { EventSource } from '@hotspare/core'
import { Emitter, silentLogger, systemClock, systemRandom, withDeadline } from '@hotspare/core'
import type { ConnectionRules } from './connection-machine.ts'
import { channelDefaults } from './defaults.ts'
import { stoppedError, unknownPeerError } from './errors.ts'
import type { PeerChannelEvent } from './events.ts'
import { derivePairKeys } from './keys.ts'
import { ChannelListener } from './listener.ts'
import { checkRequest, parseChannelOptions, type PeerChannelOptions } from './options.ts'
import { PeerRunner, type PeerSnapshot } from './peer.ts'
import type { StrangerReason } from './secure.ts'
import { PeerService } from './service.ts'
import { StrangerReport } from './strangers.ts'
import type { HelloFrame, ProtocolRange } from './frame.ts'

export interface PeerChannelSnapshot {
  readonly node: string
  readonly session: string
  readonly fingerprint: string
  readonly protocol: ProtocolRange
  /** While it listens. */
  readonly listening: { readonly host: string; readonly port: number } | undefined
  /** Connections that have not proven the secret yet. */
  readonly unauthenticated: number
  /** Connections of strangers that were closed, since the channel was made. */
  readonly strangers: Readonly<Partial<Record<StrangerReason, number>>>
  readonly peers: readonly PeerSnapshot[]
}

export interface PeerRequestOptions {
  /** Cancels the request; the peer's handler is told. */
  readonly signal?: AbortSignal | undefined
  /** In whole milliseconds. Default: the channel's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined
}

/** Encrypted connections with all other nodes of the cluster. */
export interface PeerChannel extends EventSource<PeerChannelEvent>, AsyncDisposable {
  /**
   * Listens, and begins to dial. Does not wait for peers.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_LISTEN`, `HOTSPARE_HEARTBEAT_CHANNEL_STOPPED`
   */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Says goodbye to all, and leaves no timer and no socket. For good: another start needs another channel. */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Asks a peer. What it answers is whatever JSON it sent, to be parsed.
   *
   * @throws HotspareError. Nothing was sent: `HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE` (not connected), `_BUSY` (too much in flight,
   * here or there), `_BODY` (too large, or no JSON). The peer said no: `_REFUSED`, with the peer's own error as its cause.
   * Unknown whether it was done: `_LOST`, and `HOTSPARE_CORE_TIMEOUT` at the deadline. Misuse: `_UNKNOWN_PEER`,
   * `_OPTIONS`, `_STOPPED`.
   * Or the reason of `signal`
   */
  request(peer: string, method: string, body: unknown, options?: PeerRequestOptions): Promise<unknown>
  snapshot(): PeerChannelSnapshot
}

/** @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS` */
export function createPeerChannel(options: PeerChannelOptions): PeerChannel {
  const { handlers = {}, clock = systemClock, random = systemRandom, logger = silentLogger, ...plain } = options
  // The secrets go into keys here, and are kept nowhere.
  const { secrets, ...settings } = parseChannelOptions(plain)
  const { node, protocol, fingerprint, session = randomBytes(8).toString('hex') } = settings
  const names = settings.peers.map(({ name }) => name)
  const keys = derivePairKeys(node, names, secrets)
  const emitter = new Emitter<PeerChannelEvent>({ logger })
  const emit = (event: PeerChannelEvent) => emitter.emit(event)
  const strangers = new StrangerReport({ clock, reportMs: channelDefaults.refusedReportMs, emit })
  const ours: HelloFrame = { type: 'hello', node, session, protocol, fingerprint }
  const handlerMap = new Map(Object.entries(handlers))
  const { maxRequests, maxRequestMs, handshakeTimeoutMs, reconnectBaseMs, reconnectCapMs } = settings
  const limits = { ...settings, closeTimeoutMs: settings.stopTimeoutMs }

  const runners = new Map(
    settings.peers.flatMap(({ name, address }): [string, PeerRunner][] => {
      const key = keys.toDial(name)
      if (!key) return []
      const rules: ConnectionRules = {
        ours,
        peer: name,
        helloTimeoutMs: handshakeTimeoutMs,
        pingIntervalMs: settings.pingIntervalMs,
        silenceMs: settings.silenceMs,
      }
      const service = new PeerService({ peer: name, handlers: handlerMap, maxRequests, maxRequestMs, clock, logger })
      const shared = { rules, limits, handshakeTimeoutMs, reconnectBaseMs, reconnectCapMs, clock, random, logger, emit }
      return [[name, new PeerRunner({ ...shared, name, address, key, service })]]
    }),
  )
  const listener = new ChannelListener({
    ...settings.listen,
    keys,
    handshakeTimeoutMs,
    maxUnauthenticated: settings.maxUnauthenticated,
    clock,
    logger,
    onPeer: (socket, { peer, keyId }) => runners.get(peer)?.accept(socket, keyId) ?? undefined,
    onStranger: (reason, detail) => strangers.count(reason, detail),
  })

  let started: Promise<void> | undefined
  let stopped: Promise<void> | undefined

  const bringUp = async () => {
    await listener.listen()
    // It may have been stopped meanwhile.
    if (!stopped) for (const runner of runners.values()) runner.start()
  }
  const bringDown = async () => {
    await started?.catch(() => {})
    // Goodbyes first: they are what the peers wait for.
    const goodbyes = [...runners.values()].map((runner) => runner.stop())
    strangers.close()
    await Promise.all([...goodbyes, listener.close()])
  }

  return {
    subscribe: (listen) => emitter.subscribe(listen),
    async start({ signal } = {}) {
      if (stopped) throw stoppedError()
      started ??= bringUp()
      const up = started
      await withDeadline('peer channel: start', channelDefaults.startTimeoutMs, () => up, { signal, clock })
    },
    async stop({ signal } = {}) {
      stopped ??= bringDown()
      const down = stopped
      // Twice: connections cut themselves off at the first, so this one is for what nobody thought of.
      await withDeadline('peer channel: stop', 2 * settings.stopTimeoutMs, () => down, { signal, clock })
    },
    async request(peer, method, body, { signal, timeoutMs = settings.requestTimeoutMs } = {}) {
      if (stopped) throw stoppedError()
      const runner = runners.get(peer)
      if (!runner) throw unknownPeerError(peer)
      checkRequest(peer, { method, timeoutMs })
      const ask = (combined: AbortSignal) => runner.call(method, body, timeoutMs, combined)
      return withDeadline(`peer channel: ${peer}: ${method}`, timeoutMs, ask, { signal, clock })
    },
    snapshot: () => ({
      node,
      session,
      fingerprint,
      protocol,
      listening: listener.address,
      unauthenticated: listener.unauthenticated,
      strangers: strangers.total,
      peers: [...runners.values()].map((runner) => runner.snapshot()),
    }),
    async [Symbol.asyncDispose]() {
      await this.stop()
    },
  }
}
