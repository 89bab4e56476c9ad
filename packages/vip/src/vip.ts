import { assertNever, Emitter, errorText, HotspareError, type Listener, type Verdict } from '@hotspare/core'
import type { Outcome, ResourceState } from '@hotspare/core/plan'
import { AddressHold } from './address-hold.ts'
import { Announcer } from './announcer.ts'
import { Calls } from './calls.ts'
import { permissionProblem } from './capabilities.ts'
import { ClaimWatcher } from './claim-watcher.ts'
import { Claimer } from './claimer.ts'
import { ANNOUNCE_AT_MS, vipDefaults } from './defaults.ts'
import type { VipEvent, VipEventDetails } from './events.ts'
import type { LifetimeChange } from './lifetime-keeper.ts'
import { type ResolvedVipOptions, resolveVipOptions, type VipOptions } from './options.ts'
import { Prober } from './prober.ts'
import { VipRecord } from './record.ts'
import { Session } from './session.ts'
import type { ClaimOptions, Vip, VipCallOptions, VipSnapshot } from './vip-types.ts'

/**
 * Makes a virtual address; no I/O before `start`.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function createVip(options: VipOptions): Vip {
  return new VipRunner(resolveVipOptions(options))
}

class VipRunner implements Vip {
  readonly address: string
  readonly interface: string
  readonly #options: ResolvedVipOptions
  readonly #emitter: Emitter<VipEvent>
  readonly #calls: Calls
  readonly #session: Session
  readonly #record: VipRecord
  readonly #hold: AddressHold
  readonly #announcer: Announcer
  readonly #watcher: ClaimWatcher
  readonly #prober: Prober
  readonly #claimer: Claimer
  #stopped: Promise<void> | undefined
  /** Ends claims that wait or run: a release is never held up by one. */
  #claims = new AbortController()

  constructor(options: ResolvedVipOptions) {
    const { address, clock, logger, announceEveryMs, callTimeoutMs, probeWaitMs, probeFreshMs, lifetimeMs } = options
    const { watchMs, probePollMs, defendIntervalMs } = vipDefaults
    this.#options = options
    this.address = `${address.text}/${address.prefixLength}`
    this.interface = options.interface
    this.#emitter = new Emitter({ logger })
    this.#calls = new Calls({ who: `vip ${this.address}`, timeoutMs: callTimeoutMs, clock })
    this.#session = new Session({
      address,
      driver: options.driver,
      onCommands: (because) => logger.warn({ address: this.address, because }, 'commands are used instead of netlink'),
      onDegraded: (means, because) => this.#emit({ type: 'vip-announcer-degraded', means, because }),
      onWire: (wire) => this.#watcher.watch(wire),
    })
    this.#record = new VipRecord({ interface: this.interface, hasLifetime: lifetimeMs !== undefined, clock })
    this.#hold = new AddressHold({ ...options, onLifetime: (change) => this.#onLifetime(change) })
    this.#announcer = new Announcer({
      clock,
      schedule: { burstMs: ANNOUNCE_AT_MS, everyMs: announceEveryMs },
      defendIntervalMs,
      mayAnnounce: () => this.#hold.mayAct(),
      onFailure: (because) => logger.warn({ address: this.address, because }, 'the address could not be announced'),
    })
    this.#watcher = new ClaimWatcher({ clock, watchMs, pollMs: probePollMs, onClaim: (mac) => this.#onClaim(mac) })
    this.#prober = new Prober({
      clock,
      watcher: this.#watcher,
      waitMs: probeWaitMs,
      freshMs: probeFreshMs,
      onFailure: (because) => logger.debug({ address: this.address, because }, 'the probe was not sent'),
    })
    this.#claimer = new Claimer({
      address: this.address,
      options,
      session: this.#session,
      prober: this.#prober,
      hold: this.#hold,
      announcer: this.#announcer,
      record: this.#record,
      emit: (event) => this.#emit(event),
    })
  }

  subscribe(listener: Listener<VipEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  verdict(): Verdict<ResourceState> {
    return this.#record.verdict
  }

  obstacle(): string | undefined {
    return this.#record.obstacle
  }

  snapshot(): VipSnapshot {
    return {
      address: this.address,
      interface: this.interface,
      driver: this.#session.driverName,
      announcer: this.#session.means,
      link: this.#record.link,
      held: this.#hold.isHeld,
      gate: this.#options.lifetimeMs === undefined ? undefined : (this.#hold.gate ?? 'shut'),
      heard: this.#record.heard,
      tookMs: this.#record.tookMs,
    }
  }

  async start({ sweep = false, signal }: VipCallOptions & { readonly sweep?: boolean | undefined } = {}): Promise<void> {
    const { address, lifetimeMs, logger, driver: driverGiven } = this.#options
    try {
      await this.#calls.within('start', signal, async () => {
        // A driver that is given may have ways of its own.
        if (!driverGiven) this.#record.permissionProblem = await permissionProblem()
        const driver = await this.#session.driver()
        const links = await driver.links()
        const link = this.#record.noteLinks(links)
        if (link) await this.#session.wireOn(link)
        if (sweep) await this.#calls.queued(() => this.#claimer.sweep(driver, links))
        if (lifetimeMs !== undefined) await driver.prepareGate()
        // A process before us may have given it a lifetime, and its gate would soon refuse what now serves for ever.
        else await driver.removeGate(address).catch(() => {})
        await this.observe()
      })
    } catch (error) {
      if (signal?.aborted || this.#stopped) throw error
      logger.warn({ address: this.address, because: errorText(error) }, 'the virtual address is not ready')
    }
  }

  prepare(): void {
    // One that was stopped has nothing to prepare.
    if (!this.#prober.isReady) this.probe().catch(() => {})
  }

  async probe({ signal }: VipCallOptions = {}): Promise<readonly string[]> {
    try {
      return await this.#calls.within('probe', signal, (ending) => this.#probe(ending, () => false))
    } catch (error) {
      if (signal?.aborted || this.#stopped) throw error
      return []
    }
  }

  async probeHolder({ signal }: VipCallOptions = {}): Promise<string | undefined> {
    const [holder] = await this.#calls.within('probe', signal, (ending) => this.#probe(ending, () => true))
    return holder
  }

  async claim(options: ClaimOptions = {}): Promise<Outcome> {
    const startMs = this.#options.clock.monotonicMs()
    const claims = this.#claims.signal
    let isTold = false
    const outcome = await this.#calls.settled('claim', options.signal, (signal) =>
      this.#calls.queued(async () => {
        const decided = await this.#claimer.claim({ ...options, startMs, signal: AbortSignal.any([signal, claims]) })
        isTold = true
        return decided
      }),
    )
    // What was refused by a decision is told already; not so what went wrong on the way to it.
    return isTold || outcome.ok ? outcome : this.#claimer.refuse(outcome)
  }

  async observe({ signal }: VipCallOptions = {}): Promise<Verdict<ResourceState>> {
    try {
      return await this.#calls.within('observe', signal, async () => {
        const driver = await this.#session.driver()
        this.#record.noteLinks(await driver.links())
        return this.#record.judge(await driver.entries(this.#options.address), this.#hold.gate)
      })
    } catch (error) {
      if (signal?.aborted) throw error
      return this.#record.note('unknown', errorText(error))
    }
  }

  async release({ signal }: VipCallOptions = {}): Promise<Outcome> {
    return this.#letGo('it was released', signal)
  }

  async stop({ leave = false, signal }: VipCallOptions & { readonly leave?: boolean | undefined } = {}): Promise<void> {
    this.#stopped ??= this.#stop(leave)
    const stopped = this.#stopped
    await (signal ? this.#calls.within('stop', signal, () => stopped) : stopped)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop(leave: boolean): Promise<void> {
    if (await this.#session.end()) {
      if (leave && this.#options.lifetimeMs === undefined) this.#endClaims(this.#session.stopped())
      else await this.#letGo('it was stopped', undefined)
      await this.#calls.idle()
    }
    this.#announcer.stop()
    this.#watcher.stop()
    await this.#hold.drop()
    await this.#session.close()
  }

  async #letGo(because: string, signal: AbortSignal | undefined): Promise<Outcome> {
    const message = `vip ${this.address}: released meanwhile`
    this.#endClaims(new HotspareError({ code: 'HOTSPARE_VIP_RELEASED', message, retryable: true }))
    return this.#calls.settled('release', signal, () => this.#calls.queued(() => this.#claimer.remove(because)))
  }

  #endClaims(reason: HotspareError): void {
    this.#claims.abort(reason)
    this.#claims = new AbortController()
  }

  async #probe(signal: AbortSignal, isFinal: (mac: string) => boolean): Promise<readonly string[]> {
    const driver = await this.#session.driver()
    const link = this.#record.noteLinks(await driver.links())
    if (!link) return []
    const { means } = await this.#session.wireOn(link)
    return this.#prober.probe({ means, signal }, isFinal)
  }

  #onLifetime(change: LifetimeChange): void {
    switch (change.type) {
      case 'ended':
        if (change.late) this.#emit({ type: 'vip-expired', because: change.because })
        void this.#letGo(change.because, undefined)
        return
      case 'suspended':
        return this.#emit({ type: 'vip-suspended', because: change.because })
      case 'resumed':
        return this.#emit({ type: 'vip-resumed' })
      case 'refresh-failed':
        return this.#emit({ type: 'vip-refresh-failed', because: change.because })
      default:
        return assertNever(change)
    }
  }

  #onClaim(mac: string): void {
    this.#record.noteHeard(mac)
    if (!this.#hold.mayAct()) return
    // Whoever may have it now is not contradicted.
    if (this.#hold.concedesTo(mac)) return this.#announcer.stop()
    if (this.#announcer.defend()) this.#emit({ type: 'vip-conflict', mac })
  }

  #emit(details: VipEventDetails): void {
    this.#emitter.emit({ ...details, at: this.#options.clock.wallMs(), address: this.address, interface: this.interface })
  }
}
