import type { TLSSocket } from 'node:tls'
import type { Clock, Logger, Random, Timer } from '@hotspare/core'
import { backoffMs } from '@hotspare/core'
import type { SocketAddress } from '../address.ts'
import { ChannelConnection, type ConnectionLimits } from './connection.ts'
import type { ConnectionRules, PeerHello } from './connection-machine.ts'
import { channelDefaults } from './defaults.ts'
import { dial } from './dial.ts'
import { DialWaiters } from './dial-waiters.ts'
import { busyError, stoppedError, unreachableError } from './errors.ts'
import type { CloseReason, PeerChannelEvent } from './events.ts'
import { type PairKey, type PairKeys, sameKey } from './keys.ts'
import { type Link, newPeer, type PeerEffect, type PeerInput, type PeerState, stepPeer } from './peer-machine.ts'
import type { ChannelPeerSnapshot, PeerCounters } from './peer-snapshot.ts'
import type { PeerService } from './service.ts'
import type { Frame } from './frame.ts'

export interface PeerRunnerOptions {
  readonly name: string
  readonly address: SocketAddress
  readonly keys: PairKeys
  readonly rules: ConnectionRules
  readonly limits: ConnectionLimits
  readonly handshakeTimeoutMs: number
  readonly reconnectBaseMs: number
  readonly reconnectCapMs: number
  /** How long a connection may go on when its secret was taken away: what is asked over it gets its answer meanwhile. */
  readonly farewellMs: number
  readonly service: PeerService
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly emit: (event: PeerChannelEvent) => void
}

interface Held {
  readonly link: Link
  readonly key: PairKey
  /** Runs when its secret was taken away. */
  farewell?: Timer | undefined
}

/** The two connections with one peer, and dialling. What it believes is `stepPeer()`. */
export class PeerRunner {
  readonly #options: PeerRunnerOptions
  readonly #counters: { -readonly [Name in keyof PeerCounters]: number }
  /** All that are not closed: of each direction at most one in use, its predecessor, and one that waits for a hello. */
  readonly #connections = new Map<ChannelConnection, Held>()
  readonly #current: { -readonly [Each in Link]?: ChannelConnection | undefined } = {}
  /** What the present connections have replaced, while there are answers to come. */
  readonly #former: { -readonly [Each in Link]?: ChannelConnection | undefined } = {}
  readonly #waiters: DialWaiters
  #keys: PairKeys
  #state: PeerState
  #timer: Timer | undefined
  #dialling: AbortController | undefined
  #stopped = false

  constructor(options: PeerRunnerOptions) {
    this.#options = options
    const { name: peer, address, rules, clock, keys } = options
    this.#keys = keys
    this.#waiters = new DialWaiters(clock)
    const shown = address.family === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
    this.#state = newPeer({ peer, address: shown, fingerprint: rules.ours.fingerprint }, clock.wallMs())
    const zero = { dials: 0, failedDials: 0, connections: 0, lost: 0, garbage: 0, requests: 0, served: 0, turnedAway: 0, lateAnswers: 0 }
    this.#counters = zero
  }

  start(): void {
    this.#step({ type: 'start' })
  }

  /** Takes a connection whose key is proven. */
  accept(socket: TLSSocket, key: PairKey): void {
    if (this.#stopped) return void socket.destroy()
    for (const [connection, { link }] of this.#connections) {
      if (link === 'theirs' && !connection.hello) connection.end('replaced', 'a newer connection came')
    }
    this.#open(socket, 'theirs', key)
  }

  /**
   * The connection for our requests. Waits for a dial that nothing speaks against; where the last one failed, waiting would
   * only delay the answer that the peer cannot be asked.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE`, `_BUSY`, `_STOPPED`; the reason of `signal`
   */
  async connection(timeoutMs: number, signal: AbortSignal | undefined): Promise<ChannelConnection> {
    const { name, limits } = this.#options
    this.#counters.requests += 1
    if (!this.#current.ours && this.#state.undecided) {
      if (this.#waiters.size >= limits.maxRequests) throw busyError(name, `${limits.maxRequests} requests wait for the connection already`)
      await this.#waiters.wait(timeoutMs, signal)
    }
    if (this.#stopped) throw stoppedError()
    if (!this.#current.ours) throw unreachableError(name, this.#state.because)
    return this.#current.ours
  }

  /**
   * Handshakes are made with these from now on. A connection that we have dialled with another key than the first is followed
   * by a new one, and ends when its last request is answered; nothing is lost as long as the peer knows both.
   */
  replaceKeys(keys: PairKeys): void {
    this.#keys = keys
    for (const connection of this.#connections.keys()) this.#checkKey(connection)
    if (this.#current.ours) this.#dialLater('now')
  }

  /** Says goodbye on all connections; resolves when they are closed. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    this.#dialling?.abort()
    this.#waiters.settle()
    const connections = [...this.#connections.keys()]
    const goodbye: Frame = { type: 'goodbye' }
    for (const connection of connections) connection.end('stopped', 'this node stops', goodbye)
    await Promise.all(connections.map((connection) => connection.closed))
  }

  snapshot(): ChannelPeerSnapshot {
    const { peer, address, ours, theirs, process, hello, since, because } = this.#state
    return {
      name: peer,
      verdict: { state: ours ? 'connected' : 'disconnected', since, because },
      address,
      accepted: theirs,
      process,
      session: hello?.session,
      protocol: hello?.protocol,
      fingerprint: hello?.fingerprint,
      fingerprintAgrees: hello?.fingerprintAgrees,
      acceptedKeyId: this.#current.theirs && this.#connections.get(this.#current.theirs)?.key.keyId,
      counters: { ...this.#counters },
    }
  }

  #step(input: PeerInput): void {
    const { state, effects } = stepPeer(this.#state, input, this.#options.clock.wallMs())
    this.#state = state
    if (state.ours || !state.undecided) this.#waiters.settle()
    // The dial first: what a listener does must not make a death known later.
    for (const effect of effects) if (effect.type === 'dial') this.#dialLater(effect.when)
    for (const effect of effects) if (effect.type === 'emit') this.#options.emit(effect.event)
  }

  #dialLater(when: Extract<PeerEffect, { type: 'dial' }>['when']): void {
    // One that is under way, or waits for its hello, gives the same answer.
    if (this.#stopped || this.#dialling || this.#isGreeting('ours') || this.#isFirstChoice(this.#current.ours)) return
    this.#timer?.cancel()
    if (when === 'now') return void this.#dial()
    const { clock, random, reconnectBaseMs: baseMs, reconnectCapMs: capMs } = this.#options
    const delayMs = when === 'soon' ? channelDefaults.confirmIntervalMs : backoffMs(when.retryNumber, { baseMs, capMs, random })
    this.#timer = clock.schedule(delayMs, () => this.#dialLater('now'))
  }

  async #dial(): Promise<void> {
    const { name, address, handshakeTimeoutMs: timeoutMs, clock } = this.#options
    const key = this.#keys.toDial(name)
    this.#dialling = new AbortController()
    this.#counters.dials += 1
    const result = await dial({ address, key, timeoutMs, clock, signal: this.#dialling.signal })
    this.#dialling = undefined
    if (this.#stopped) {
      if (result.ok) result.socket.destroy()
      return
    }
    if (result.ok) this.#open(result.socket, 'ours', key)
    else this.#dialFailed({ portClosed: result.portClosed, cut: result.cut, refusal: result.refusal, detail: result.detail })
  }

  #dialFailed(failure: Omit<Extract<PeerInput, { type: 'dial-failed' }>, 'type'>): void {
    this.#counters.failedDials += 1
    this.#step({ ...failure, type: 'dial-failed', detail: `${this.#state.address}: ${failure.detail}` })
  }

  #open(socket: TLSSocket, link: Link, key: PairKey): void {
    const { rules, limits, clock, service } = this.#options
    const connection = new ChannelConnection({
      socket,
      rules,
      limits,
      clock,
      events: {
        onOpened: (hello) => this.#opened(connection, link, hello),
        onClosed: (reason, detail) => this.#closed(connection, link, reason, detail),
        onRequest: (frame) => void this.#serve(connection, frame),
        onCancel: (id) => service.cancel(connection, id),
        onLateAnswer: () => void (this.#counters.lateAnswers += 1),
      },
    })
    this.#connections.set(connection, { link, key })
    this.#checkKey(connection)
    connection.start()
  }

  async #serve(connection: ChannelConnection, frame: Parameters<PeerService['serve']>[1]): Promise<void> {
    this.#counters[(await this.#options.service.serve(connection, frame)) ? 'served' : 'turnedAway'] += 1
  }

  #opened(connection: ChannelConnection, link: Link, hello: PeerHello): void {
    this.#counters.connections += 1
    const former = this.#current[link]
    this.#current[link] = connection
    if (former) this.#follow(former, link, hello)
    this.#step({ type: 'opened', link, hello })
    // The secrets may have been replaced while it was dialled.
    if (link === 'ours') this.#dialLater('now')
  }

  /** A connection of the same process may have answers to come; who dialled it knows when it has served. */
  #follow(former: ChannelConnection, link: Link, { session }: PeerHello): void {
    const detail = 'a newer connection came'
    const replace = (connection: ChannelConnection | undefined) =>
      connection?.end('replaced', detail, { type: 'refused', reason: 'replaced', detail })
    if (former.session !== session) return replace(former)
    replace(this.#former[link])
    this.#former[link] = former
    if (link === 'ours') former.retire()
  }

  #closed(connection: ChannelConnection, link: Link, reason: CloseReason, detail: string): void {
    this.#connections.get(connection)?.farewell?.cancel()
    this.#connections.delete(connection)
    this.#options.service.abandon(connection, detail)
    this.#options.logger.debug({ peer: this.#options.name, link, reason, detail }, 'a connection of the peer channel has ended')
    if (reason === 'garbage') this.#counters.garbage += 1
    if (!connection.hello) return this.#neverOpen(link, reason, detail)
    if (this.#former[link] === connection) this.#former[link] = undefined
    if (this.#current[link] !== connection) return
    this.#current[link] = undefined
    if (reason !== 'goodbye' && reason !== 'stopped') this.#counters.lost += 1
    const good = connection.livedMs() >= channelDefaults.stableMs
    this.#step({ type: 'lost', link, session: connection.hello.session, reason, detail, good })
  }

  /** One whose secret was taken away has as long to end as a request usually takes: its peer may have moved on already. */
  #checkKey(connection: ChannelConnection): void {
    const held = this.#connections.get(connection)
    if (!held) return
    held.farewell?.cancel()
    if (this.#keys.includes(held.key)) return
    const detail = 'the secret that it was made with was taken away'
    const end = () => connection.end('secret-removed', detail, { type: 'refused', reason: 'secret-removed', detail })
    held.farewell = this.#options.clock.schedule(this.#options.farewellMs, end)
  }

  #isGreeting(link: Link): boolean {
    return [...this.#connections].some(([connection, held]) => held.link === link && !connection.hello)
  }

  #isFirstChoice(connection: ChannelConnection | undefined): boolean {
    const held = connection && this.#connections.get(connection)
    return held !== undefined && sameKey(held.key, this.#keys.toDial(this.#options.name))
  }

  #neverOpen(link: Link, reason: CloseReason, detail: string): void {
    if (reason === 'stopped') return
    const refusal = reason === 'wrong-node' || reason === 'protocol-version' || reason === 'refused' ? reason : undefined
    if (link === 'ours') this.#dialFailed({ portClosed: false, cut: reason === 'reset' || reason === 'ended', refusal, detail })
    else this.#step({ type: 'accept-failed', refusal, detail })
  }
}
