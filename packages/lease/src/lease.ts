import { randomUUID } from 'node:crypto'
import {
  abortReason,
  assertNever,
  type Clock,
  Emitter,
  type EventSource,
  HotspareError,
  type Listener,
  type Timer,
  type Verdict,
  withDeadline,
} from '@hotspare/core'
import { ClockWatch } from './clock-watch.ts'
import { leaseDefaults, timingDefaults } from './defaults.ts'
import { leaseEvent, type LeaseEvent } from './events.ts'
import type { ClockReading } from './gap.ts'
import { type LeaseHandover, type LeaseInvitation, readHandover } from './handover-message.ts'
import { HeldRight, type HeldLease } from './held-lease.ts'
import { nextWakeMs, step } from './machine.ts'
import { type LeaseOptions, type ResolvedLeaseOptions, resolveLeaseOptions } from './options.ts'
import { RegisterAsker } from './register-asker.ts'
import { standing, type LeaseStanding } from './standing.ts'
import { type Heir, INITIAL_STATE, type LeaseEffect, type LeaseInput, type LeaseRules, type LeaseState } from './state.ts'

/** One lease, as seen and wanted by this process. Its events come out of `subscribe`. */
export interface Lease extends EventSource<LeaseEvent>, AsyncDisposable {
  readonly name: string
  /** Begins to watch who holds it; `acquire` does it too. Idempotent. */
  start(): void
  /**
   * Waits until the lease is ours: for as long as that takes, if `signal` does not end it.
   *
   * @param options `handover`: what a holder has handed over for an invitation of ours, as JSON: the lease is then ours without a call to
   * the register. What makes no sense or comes too late is passed over, and the wait goes on without it
   * @throws HotspareError `HOTSPARE_LEASE_IN_USE` while this process holds or awaits it already, `HOTSPARE_LEASE_STOPPED`
   * once it was stopped; the reason of `signal`
   */
  acquire(options?: { readonly signal?: AbortSignal | undefined; readonly handover?: unknown }): Promise<HeldLease>
  /** Reads the register now, and not only at the next poll: for whoever has heard that the lease was given back. */
  look(): void
  /**
   * Gives out what a holder may hand its right over for, soon and once: `right.handOver(invitation)`. The last one counts.
   *
   * @throws HotspareError `HOTSPARE_LEASE_STOPPED` once it was stopped
   */
  invite(): LeaseInvitation
  /** How it stands: `held`, `unconfirmed`, `elsewhere`, `free` or `unknown`. */
  verdict(): Verdict<LeaseStanding>
  /**
   * Gives back what is held, within the deadline of two calls, and stops for good. Idempotent.
   *
   * @param options a `signal` that aborts ends the wait for the register; the lease is stopped all the same
   */
  stop(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/**
 * Makes a lease; no I/O before `start` or `acquire`.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS`, `HOTSPARE_LEASE_TIMING`
 */
export function createLease(options: LeaseOptions): Lease {
  return new LeaseRunner(resolveLeaseOptions(options))
}

interface Waiter {
  readonly granted: (right: HeldLease) => void
  readonly failed: (error: Error) => void
}

/** Owns the timers and the calls; every decision is in {@link step}. */
class LeaseRunner implements Lease {
  readonly name: string
  readonly #options: ResolvedLeaseOptions
  readonly #rules: LeaseRules
  readonly #clock: Clock
  readonly #asker: RegisterAsker
  readonly #emitter: Emitter<LeaseEvent>
  readonly #inputs: LeaseInput[] = []
  #stepping = false
  #state: LeaseState = INITIAL_STATE
  readonly #clocks: ClockWatch
  #verdict: Verdict<LeaseStanding>
  #running = false
  #ending = false
  #stopped: Promise<void> | undefined
  #timer: Timer | undefined
  #waiter: Waiter | undefined
  #held: HeldRight | undefined
  readonly #givenBack = new Set<(confirmed: boolean) => void>()
  #handedOver: ((handover: LeaseHandover | undefined) => void) | undefined
  /** When the last call began that could prove our right; and the last invitation. */
  #calledAt: ClockReading
  #invitedAt: ClockReading

  constructor(options: ResolvedLeaseOptions) {
    const { name, holder, register, clock, logger, timing } = options
    const { ttlMs, marginMs, renewMs, retryMs, pollMs, callTimeoutMs } = timing
    this.name = name
    this.#options = options
    this.#clock = clock
    this.#emitter = new Emitter({ logger })
    this.#asker = new RegisterAsker({ register, lease: name, callTimeoutMs, clock })
    this.#rules = { holder, instance: randomUUID(), ttlMs, marginMs, renewMs, retryMs, pollMs, callTimeoutMs }
    // A jump as long as the margin's reserve is the first that could cost more than the margin has.
    const limits = { gapMs: options.gapMs, suspendMs: leaseDefaults.suspendMs, jumpMs: ttlMs * timingDefaults.reserveShare }
    this.#clocks = new ClockWatch({ clock, bootMs: options.bootMs, limits })
    this.#calledAt = this.#clocks.last
    this.#invitedAt = this.#clocks.last
    this.#verdict = { ...standing(this.#state, this.#clocks.last.monotonicMs, this.#rules), since: clock.wallMs() }
  }

  subscribe(listener: Listener<LeaseEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  verdict(): Verdict<LeaseStanding> {
    this.#input({ type: 'tick' })
    return this.#verdict
  }

  start(): void {
    if (this.#ending) throw this.#error({ code: 'HOTSPARE_LEASE_STOPPED', message: 'it was stopped' })
    if (this.#running) return
    this.#running = true
    this.#clocks.restart()
    this.#input({ type: 'tick' })
  }

  look(): void {
    this.#input({ type: 'look' })
  }

  invite(): LeaseInvitation {
    const id = randomUUID()
    this.start()
    // Jumps of before are nothing to a right that may begin here.
    if (!this.#state.right && !this.#state.call) this.#clocks.proves(this.#clocks.last)
    this.#input({ type: 'invite', id })
    this.#invitedAt = this.#clocks.last
    return { id }
  }

  async acquire({ signal, handover }: Parameters<Lease['acquire']>[0] = {}): Promise<HeldLease> {
    if (signal?.aborted) throw abortReason(signal)
    this.start()
    // A right whose time is over is not in the way, though no timer has told yet.
    this.#input({ type: 'tick' })
    if (this.#waiter || this.#state.right) {
      throw this.#error({
        code: 'HOTSPARE_LEASE_IN_USE',
        message: 'this process holds or awaits it already: release it first, or make a second lease',
      })
    }
    for (const answer of this.#givenBack) answer(false)
    let waiter: Waiter | undefined
    const giveUp = () => {
      if (this.#waiter !== waiter) return
      this.#waiter = undefined
      waiter?.failed(abortReason(signal))
      // An attempt that is under way may still succeed; what it brings is given back.
      this.#input({ type: 'goal', goal: 'release' })
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      return await new Promise<HeldLease>((granted, failed) => {
        waiter = { granted, failed }
        this.#waiter = waiter
        this.#input({ type: 'goal', goal: 'hold', handover: readHandover(handover) })
        // A driver, or a listener, may have aborted it meanwhile.
        if (signal?.aborted) giveUp()
      })
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  stop(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    // First of all, so that nobody who hears of the end begins anew.
    this.#ending = true
    this.#stopped ??= this.#stop(options.signal)
    return this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop(signal: AbortSignal | undefined): Promise<void> {
    this.#waiter?.failed(this.#error({ code: 'HOTSPARE_LEASE_STOPPED', message: 'it was stopped' }))
    this.#waiter = undefined
    if (this.#running && (this.#state.goal !== 'watch' || this.#state.right)) await this.#giveBack(signal)
    this.#running = false
    this.#handedOver?.(undefined)
    this.#timer?.cancel()
    this.#asker.cancel(this.#error({ code: 'HOTSPARE_LEASE_STOPPED', message: 'it was stopped' }))
    this.#verdict = { state: 'unknown', because: 'the lease was stopped', since: this.#clock.wallMs() }
  }

  /** @returns whether the register has confirmed that nothing of ours is left */
  async #giveBack(signal: AbortSignal | undefined): Promise<boolean> {
    let answer: ((confirmed: boolean) => void) | undefined
    const given = new Promise<boolean>((resolve) => {
      answer = resolve
      this.#givenBack.add(resolve)
    })
    // Whatever becomes of the wait, the right ends here.
    this.#input({ type: 'goal', goal: 'release' })
    try {
      return await withDeadline(`lease ${this.name}: giving back`, this.#settleMs, () => given, { clock: this.#clock, signal })
    } catch {
      return false
    } finally {
      if (answer) this.#givenBack.delete(answer)
    }
  }

  /** Waits for the call that is under way, and so for its deadline at most. */
  #handOver(heir: Heir): Promise<LeaseHandover | undefined> {
    if (this.#handedOver) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#handedOver = resolve
      this.#input({ type: 'hand-over', heir })
    })
  }

  get #settleMs(): number {
    return leaseDefaults.settleCalls * this.#options.timing.callTimeoutMs
  }

  /** Takes an input in; one that comes while another is being worked on waits for its turn. */
  #input(input: LeaseInput): void {
    if (!this.#running) return
    this.#inputs.push(input)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#step(next)
    } finally {
      this.#stepping = false
    }
    this.#wakeLater()
  }

  #step(input: LeaseInput): void {
    const { marks, sleptMs, gap } = this.#clocks.look()
    // An answer that waited for us through a gap is judged after it.
    if (sleptMs > 0) this.#take({ type: 'slept', lostMs: sleptMs }, marks.last)
    if (gap !== undefined) this.#take({ type: 'gap', because: gap }, marks.last)
    this.#take(input, marks.last)
  }

  #take(input: LeaseInput, { monotonicMs, wallMs }: ClockReading): void {
    const { state, effects } = step(this.#state, input, { atMs: monotonicMs, wallMs }, this.#rules)
    this.#state = state
    const told = standing(state, monotonicMs, this.#rules)
    this.#verdict = { ...told, since: told.state === this.#verdict.state ? this.#verdict.since : wallMs }
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: LeaseEffect): void {
    switch (effect.type) {
      case 'call':
        this.#calledAt = this.#clocks.last
        return void this.#asker.ask(effect.call).then((input) => this.#input(input))
      case 'cancel':
        return this.#asker.cancel()
      case 'renewed':
        this.#clocks.proves(this.#calledAt)
        return this.#held?.renewed(effect.startedAtMs)
      case 'given-back':
        for (const answer of this.#givenBack) answer(true)
        return
      case 'handed-over':
        this.#handedOver?.(effect.handover)
        this.#handedOver = undefined
        return
      case 'granted':
        this.#clocks.proves(effect.by === 'call' ? this.#calledAt : this.#invitedAt)
        this.#held = this.#hold(effect.token)
        this.#waiter?.granted(this.#held)
        this.#waiter = undefined
        break
      case 'ended':
        this.#held?.end(this.#error({ code: 'HOTSPARE_LEASE_ENDED', message: `the right has ended: ${effect.because}` }))
        this.#held = undefined
        break
      case 'unconfirmed':
      case 'confirmed':
      case 'holder-changed':
      case 'register-unreachable':
      case 'register-reachable':
        break
      default:
        assertNever(effect)
    }
    this.#emitter.emit(leaseEvent(effect, { at: this.#clock.wallMs(), lease: this.name }))
  }

  #hold(token: number): HeldRight {
    return new HeldRight(token, {
      clock: this.#clock,
      current: () => {
        this.#input({ type: 'tick' })
        const { right } = this.#state
        if (!this.#running || right?.token !== token) return undefined
        if (!this.#stepping) return right
        // Asked by a listener, the tick has yet to come: the clocks are looked at all the same.
        const { marks, sleptMs, gap } = this.#clocks.peek()
        if (marks.last.monotonicMs >= right.deadlineMs - sleptMs) return undefined
        return gap === undefined ? right : { ...right, confirmed: false }
      },
      renew: () => this.#input({ type: 'renew' }),
      release: (signal) => this.#giveBack(signal),
      handOver: (heir) => this.#handOver(heir),
      confirmTimeoutMs: this.#settleMs,
    })
  }

  #wakeLater(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (!this.#running) return
    const dueMs = nextWakeMs(this.#state, this.#rules)
    // While a right or an answer depends on it, the clocks are looked at often enough to see every gap, and to tell one
    // from a wait for the answer.
    const { right, call, invitation } = this.#state
    const depends = right !== undefined || call !== undefined || invitation !== undefined
    const lookMs = depends ? this.#clocks.last.monotonicMs + this.#options.gapMs / 2 : undefined
    const times = [dueMs, lookMs].filter((time) => time !== undefined)
    if (times.length === 0) return
    this.#timer = this.#clock.schedule(Math.max(0, Math.min(...times) - this.#clock.monotonicMs()), () => this.#input({ type: 'tick' }))
  }

  #error({ code, message }: Pick<HotspareError, 'code' | 'message'>): HotspareError {
    return new HotspareError({ code, message: `lease ${this.name}: ${message}` })
  }
}
