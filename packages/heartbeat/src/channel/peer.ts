import type { TLSSocket } from 'node:tls'
import type { Clock, Logger, Random, Timer, Verdict } from '@hotspare/core'
import { backoffMs } from '@hotspare/core'
import type { SocketAddress } from '../address.ts'
import { ChannelConnection, type ConnectionLimits } from './connection.ts'
import type { ConnectionRules } from './connection-machine.ts'
import { channelDefaults } from './defaults.ts'
import { dial } from './dial.ts'
import { unreachableError } from './errors.ts'
import type { CloseReason, PeerChannelEvent } from './events.ts'
import type { PairKey } from './keys.ts'
import { type Link, newPeer, type PeerEffect, type PeerInput, type PeerProcess, type PeerState, stepPeer } from './peer-machine.ts'
import type { PeerService } from './service.ts'
import type { Frame } from './frame.ts'

/** What happened with one peer since the channel was made. */
export interface PeerCounters {
  readonly dials: number
  readonly failedDials: number
  /** Connections that became usable, of both directions. */
  readonly connections: number
  /** Connections that ended without a goodbye, of both directions. */
  readonly lost: number
  /** Connections that were closed because of what came over them. */
  readonly garbage: number
  /** Requests that we made. */
  readonly requests: number
  /** Requests that were let in, and those that were not: an unknown method, too many at once. */
  readonly served: number
  readonly turnedAway: number
  /** Answers that came when nobody waited for them any more. */
  readonly lateAnswers: number
}

/** How things stand with one peer; the verdict is about our own connection, the one for our requests. */
export interface PeerSnapshot extends Verdict<'connected' | 'disconnected'> {
  readonly peer: string
  readonly address: string
  /** Whether the peer's own connection, the one for its requests, is open. */
  readonly accepted: boolean
  readonly process: PeerProcess
  /** Of the last hello, as are the next three. */
  readonly session: string | undefined
  readonly protocol: number | undefined
  readonly fingerprint: string | undefined
  readonly fingerprintAgrees: boolean | undefined
  /** Of the secret that the peer's own connection was made with: which one it still uses, during a rotation. */
  readonly acceptedKeyId: number | undefined
  readonly counters: PeerCounters
}

export interface PeerRunnerOptions {
  readonly name: string
  readonly address: SocketAddress
  readonly key: PairKey
  readonly rules: ConnectionRules
  readonly limits: ConnectionLimits
  readonly handshakeTimeoutMs: number
  readonly reconnectBaseMs: number
  readonly reconnectCapMs: number
  readonly service: PeerService
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly emit: (event: PeerChannelEvent) => void
}

/** The two connections with one peer, and dialling. What it believes is `stepPeer()`. */
export class PeerRunner {
  readonly #options: PeerRunnerOptions
  readonly #counters: { -readonly [Name in keyof PeerCounters]: number }
  /** All that are not closed, those that wait for a hello included: at most two of each direction. */
  readonly #connections = new Map<ChannelConnection, Link>()
  #state: PeerState
  #ours: ChannelConnection | undefined
  #theirs: ChannelConnection | undefined
  #acceptedKeyId: number | undefined
  #timer: Timer | undefined
  #dialling: AbortController | undefined
  #stopped = false

  constructor(options: PeerRunnerOptions) {
    this.#options = options
    const { name: peer, address, rules, clock } = options
    const shown = address.family === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
    this.#state = newPeer({ peer, address: shown, fingerprint: rules.ours.fingerprint }, clock.wallMs())
    const zero = { dials: 0, failedDials: 0, connections: 0, lost: 0, garbage: 0, requests: 0, served: 0, turnedAway: 0, lateAnswers: 0 }
    this.#counters = zero
  }

  start(): void {
    this.#step({ type: 'start' })
  }

  /** Takes a connection whose key is proven. */
  accept(socket: TLSSocket, keyId: number): void {
    if (this.#stopped) return void socket.destroy()
    for (const [connection, link] of this.#connections) {
      if (link === 'theirs' && !connection.hello) connection.end('replaced', 'a newer connection came')
    }
    this.#open(socket, 'theirs', keyId)
  }

  /** @throws HotspareError, see ChannelConnection.call */
  async call(method: string, body: unknown, remainingMs: number, signal: AbortSignal): Promise<unknown> {
    this.#counters.requests += 1
    if (!this.#ours) throw unreachableError(this.#options.name, this.#state.because)
    return this.#ours.call(method, body, remainingMs, signal)
  }

  /** Says goodbye on all connections; resolves when they are closed. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    this.#dialling?.abort()
    const connections = [...this.#connections.keys()]
    const goodbye: Frame = { type: 'goodbye' }
    for (const connection of connections) connection.end('stopped', 'this node stops', goodbye)
    await Promise.all(connections.map((connection) => connection.closed))
  }

  snapshot(): PeerSnapshot {
    const { peer, address, theirs, process, hello, since, because } = this.#state
    return {
      peer,
      address,
      state: this.#state.ours ? 'connected' : 'disconnected',
      since,
      because,
      accepted: theirs,
      process,
      session: hello?.session,
      protocol: hello?.protocol,
      fingerprint: hello?.fingerprint,
      fingerprintAgrees: hello?.fingerprintAgrees,
      acceptedKeyId: this.#acceptedKeyId,
      counters: { ...this.#counters },
    }
  }

  #step(input: PeerInput): void {
    const { state, effects } = stepPeer(this.#state, input, this.#options.clock.wallMs())
    this.#state = state
    // The dial first: what a listener does must not make a death known later.
    for (const effect of effects) if (effect.type === 'dial') this.#dialLater(effect.when)
    for (const effect of effects) if (effect.type === 'emit') this.#options.emit(effect.event)
  }

  #dialLater(when: Extract<PeerEffect, { type: 'dial' }>['when']): void {
    // One that is under way, or waits for its hello, gives the same answer.
    if (this.#stopped || this.#dialling || [...this.#connections.values()].includes('ours')) return
    this.#timer?.cancel()
    if (when === 'now') return void this.#dial()
    const { clock, random, reconnectBaseMs: baseMs, reconnectCapMs: capMs } = this.#options
    const delayMs = when === 'soon' ? channelDefaults.confirmIntervalMs : backoffMs(when.retryNumber, { baseMs, capMs, random })
    this.#timer = clock.schedule(delayMs, () => void this.#dial())
  }

  async #dial(): Promise<void> {
    const { address, key, handshakeTimeoutMs: timeoutMs, clock } = this.#options
    this.#dialling = new AbortController()
    this.#counters.dials += 1
    const result = await dial({ address, key, timeoutMs, clock, signal: this.#dialling.signal })
    this.#dialling = undefined
    if (this.#stopped) {
      if (result.ok) result.socket.destroy()
      return
    }
    if (result.ok) this.#open(result.socket, 'ours', key.keyId)
    else this.#dialFailed({ portClosed: result.portClosed, cut: result.cut, refusal: result.refusal, detail: result.detail })
  }

  #dialFailed(failure: Omit<Extract<PeerInput, { type: 'dial-failed' }>, 'type'>): void {
    this.#counters.failedDials += 1
    this.#step({ ...failure, type: 'dial-failed', detail: `${this.#state.address}: ${failure.detail}` })
  }

  #open(socket: TLSSocket, link: Link, keyId: number): void {
    const { rules, limits, clock, service } = this.#options
    const connection = new ChannelConnection({
      socket,
      rules,
      limits,
      clock,
      events: {
        onOpened: () => this.#opened(connection, link, keyId),
        onClosed: (_, reason, detail) => this.#closed(connection, link, reason, detail),
        onRequest: (_, frame) => void this.#serve(connection, frame),
        onCancel: (_, id) => service.cancel(connection, id),
        onLateAnswer: () => void (this.#counters.lateAnswers += 1),
      },
    })
    this.#connections.set(connection, link)
    connection.start()
  }

  async #serve(connection: ChannelConnection, frame: Parameters<PeerService['serve']>[1]): Promise<void> {
    this.#counters[(await this.#options.service.serve(connection, frame)) ? 'served' : 'turnedAway'] += 1
  }

  #opened(connection: ChannelConnection, link: Link, keyId: number): void {
    const { hello } = connection
    if (!hello) return
    this.#counters.connections += 1
    const former = link === 'ours' ? this.#ours : this.#theirs
    if (link === 'ours') this.#ours = connection
    else {
      this.#theirs = connection
      this.#acceptedKeyId = keyId
    }
    former?.end('replaced', 'a newer connection came', { type: 'refused', reason: 'replaced', detail: 'a newer connection came' })
    this.#step({ type: 'opened', link, hello })
  }

  #closed(connection: ChannelConnection, link: Link, reason: CloseReason, detail: string): void {
    this.#connections.delete(connection)
    this.#options.service.abandon(connection, detail)
    this.#options.logger.debug({ peer: this.#options.name, link, reason, detail }, 'a connection of the peer channel has ended')
    if (reason === 'garbage') this.#counters.garbage += 1
    if (!connection.hello) return this.#neverOpen(link, reason, detail)
    if (reason !== 'goodbye' && reason !== 'stopped') this.#counters.lost += 1
    const current = link === 'ours' ? this.#ours : this.#theirs
    if (current !== connection) return
    if (link === 'ours') this.#ours = undefined
    else this.#theirs = undefined
    const good = connection.livedMs() >= channelDefaults.stableMs
    this.#step({ type: 'lost', link, session: connection.hello.session, reason, detail, good })
  }

  #neverOpen(link: Link, reason: CloseReason, detail: string): void {
    if (reason === 'stopped') return
    const refusal = reason === 'wrong-node' || reason === 'protocol-version' || reason === 'refused' ? reason : undefined
    if (link === 'ours') this.#dialFailed({ portClosed: false, cut: reason === 'reset' || reason === 'ended', refusal, detail })
    else this.#step({ type: 'accept-failed', refusal, detail })
  }
}
