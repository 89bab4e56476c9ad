import {
  abortReason,
  type Clock,
  Emitter,
  type EventBase,
  HotspareError,
  type Logger,
  systemClock,
  type Timer,
  type Verdict,
} from '@hotspare/core'
import { bootTime } from './boot-time.ts'
import { peerLeaseDefaults } from './defaults.ts'
import type { LeaseStanding } from './facts.ts'
import {
  claimOwn,
  confirmOwn,
  forgetGone,
  hearClaim,
  INITIAL_PEER_LEASE,
  notePause,
  type PeerLeaseState,
  type PeerLeaseView,
  peerStanding,
} from './peer-lease-machine.ts'
import { peerLeaseMethod, type PeerLeaseMessage, readPeerLeaseMessage } from './peer-lease-message.ts'
import { beginPauseWatch, sickness, tick } from './pause-watch.ts'
import type { GrantedRight, LeaseNews, LeasePort, PeersPort } from './ports.ts'

export { peerLeaseMethod, peerLeaseNameOf } from './peer-lease-message.ts'

export interface PeerLeaseOptions {
  readonly node: string
  /** Names the service; the same on every member. */
  readonly name: string
  /** All members, the preferred one first. */
  readonly members: readonly string[]
  readonly peers: Pick<PeersPort, 'verdict' | 'subscribe'> & {
    request(node: string, method: typeof peerLeaseMethod, body: unknown, options: { readonly timeoutMs: number }): Promise<unknown>
  }
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
  /** Milliseconds since boot, suspended time included. Default: the machine's, or the monotonic clock of a `clock` that is not the system's */
  readonly bootMs?: (() => number) | undefined
  /** Told of listeners that throw. Default: silent */
  readonly logger?: Logger | undefined
}

/** A lease without an arbiter. */
export interface PeerLease extends LeasePort {
  /** Answers what another member says under {@link peerLeaseMethod} about this service. @throws HotspareError `HOTSPARE_FAILOVER_MESSAGE` */
  answer(body: unknown, about: { readonly peer: string }): unknown
}

/**
 * The right to be active with no arbiter: whoever is heard and says that he has it has it; whoever is silent has it no more.
 * It works like VRRP (RFC 9568), with VRRP's weakness: members that do not hear each other are all active.
 */
export function createPeerLease(options: PeerLeaseOptions): PeerLease {
  return new PeerLeaseRunner(options)
}

interface Waiter {
  readonly granted: (right: GrantedRight) => void
  readonly failed: (error: Error) => void
}

class PeerLeaseRunner implements PeerLease {
  readonly #options: PeerLeaseOptions
  readonly #clock: Clock
  readonly #bootMs: () => number
  readonly #emitter: Emitter<EventBase & LeaseNews>
  #state: PeerLeaseState = INITIAL_PEER_LEASE
  #watch = beginPauseWatch(0)
  #startedMs = 0
  #verdict: Verdict<LeaseStanding> & { readonly holder: string | null }
  #running = false
  #stopping: Promise<void> | undefined
  #timer: Timer | undefined
  #unsubscribe: (() => void) | undefined
  #waiter: Waiter | undefined
  #end: AbortController | undefined
  #toldMs = -Infinity

  constructor(options: PeerLeaseOptions) {
    const { clock = systemClock, bootMs = bootTime(clock), logger } = options
    this.#options = options
    this.#clock = clock
    this.#bootMs = bootMs
    this.#emitter = new Emitter({ logger })
    this.#verdict = { state: 'unknown', since: clock.wallMs(), because: 'it was not started', holder: null }
  }

  start(): void {
    if (this.#running || this.#stopping) return
    this.#running = true
    this.#startedMs = this.#clock.monotonicMs()
    this.#watch = beginPauseWatch(this.#bootMs())
    this.#unsubscribe = this.#options.peers.subscribe(() => this.#look())
    void this.#tellAll()
    this.#tick()
  }

  /** For good. Idempotent. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  async #stop(): Promise<void> {
    this.#waiter?.failed(this.#error('HOTSPARE_FAILOVER_LEASE_STOPPED', 'it was stopped'))
    this.#waiter = undefined
    if (this.#state.own) await this.#release()
    this.#running = false
    this.#timer?.cancel()
    this.#unsubscribe?.()
  }

  verdict(): Verdict<LeaseStanding> {
    this.#look()
    return this.#verdict
  }

  look(): void {
    void this.#tellAll()
  }

  subscribe(listener: (news: LeaseNews) => void): () => void {
    return this.#emitter.subscribe(listener)
  }

  acquire({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<GrantedRight> {
    this.start()
    if (signal?.aborted) return Promise.reject(abortReason(signal))
    if (this.#stopping) return Promise.reject(this.#error('HOTSPARE_FAILOVER_LEASE_STOPPED', 'it was stopped'))
    if (this.#waiter || this.#state.own)
      return Promise.reject(this.#error('HOTSPARE_FAILOVER_LEASE_IN_USE', 'it is held or awaited already'))
    return new Promise((granted, failed) => {
      const waiter = { granted, failed }
      this.#waiter = waiter
      signal?.addEventListener(
        'abort',
        () => {
          if (this.#waiter !== waiter) return
          this.#waiter = undefined
          failed(abortReason(signal))
        },
        { once: true },
      )
      this.#look()
    })
  }

  answer(body: unknown, { peer }: { readonly peer: string }): unknown {
    this.#hear(peer, body)
    return this.#message()
  }

  #tick(): void {
    this.#timer = this.#clock.schedule(peerLeaseDefaults.tickMs, () => {
      this.#tick()
      this.#look()
      if (this.#clock.monotonicMs() - this.#toldMs >= peerLeaseDefaults.tellMs) void this.#tellAll()
    })
  }

  #look(): void {
    if (!this.#running) return
    const atMs = this.#clock.monotonicMs()
    const before = this.#watch
    this.#watch = tick(before, this.#bootMs())
    if (this.#watch.sickUntilMs > before.sickUntilMs) {
      this.#state = notePause(this.#state)
      void this.#tellAll()
    }
    const view = this.#view(atMs)
    this.#state = confirmOwn(forgetGone(this.#state, view), view)
    this.#settle(view)
    const waiter = this.#waiter
    if (!waiter || this.#verdict.state !== 'free' || sickness(this.#watch, this.#bootMs()) !== undefined) return
    this.#waiter = undefined
    this.#state = claimOwn(this.#state, this.#clock.wallMs())
    this.#end = new AbortController()
    this.#settle(view)
    waiter.granted(this.#right(this.#state.own?.token ?? 0, this.#end.signal))
    void this.#tellAll()
  }

  /** Brings the verdict up to date, and tells of another holder. */
  #settle(view: PeerLeaseView): void {
    const { holder, ...standing } = peerStanding(this.#state, view)
    const before = this.#verdict
    const since = before.state === standing.state ? before.since : this.#clock.wallMs()
    this.#verdict = { ...standing, since, holder }
    if (holder !== before.holder) this.#emitter.emit({ type: 'lease-holder-changed', at: this.#clock.wallMs(), holder })
  }

  #view(atMs: number): PeerLeaseView {
    const { node, members, peers } = this.#options
    return { node, members, verdict: (member) => peers.verdict(member), settled: atMs - this.#startedMs >= peerLeaseDefaults.settleMs }
  }

  #right(token: number, signal: AbortSignal): GrantedRight {
    const isOurs = () => {
      const { own } = this.#state
      return own?.token === token && own.confirmed && sickness(this.#watch, this.#bootMs()) === undefined
    }
    const restMs = () => this.#watch.lastTickMs + peerLeaseDefaults.validMs - this.#bootMs()
    const clock = this.#clock
    return {
      token,
      signal,
      // Beyond it, a pause would have been seen; nobody else knows a time.
      get deadlineMs() {
        return clock.monotonicMs() + restMs()
      },
      isValid: isOurs,
      confirm: async () => {
        await this.#tellAll()
        return isOurs()
      },
      release: async () => {
        if (this.#state.own?.token === token) await this.#release()
        return true
      },
    }
  }

  async #release(): Promise<void> {
    this.#lose('it was given back')
    await this.#tellAll()
  }

  #lose(because: string): void {
    this.#state = { ...this.#state, own: undefined }
    const end = this.#end
    this.#end = undefined
    // Whoever hears of it may ask for a new right at once.
    end?.abort(this.#error('HOTSPARE_FAILOVER_LEASE_ENDED', `the right has ended: ${because}`))
    this.#settle(this.#view(this.#clock.monotonicMs()))
  }

  #hear(peer: string, body: unknown): void {
    const { members, node, name } = this.#options
    const message = readPeerLeaseMessage(body)
    if (message?.name !== name || !members.includes(peer)) {
      throw this.#error('HOTSPARE_FAILOVER_MESSAGE', `what ${peer} says about it cannot be read`)
    }
    // It sends, and by the heartbeat it is gone: what it claims counts once it is heard again.
    if (this.#options.peers.verdict(peer).state === 'down') return
    const { token: claim, confirmed } = message
    const { state, lost } = hearClaim(this.#state, peer, { claim, confirmed }, members, node)
    this.#state = state
    if (lost) this.#lose(`${peer} has it too, and goes first`)
    this.#look()
  }

  #message(): PeerLeaseMessage {
    const { own } = this.#state
    return { name: this.#options.name, token: own?.token ?? null, confirmed: own?.confirmed ?? true }
  }

  /** Tells every other member whether we have it, and hears whether they have. Never rejects. */
  async #tellAll(): Promise<void> {
    if (!this.#running) return
    this.#toldMs = this.#clock.monotonicMs()
    const { members, node, peers } = this.#options
    const { timeoutMs } = peerLeaseDefaults
    await Promise.all(
      members
        .filter((member) => member !== node)
        .map(async (member) => {
          const { pauseMs, sickUntilMs } = this.#watch
          try {
            const answer = await peers.request(member, peerLeaseMethod, this.#message(), { timeoutMs })
            // What was asked before a pause is answered by another time.
            if (this.#watch.pauseMs === pauseMs && this.#watch.sickUntilMs === sickUntilMs) this.#hear(member, answer)
          } catch {
            // Silence is a matter of the heartbeat.
          }
        }),
    )
  }

  #error(code: HotspareError['code'], message: string): HotspareError {
    return new HotspareError({ code, message: `lease ${this.#options.name} among peers: ${message}` })
  }
}
