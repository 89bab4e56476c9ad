import { abortReason, type Clock, Emitter, errorText, HotspareError, type Listener, type Verdict, withDeadline } from '@hotspare/core'
import type { Outcome, ResourceState, Right } from '@hotspare/core/plan'
import { Announcer } from './announcer.ts'
import { decideClaim, isTolerated, linkProblem } from './claim-decision.ts'
import { ClaimWatcher } from './claim-watcher.ts'
import { ANNOUNCE_AT_MS, vipDefaults } from './defaults.ts'
import { type AddressEntry, isOurs, labelOf, type LinkFacts, type VipDriver, type Wire } from './driver.ts'
import type { ClaimTimes, VipEvent } from './events.ts'
import { gateKeptMs, type LifetimeRules } from './lifetime.ts'
import { type LifetimeChange, LifetimeKeeper } from './lifetime-keeper.ts'
import { type ResolvedVipOptions, resolveVipOptions, type VipOptions } from './options.ts'
import { openBestWire, pickDriver } from './pick-driver.ts'
import { standing } from './standing.ts'
import type { ClaimOptions, Vip, VipCallOptions, VipSnapshot } from './vip-types.ts'

/**
 * Makes a virtual address; no I/O before `start`.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function createVip(options: VipOptions): Vip {
  return new VipRunner(resolveVipOptions(options))
}

interface Session {
  readonly driver: VipDriver
  wire: Wire | undefined
  /** What the wire was opened on. */
  wireLink: LinkFacts | undefined
}

interface Held {
  readonly link: LinkFacts
  readonly prefixLength: number
  readonly label: string | undefined
  readonly right: Right | undefined
  /** Who may have it when our right has passed on. */
  readonly tolerate: readonly string[]
  readonly keeper: LifetimeKeeper | undefined
}

interface ProbeResult {
  readonly atMs: number
  readonly holders: readonly string[]
}

type EventDetails = VipEvent extends infer Event ? (Event extends VipEvent ? Omit<Event, 'at' | 'address' | 'interface'> : never) : never

class VipRunner implements Vip {
  readonly address: string
  readonly interface: string
  readonly #options: ResolvedVipOptions
  readonly #clock: Clock
  readonly #emitter: Emitter<VipEvent>
  readonly #announcer: Announcer
  readonly #watcher: ClaimWatcher
  #session: Session | undefined
  #opening: Promise<Session> | undefined
  #stopped: Promise<void> | undefined
  #held: Held | undefined
  #link: LinkFacts | undefined
  #heard: { readonly mac: string; readonly at: number } | undefined
  #stranger: { readonly mac: string; readonly atMs: number } | undefined
  #probing: Promise<ProbeResult> | undefined
  #lastProbe: ProbeResult | undefined
  #tookMs: ClaimTimes | undefined
  #verdict: Verdict<ResourceState>
  /** Calls that change something run one after the other. */
  #queue: Promise<unknown> = Promise.resolve()
  /** Ends claims that wait or run: a release is never held up by one. */
  #claims = new AbortController()

  constructor(options: ResolvedVipOptions) {
    const { address, clock, logger, announceEveryMs } = options
    this.#options = options
    this.address = `${address.text}/${address.prefixLength}`
    this.interface = options.interface
    this.#clock = clock
    this.#emitter = new Emitter({ logger })
    this.#announcer = new Announcer({
      clock,
      schedule: { burstMs: ANNOUNCE_AT_MS, everyMs: announceEveryMs },
      defendIntervalMs: vipDefaults.defendIntervalMs,
      mayAnnounce: () => this.#held !== undefined && (this.#held.keeper?.mayAct() ?? true),
      onFailure: (because) => logger.warn({ address: this.address, because }, 'the address could not be announced'),
    })
    this.#watcher = new ClaimWatcher({
      clock,
      watchMs: vipDefaults.watchMs,
      pollMs: vipDefaults.probePollMs,
      onClaim: (mac) => this.#onClaim(mac),
    })
    this.#verdict = { state: 'unknown', since: clock.wallMs(), because: 'it was not looked at yet' }
  }

  subscribe(listener: Listener<VipEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  verdict(): Verdict<ResourceState> {
    return this.#verdict
  }

  snapshot(): VipSnapshot {
    const { lifetimeMs } = this.#options
    return {
      address: this.address,
      interface: this.interface,
      driver: this.#session?.driver.name,
      announcer: this.#session?.wire?.means ?? 'none',
      link: this.#link,
      held: this.#held !== undefined,
      gate: lifetimeMs === undefined ? undefined : (this.#held?.keeper?.gate ?? 'shut'),
      heard: this.#heard,
      tookMs: this.#tookMs,
    }
  }

  async start({ sweep = false, signal }: VipCallOptions & { readonly sweep?: boolean | undefined } = {}): Promise<void> {
    try {
      await this.#within('start', signal, async () => {
        const session = await this.#open()
        const links = await session.driver.links()
        const link = this.#noteLinks(links)
        if (link) await this.#openWire(session, link)
        if (sweep) await this.#queued(() => this.#sweep(session, links))
        if (this.#options.lifetimeMs !== undefined) await session.driver.prepareGate()
        // A process before us may have given it a lifetime, and its gate would soon refuse what now serves for ever.
        else await session.driver.removeGate(this.#options.address).catch(() => {})
        await this.observe()
      })
    } catch (error) {
      if (signal?.aborted || this.#stopped) throw error
      this.#options.logger.warn({ address: this.address, because: errorText(error) }, 'the virtual address is not ready')
    }
  }

  async probe({ signal }: VipCallOptions = {}): Promise<readonly string[]> {
    try {
      return (await this.#within('probe', signal, (ending) => this.#probe(ending, () => false))).holders
    } catch (error) {
      if (signal?.aborted || this.#stopped) throw error
      return []
    }
  }

  async probeHolder({ signal }: VipCallOptions = {}): Promise<string | undefined> {
    const { holders } = await this.#within('probe', signal, (ending) => this.#probe(ending, () => true))
    return holders[0]
  }

  async claim(options: ClaimOptions = {}): Promise<Outcome> {
    const startMs = this.#clock.monotonicMs()
    const claims = this.#claims.signal
    return this.#settled('claim', options.signal, (signal) =>
      this.#queued(() => this.#claim(options, startMs, AbortSignal.any([signal, claims]))),
    )
  }

  async observe({ signal }: VipCallOptions = {}): Promise<Verdict<ResourceState>> {
    try {
      return await this.#within('observe', signal, async () => {
        const { driver } = await this.#open()
        this.#noteLinks(await driver.links())
        return this.#judge(await driver.entries(this.#options.address))
      })
    } catch (error) {
      if (signal?.aborted) throw error
      return this.#note('unknown', errorText(error))
    }
  }

  async release({ signal }: VipCallOptions = {}): Promise<Outcome> {
    return this.#letGo('it was released', signal)
  }

  async stop({ leave = false, signal }: VipCallOptions & { readonly leave?: boolean | undefined } = {}): Promise<void> {
    this.#stopped ??= this.#stop(leave)
    const stopped = this.#stopped
    await (signal
      ? withDeadline(`vip ${this.address}: stop`, this.#options.callTimeoutMs, () => stopped, { signal, clock: this.#clock })
      : stopped)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #stop(leave: boolean): Promise<void> {
    const session = this.#session ?? (await this.#opening?.catch(() => undefined))
    if (session) {
      if (leave && this.#options.lifetimeMs === undefined) this.#claims.abort(this.#stoppedError())
      else await this.#letGo('it was stopped', undefined)
      await this.#queue.catch(() => {})
    }
    this.#announcer.stop()
    this.#watcher.stop()
    this.#held?.keeper?.stop()
    this.#held = undefined
    session?.wire?.close()
    // One that was given stays the caller's.
    if (session && !this.#options.driver) await session.driver.close()
    this.#session = undefined
  }

  /** The part of a claim that acts. Everything is looked at anew: whatever was true before the queue may have changed. */
  async #claim({ right, tolerate = [], probed = false }: ClaimOptions, startMs: number, signal: AbortSignal): Promise<Outcome> {
    const { lifetimeMs, address, label: suffix } = this.#options
    if (lifetimeMs !== undefined && !right) return this.#refuse({ because: 'an address with a lifetime needs a right', retryable: false })
    if (right && !right.isValid()) return this.#refuse({ because: 'the right to act is not valid', retryable: true })
    const { driver } = await this.#open()
    const [links, entries] = [await driver.links(), await driver.entries(address)]
    const link = this.#noteLinks(links)
    const session = link ? await this.#openWire(await this.#open(), link) : undefined
    const isHere = link !== undefined && entries.some(({ linkIndex }) => linkIndex === link.index)
    const probeStartMs = this.#clock.monotonicMs()
    const needsProbe = !probed && !isHere && link !== undefined && linkProblem(this.interface, links) === undefined
    const stranger = needsProbe ? await this.#findStranger(tolerate, signal) : undefined
    const probeMs = needsProbe ? this.#clock.monotonicMs() - probeStartMs : 0
    const decision = decideClaim({ address: this.address, interface: this.interface, links, entries, holder: stranger, tolerate })
    if (signal.aborted) throw abortReason(signal)
    if (decision.type === 'refuse') return this.#refuse(decision)
    if (decision.type === 'foreign') {
      this.#stranger = { mac: decision.mac, atMs: this.#clock.monotonicMs() }
      return this.#refuse({
        because: `${decision.mac} holds ${address.text} on this network, and is none of us`,
        retryable: true,
        mac: decision.mac,
      })
    }

    const adopted = decision.type === 'adopt'
    const again = this.#held !== undefined && adopted && this.#held.link.index === decision.link.index
    const addStartMs = this.#clock.monotonicMs()
    const request = {
      link: decision.link,
      address,
      prefixLength: adopted ? decision.entry.prefixLength : address.prefixLength,
      label: adopted ? undefined : labelOf(this.interface, suffix),
    }
    this.#held?.keeper?.stop()
    const keeper = right && lifetimeMs !== undefined ? this.#keeper(right, driver, request) : undefined
    if (right && !right.isValid()) return this.#refuse({ because: 'the right to act has ended', retryable: true })
    this.#held = { link: request.link, prefixLength: request.prefixLength, label: request.label, right, tolerate, keeper }
    try {
      // The gate first: the address must not be there without it.
      if (keeper) await this.#begin(keeper, driver)
      else await driver.setAddress(request)
    } catch (error) {
      this.#drop()
      if (keeper) await driver.shutGate(address, { keptMs: gateKeptMs(this.#rules(driver, lifetimeMs ?? 0)) }).catch(() => {})
      throw error
    }
    if (right && !right.isValid()) {
      await this.#remove('the right ended while the address was added')
      return this.#refuse({ because: 'the right to act ended while the address was added: it was taken back', retryable: true })
    }
    keeper?.keep()
    const announceStartMs = this.#clock.monotonicMs()
    if (session?.wire && !(again && this.#announcer.isRunning)) this.#announcer.start(session.wire)
    const nowMs = this.#clock.monotonicMs()
    const tookMs = { probe: probeMs, add: announceStartMs - addStartMs, announce: nowMs - announceStartMs, total: nowMs - startMs }
    this.#lastProbe = undefined
    this.#stranger = undefined
    this.#note('held', adopted ? `it was on ${this.interface} already` : `it was added to ${this.interface}`)
    if (again) return { ok: true, detail: `${this.address} is on ${this.interface}` }
    this.#tookMs = tookMs
    this.#emit({ type: 'vip-claimed', adopted, tookMs })
    return { ok: true, detail: `${this.address} is ${adopted ? 'ours' : 'here'} on ${this.interface} after ${tookMs.total.toFixed(1)} ms` }
  }

  async #begin(keeper: LifetimeKeeper, driver: VipDriver): Promise<void> {
    try {
      await keeper.begin()
    } catch (error) {
      if (HotspareError.is(error) && error.code === 'HOTSPARE_VIP_PERMISSION') throw error
      // Our tables may have been flushed since the start.
      await driver.prepareGate()
      await keeper.begin()
    }
  }

  #keeper(right: Right, driver: VipDriver, request: Parameters<VipDriver['setAddress']>[0]): LifetimeKeeper {
    const { address, lifetimeMs = 0 } = this.#options
    return new LifetimeKeeper({
      clock: this.#clock,
      rules: this.#rules(driver, lifetimeMs),
      right,
      openGate: (times) => driver.openGate(address, times),
      shutGate: (times) => driver.shutGate(address, times),
      setLifetime: (validSeconds) => driver.setAddress({ ...request, validSeconds }),
      repair: () => driver.prepareGate(),
      onChange: (change) => this.#onLifetime(change),
    })
  }

  #rules(driver: VipDriver, lifetimeMs: number): LifetimeRules {
    return {
      lifetimeMs,
      marginMs: this.#options.gateMarginMs + driver.gateLatenessMs,
      refreshMs: Math.min(vipDefaults.refreshMs, lifetimeMs * vipDefaults.refreshShare),
      resetMs: vipDefaults.resetMs,
      guardMs: vipDefaults.guardMs,
    }
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
    }
  }

  async #letGo(because: string, signal: AbortSignal | undefined): Promise<Outcome> {
    this.#claims.abort(
      new HotspareError({ code: 'HOTSPARE_VIP_RELEASED', message: `vip ${this.address}: released meanwhile`, retryable: true }),
    )
    this.#claims = new AbortController()
    return this.#settled('release', signal, () => this.#queued(() => this.#remove(because)))
  }

  async #remove(because: string): Promise<Outcome> {
    const { address, lifetimeMs } = this.#options
    const held = this.#held !== undefined
    this.#drop()
    const { driver } = await this.#open()
    if (lifetimeMs !== undefined) await this.#shut(driver, lifetimeMs)
    const links = await driver.links()
    const link = this.#noteLinks(links)
    const here = (await driver.entries(address)).filter(({ linkIndex }) => linkIndex === link?.index)
    for (const { prefixLength } of here) if (link) await driver.removeAddress({ link, address, prefixLength })
    // Only now: until the address had gone, the gate was all that kept it silent.
    if (lifetimeMs !== undefined) await driver.removeGate(address).catch(() => {})
    this.#note('absent', because)
    if (held || here.length > 0) this.#emit({ type: 'vip-released', because })
    return {
      ok: true,
      detail: here.length > 0 ? `${this.address} was removed from ${this.interface}` : `${this.address} is not on ${this.interface}`,
    }
  }

  async #shut(driver: VipDriver, lifetimeMs: number): Promise<void> {
    try {
      await driver.shutGate(this.#options.address, { keptMs: gateKeptMs(this.#rules(driver, lifetimeMs)) })
    } catch (error) {
      // The address itself goes next; and without our tables there is nothing to shut.
      this.#options.logger.debug({ address: this.address, because: errorText(error) }, 'the gate could not be shut')
    }
  }

  #drop(): void {
    this.#announcer.stop()
    this.#held?.keeper?.stop()
    this.#held = undefined
  }

  async #sweep({ driver }: Session, links: readonly LinkFacts[]): Promise<void> {
    const { address } = this.#options
    if (this.#held) return
    for (const entry of await driver.entries(address)) {
      const link = links.find(({ index }) => index === entry.linkIndex)
      if (!link || !isOurs(entry)) continue
      await driver.removeAddress({ link, address, prefixLength: entry.prefixLength })
      this.#emit({ type: 'vip-swept' })
    }
  }

  async #findStranger(tolerate: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    const isStranger = (mac: string) => !isTolerated(mac, tolerate)
    const freshMs = this.#clock.monotonicMs() - this.#options.probeFreshMs
    const known = this.#probing ? await this.#probing : this.#lastProbe
    // Nobody was there a moment ago: that is good enough. A stranger is asked for once more.
    if (known && known.atMs >= freshMs && !known.holders.some(isStranger)) return undefined
    const { holders } = await this.#probe(signal, isStranger)
    return holders.find(isStranger)
  }

  async #probe(signal: AbortSignal, isFinal: (mac: string) => boolean): Promise<ProbeResult> {
    const session = await this.#open()
    if (!session.wire) {
      const link = this.#noteLinks(await session.driver.links())
      if (link) await this.#openWire(session, link)
    }
    const { logger, probeWaitMs } = this.#options
    // A command needs some time before it has even asked.
    const waitMs = session.wire?.means === 'raw' ? probeWaitMs : probeWaitMs * 2
    const onFailure = (because: string) => logger.debug({ address: this.address, because }, 'the probe was not sent')
    const probing = this.#watcher
      .probe({ waitMs, count: vipDefaults.probeCount, isFinal, onFailure, signal })
      .then((holders) => ({ atMs: this.#clock.monotonicMs(), holders }))
    // Only one that waits to its end is good for a claim.
    this.#probing = probing.catch(() => ({ atMs: -Infinity, holders: [] }))
    const own = this.#probing
    try {
      this.#lastProbe = await probing
      return this.#lastProbe
    } finally {
      if (this.#probing === own) this.#probing = undefined
    }
  }

  #onClaim(mac: string): void {
    this.#heard = { mac, at: this.#clock.wallMs() }
    const held = this.#held
    if (!held || held.keeper?.mayAct() === false) return
    // Our right has passed on: whoever may have it now is not contradicted.
    if (held.right?.isValid() === false && isTolerated(mac, held.tolerate)) return this.#announcer.stop()
    if (this.#announcer.defend()) this.#emit({ type: 'vip-conflict', mac })
  }

  #judge(entries: readonly AddressEntry[]): Verdict<ResourceState> {
    const { foreignMemoryMs } = vipDefaults
    const heardMs = this.#stranger ? this.#clock.monotonicMs() - this.#stranger.atMs : Infinity
    const { state, because } = standing({
      interface: this.interface,
      link: this.#link,
      entries,
      stranger: heardMs < foreignMemoryMs ? this.#stranger?.mac : undefined,
      hasLifetime: this.#options.lifetimeMs !== undefined,
      gate: this.#held?.keeper?.gate,
    })
    return this.#note(state, because)
  }

  #note(state: ResourceState, because: string): Verdict<ResourceState> {
    const since = this.#verdict.state === state ? this.#verdict.since : this.#clock.wallMs()
    this.#verdict = { state, since, because }
    return this.#verdict
  }

  #noteLinks(links: readonly LinkFacts[]): LinkFacts | undefined {
    this.#link = links.find(({ name }) => name === this.interface)
    return this.#link
  }

  async #open(): Promise<Session> {
    if (this.#stopped && !this.#session) throw this.#stoppedError()
    if (this.#session) return this.#session
    this.#opening ??= this.#openSession()
    try {
      return await this.#opening
    } finally {
      this.#opening = undefined
    }
  }

  async #openSession(): Promise<Session> {
    const given = this.#options.driver
    await given?.open()
    const { driver, because } = given ? { driver: given, because: undefined } : await pickDriver()
    if (because !== undefined) this.#options.logger.warn({ address: this.address, because }, 'commands are used instead of netlink')
    this.#session = { driver, wire: undefined, wireLink: undefined }
    return this.#session
  }

  /** The interface may have been made anew, or have another hardware address now. */
  async #openWire(session: Session, link: LinkFacts): Promise<Session> {
    if (session.wire && session.wireLink?.index === link.index && session.wireLink.mac === link.mac) return session
    if (this.#stopped) throw this.#stoppedError()
    session.wire?.close()
    session.wireLink = link
    const wire = await openBestWire(session.driver, link, this.#options.address, (means, because) =>
      this.#emit({ type: 'vip-announcer-degraded', means, because }),
    )
    if (this.#stopped) {
      wire.close()
      throw this.#stoppedError()
    }
    session.wire = wire
    this.#watcher.watch(session.wire)
    return session
  }

  #refuse({
    because,
    retryable,
    mac,
  }: {
    readonly because: string
    readonly retryable: boolean
    readonly mac?: string | undefined
  }): Outcome {
    this.#emit({ type: 'vip-refused', because, ...(mac === undefined ? {} : { mac }) })
    return { ok: false, because, retryable }
  }

  #emit(details: EventDetails): void {
    this.#emitter.emit({ ...details, at: this.#clock.wallMs(), address: this.address, interface: this.interface })
  }

  /** Runs `work` after what was queued before it, whatever became of that. */
  #queued<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(work, work)
    this.#queue = run.catch(() => {})
    return run
  }

  async #within<T>(what: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(`vip ${this.address}: ${what}`, this.#options.callTimeoutMs, work, { signal, clock: this.#clock })
  }

  /** What goes wrong in the world is an outcome; only the caller's own abort is thrown. */
  async #settled(
    what: 'claim' | 'release',
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    try {
      return await this.#within(what, signal, work)
    } catch (error) {
      if (signal?.aborted) throw error
      const retryable = HotspareError.is(error) && error.retryable
      if (what === 'claim') return this.#refuse({ because: errorText(error), retryable })
      return { ok: false, because: errorText(error), retryable }
    }
  }

  #stoppedError(): HotspareError {
    return new HotspareError({ code: 'HOTSPARE_VIP_STOPPED', message: `vip ${this.address}: it was stopped` })
  }
}
