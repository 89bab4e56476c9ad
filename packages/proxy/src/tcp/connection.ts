import { connect, type Socket } from 'node:net'
import { clipDetail, errorText } from '@hotspare/core'
import { NEVER, type Timed } from '../deadlines.ts'
import { type AttemptFailure, classifyFailure, isOfTarget } from '../failure.ts'
import type { TargetPick } from '../types.ts'
import type { TcpContext } from './context.ts'
import { EarlyBytes } from './early-bytes.ts'
import { proxyHeader } from './proxy-header.ts'
import { decideReconnect } from './reconnect-policy.ts'
import { Relay, type RelayOwner, type Side } from './relay.ts'
import { forget, reset } from './sockets.ts'
import type { TargetUser, TcpTarget } from './targets.ts'
import { TcpPicking } from './tcp-picking.ts'
import type { ConnectionOutcome } from './types.ts'

/** One try at one target. */
interface Attempt {
  readonly pick: TargetPick
  readonly target: TcpTarget
  readonly place: number
  readonly startedMs: number
  readonly socket: Socket
  readonly relay: Relay
  readonly memory: Buffer
  /** Undefined until it is connected. */
  latencyMs: number | undefined
}

/** One connection of a client: reads its hello if that is wanted, finds it a target, and looks after the two until both are done. */
export class TcpConnection implements Timed, TargetUser, RelayOwner {
  dueMs: number = NEVER
  readonly #context: TcpContext
  readonly #client: Socket
  #place = 0
  #onEnded: ((place: number) => void) | undefined
  readonly #early: EarlyBytes
  readonly #deadline: number
  readonly #acceptedMs: number
  #state: 'hello' | 'picking' | 'connecting' | 'open' | 'closed' = 'hello'
  #picking: TcpPicking | undefined
  /** Since when a target is looked for. */
  #openingMs: number
  #attempts = 0
  #attempt: Attempt | undefined
  #lastTargetId: string | undefined
  #lastFailure = ''
  #firstDone: Side | undefined
  #silenceMs: number
  readonly #watchAfterMs: number
  #watched = false

  constructor(context: TcpContext, client: Socket) {
    const { settings, deadlines, clock, budget } = context
    this.#context = context
    this.#client = client
    this.#acceptedMs = clock.monotonicMs()
    this.#openingMs = this.#acceptedMs
    this.#silenceMs = settings.idleTimeoutMs
    this.#watchAfterMs = settings.keepAliveMs || NEVER
    this.#deadline = deadlines.add(this)
    budget.recordRequest()
    this.#early = new EarlyBytes(client, settings.readServerName, {
      helloRead: () => this.#open(),
      helloRefused: (because) => this.#finish('refused', 'proxy', because),
      helloMissed: () => this.#finish('closed', 'client', 'the client left before its hello was whole'),
      clientBroke: (error) => this.#finish('reset', 'client', `the client: ${errorText(error)}`),
    })
  }

  /**
   * Not done by the constructor: a picker that answers at once may end it at once.
   *
   * @param place is given to `onEnded`, once
   */
  begin(place: number, onEnded: (place: number) => void): void {
    this.#place = place
    this.#onEnded = onEnded
    const { settings, deadlines } = this.#context
    if (settings.readServerName) this.dueMs = deadlines.after(settings.helloTimeoutMs)
    else this.#open()
  }

  targetDown(because: string): void {
    if (this.#state === 'connecting') {
      if (this.#mayReconnect({ reason: 'abandoned', detail: because, sent: false })) this.#failed('abandoned', because)
    } else if (this.#state === 'open' && this.#context.settings.closeOnDown) this.cut(`${this.#lastTargetId} is down: ${because}`)
  }

  cut(because: string): void {
    this.#finish('cut', 'proxy', because)
  }

  expired(): void {
    const { helloTimeoutMs, connectTimeoutMs } = this.#context.settings
    if (this.#state === 'hello') this.#finish('timeout', 'client', `no whole ClientHello within ${helloTimeoutMs} ms`)
    else if (this.#state === 'connecting') this.#failed('unreachable', `no connection within ${connectTimeoutMs} ms`)
    else if (!this.#watched && this.#watchAfterMs < this.#silenceMs) this.#watch()
    else
      this.#finish('timeout', 'proxy', `silent for ${this.#silenceMs} ms${this.#firstDone ? ` after the ${this.#firstDone} was done` : ''}`)
  }

  moved(): void {
    this.dueMs = this.#context.deadlines.after(this.#watched ? this.#silenceMs : Math.min(this.#silenceMs, this.#watchAfterMs))
  }

  ended(side: Side): void {
    this.#firstDone ??= side
    this.#silenceMs = Math.min(this.#silenceMs, this.#context.settings.halfCloseTimeoutMs)
    this.moved()
  }

  broke(side: Side, error: Error): void {
    this.#finish('reset', side, `the ${side}: ${errorText(error)}`)
  }

  gone(memory: Buffer): void {
    this.#context.memory.giveBack(memory)
    this.#finish('closed', this.#firstDone ?? 'client')
  }

  /**
   * It rests: from now on the kernel asks both sides whether they are still there (it counts from the last byte). That takes
   * eight system calls, which connections that are soon over need not pay for.
   */
  #watch(): void {
    this.#watched = true
    this.#client.setKeepAlive(true, this.#watchAfterMs)
    this.#attempt?.socket.setKeepAlive(true, this.#watchAfterMs)
    this.dueMs = this.#context.deadlines.after(this.#silenceMs - this.#watchAfterMs)
  }

  #open(): void {
    const { pick, clock } = this.#context
    this.#openingMs = clock.monotonicMs()
    this.#picking = new TcpPicking(this.#client, { pick, clock, hello: this.#early.hello })
    this.#tryNext(this.#picking)
  }

  #remainingMs(): number {
    const { settings, clock } = this.#context
    return settings.openTimeoutMs - (clock.monotonicMs() - this.#openingMs)
  }

  #tryNext(picking: TcpPicking): void {
    this.#state = 'picking'
    this.dueMs = NEVER
    picking.next(Math.max(1, this.#remainingMs()), (answer) => {
      if (answer.pick) this.#connect(answer.pick)
      else this.#finish('refused', 'proxy', this.#lastFailure === '' ? answer.because : `${this.#lastFailure}; then ${answer.because}`)
    })
  }

  #connect(pick: TargetPick): void {
    const { targets, settings, clock, deadlines } = this.#context
    const target = targets.of(pick.target)
    this.#attempts += 1
    this.#lastTargetId = pick.target.id
    const startedMs = clock.monotonicMs()
    const { address } = target
    if (!address) return this.#couldNot(pick, 'its URL has no host and port')
    if (target.count >= settings.maxConnectionsPerTarget) return this.#couldNot(pick, `${target.count} connections to it are open`)
    const memory = this.#context.memory.borrow()
    const socket = connect({
      ...address,
      allowHalfOpen: true,
      noDelay: true,
      onread: { buffer: memory, callback: (bytes) => relay.fromTarget(bytes) },
    })
    const relay = new Relay(this.#client, socket, memory, this)
    this.#attempt = { pick, target, place: target.enter(this), startedMs, socket, relay, memory, latencyMs: undefined }
    this.#state = 'connecting'
    this.dueMs = deadlines.after(Math.max(1, Math.min(settings.connectTimeoutMs, this.#remainingMs())))
    socket.on('connect', this.#connected).on('error', this.#connectFailed)
  }

  readonly #connected = (): void => {
    const attempt = this.#attempt
    if (!attempt || this.#state !== 'connecting') return
    const { pick, socket, relay, startedMs } = attempt
    attempt.latencyMs = this.#context.clock.monotonicMs() - startedMs
    this.#state = 'open'
    this.#picking?.end()
    this.#picking = undefined
    this.#attemptEnded(pick.target.id, attempt.latencyMs)
    socket.off('connect', this.#connected).off('error', this.#connectFailed)
    this.moved()
    const { proxyProtocol } = this.#context.settings
    relay.begin(this.#early.take(), proxyProtocol && proxyHeader(proxyProtocol, this.#client), this.#early.ended)
  }

  readonly #connectFailed = (error: Error): void => {
    this.#afterFailure(classifyFailure(error, false))
  }

  /** The attempt is given up. */
  #failed(reason: AttemptFailure['reason'], detail: string): void {
    this.#afterFailure({ reason, detail: clipDetail(detail), sent: false })
  }

  /** Nothing was even tried. */
  #couldNot(pick: TargetPick, detail: string): void {
    pick.done()
    this.#goOn(pick, { reason: 'local', detail, sent: false }, 0)
  }

  #afterFailure(failure: AttemptFailure): void {
    const attempt = this.#attempt
    if (!attempt) return
    const { pick, startedMs } = attempt
    this.#attempt = undefined
    this.#forget(attempt)
    const latencyMs = this.#context.clock.monotonicMs() - startedMs
    pick.done(isOfTarget(failure) ? { latencyMs, ok: false } : undefined)
    this.#goOn(pick, failure, latencyMs)
  }

  #goOn({ target: { id } }: TargetPick, failure: AttemptFailure, latencyMs: number): void {
    const { events, clock, budget } = this.#context
    this.#attemptEnded(id, latencyMs, failure)
    this.#lastFailure = `${id}: ${failure.reason}: ${failure.detail}`
    const decision = this.#decide(failure)
    const because = !decision.retry ? decision.because : decision.charged && !budget.tryRetry() ? 'the retry budget is used up' : undefined
    if (because !== undefined || !this.#picking) return this.#finish('refused', 'proxy', `${this.#lastFailure}; not repeated: ${because}`)
    events.emit({ type: 'connection-retried', at: clock.wallMs(), targetId: id, failure, attempt: this.#attempts })
    this.#tryNext(this.#picking)
  }

  #decide(failure: AttemptFailure): ReturnType<typeof decideReconnect> {
    const maxAttempts = this.#context.settings.attempts
    return decideReconnect({ failure, attempts: this.#attempts, maxAttempts, remainingMs: this.#remainingMs() })
  }

  /** Charges nothing. */
  #mayReconnect(failure: AttemptFailure): boolean {
    return this.#decide(failure).retry && this.#context.budget.remaining() >= 1
  }

  #attemptEnded(targetId: string, durationMs: number, failure?: AttemptFailure): void {
    const { events, clock } = this.#context
    const firstByteMs = failure ? undefined : durationMs
    events.emit({ type: 'attempt-finished', at: clock.wallMs(), targetId, failure, firstByteMs, durationMs })
  }

  /** One that was not connected. */
  #forget({ target, place, socket, memory }: Attempt): void {
    target.leave(place)
    forget(socket)
    this.#context.memory.giveBack(memory)
  }

  /** Only the first call counts. */
  #finish(outcome: ConnectionOutcome, endedBy: Side | 'proxy', because?: string): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    const { events, clock, deadlines } = this.#context
    deadlines.remove(this.#deadline)
    this.#picking?.end()
    const attempt = this.#attempt
    this.#attempt = undefined
    if (attempt) {
      const { target, place, pick, latencyMs, relay } = attempt
      if (wasOpen) {
        target.leave(place)
        if (outcome !== 'closed') relay.reset()
      } else this.#forget(attempt)
      pick.done(latencyMs === undefined ? undefined : { latencyMs, ok: !(outcome === 'reset' && endedBy === 'target') })
    }
    if (!wasOpen) reset(this.#client)
    this.#onEnded?.(this.#place)
    const nowMs = clock.monotonicMs()
    events.emit({
      type: 'connection-finished',
      at: clock.wallMs(),
      outcome,
      endedBy,
      targetId: this.#lastTargetId,
      serverName: this.#early.hello?.serverName,
      attempts: this.#attempts,
      bytesToTarget: attempt?.relay.bytesToTarget ?? 0,
      bytesToClient: attempt?.relay.bytesToClient ?? 0,
      durationMs: nowMs - this.#acceptedMs,
      because,
    })
  }
}
