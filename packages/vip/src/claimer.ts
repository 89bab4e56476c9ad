import { abortReason } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import type { AddressHold } from './address-hold.ts'
import type { Announcer } from './announcer.ts'
import { type ClaimDecision, decideClaim, linkProblem } from './claim-decision.ts'
import { type AddressRequest, isOurs, labelOf, type LinkFacts, type VipDriver, type Wire } from './driver.ts'
import type { VipEventDetails } from './events.ts'
import type { ResolvedVipOptions } from './options.ts'
import type { Prober } from './prober.ts'
import type { VipRecord } from './record.ts'
import type { Session } from './session.ts'
import type { ClaimOptions } from './vip-types.ts'

export interface ClaimerParts {
  /** For people: `10.0.0.100/32`. */
  readonly address: string
  readonly options: ResolvedVipOptions
  readonly session: Session
  readonly prober: Prober
  readonly hold: AddressHold
  readonly announcer: Announcer
  readonly record: VipRecord
  readonly emit: (event: VipEventDetails) => void
}

export interface ClaimCall extends Omit<ClaimOptions, 'signal'> {
  /** When it was asked for, by the monotonic clock. */
  readonly startMs: number
  readonly signal: AbortSignal
}

export interface Refusal {
  readonly because: string
  readonly retryable: boolean
  /** The stranger's who holds the address. */
  readonly mac?: string | undefined
}

interface Prepared {
  readonly driver: VipDriver
  readonly wire: Wire | undefined
  readonly decision: ClaimDecision
  readonly probeMs: number
}

/** What changes something: brings the address here and takes it away. One call at a time. */
export class Claimer {
  readonly #parts: ClaimerParts

  constructor(parts: ClaimerParts) {
    this.#parts = parts
  }

  /** @throws the reason of `signal`; what the driver throws */
  async claim(call: ClaimCall): Promise<Outcome> {
    const { address, options, hold, record } = this.#parts
    const { right, tolerate = [], signal } = call
    if (options.lifetimeMs !== undefined && !right) {
      return this.refuse({ because: 'an address with a lifetime needs a right', retryable: false })
    }
    if (right && !right.isValid()) return this.refuse({ because: 'the right to act is not valid', retryable: true })
    const { driver, wire, decision, probeMs } = await this.#prepare(call)
    if (signal.aborted) throw abortReason(signal)
    if (decision.type === 'refuse') return this.refuse(decision)
    if (decision.type === 'foreign') {
      const { mac } = decision
      record.noteStranger(mac)
      return this.refuse({ because: `${mac} holds ${options.address.text} on this network, and is none of us`, retryable: true, mac })
    }

    const adopted = decision.type === 'adopt'
    const again = adopted && hold.isOn(decision.link)
    const addStartMs = options.clock.monotonicMs()
    const obstacle = await hold.take(driver, this.#requestFor(decision), { right, tolerate })
    if (obstacle !== undefined) return this.refuse({ because: obstacle, retryable: true })
    if (right && !right.isValid()) {
      await this.remove('the right ended while the address was added')
      return this.refuse({ because: 'the right to act ended while the address was added: it was taken back', retryable: true })
    }
    hold.keep()
    const addMs = options.clock.monotonicMs() - addStartMs
    const announceMs = this.#announce(wire, again)
    record.note('held', adopted ? `it was on ${options.interface} already` : `it was added to ${options.interface}`)
    if (again) return { ok: true, detail: `${address} is on ${options.interface}` }
    const total = options.clock.monotonicMs() - call.startMs
    const tookMs = { probe: probeMs, add: addMs, announce: announceMs, total }
    record.tookMs = tookMs
    this.#parts.emit({ type: 'vip-claimed', adopted, tookMs })
    return { ok: true, detail: `${address} is ${adopted ? 'ours' : 'here'} on ${options.interface} after ${total.toFixed(1)} ms` }
  }

  /** Takes the address off the interface, whoever has put it there. @throws what the driver throws */
  async remove(because: string): Promise<Outcome> {
    const { address: shown, options, session, hold, announcer, record, emit } = this.#parts
    const { address, lifetimeMs } = options
    const held = hold.isHeld
    const driver = await session.driver()
    // Before anything is shut: from then on somebody may be waiting for the next holder.
    const link = record.noteLinks(await driver.links())
    announcer.stop()
    await hold.drop()
    await hold.shut(driver)
    const here = (await driver.entries(address)).filter(({ linkIndex }) => linkIndex === link?.index)
    for (const { prefixLength } of here) if (link) await driver.removeAddress({ link, address, prefixLength })
    // Only now: until the address had gone, the gate was all that kept it silent.
    if (lifetimeMs !== undefined) await driver.removeGate(address).catch(() => {})
    record.note('absent', because)
    if (held || here.length > 0) emit({ type: 'vip-released', because })
    const detail = here.length > 0 ? `${shown} was removed from ${options.interface}` : `${shown} is not on ${options.interface}`
    return { ok: true, detail }
  }

  /** Removes the address where it is marked as ours and this process does not hold it. */
  async sweep(driver: VipDriver, links: readonly LinkFacts[]): Promise<void> {
    const { options, hold, emit } = this.#parts
    if (hold.isHeld) return
    for (const entry of await driver.entries(options.address)) {
      const link = links.find(({ index }) => index === entry.linkIndex)
      if (!link || !isOurs(entry)) continue
      await driver.removeAddress({ link, address: options.address, prefixLength: entry.prefixLength })
      emit({ type: 'vip-swept' })
    }
  }

  refuse({ because, retryable, mac }: Refusal): Outcome {
    this.#parts.emit({ type: 'vip-refused', because, ...(mac === undefined ? {} : { mac }) })
    return { ok: false, because, retryable }
  }

  /** Everything is looked at anew: whatever was true before the queue may have changed. */
  async #prepare({ tolerate = [], probed = false, signal }: ClaimCall): Promise<Prepared> {
    const { address, options, session, prober, record } = this.#parts
    const { clock, interface: name } = options
    const driver = await session.driver()
    const [links, entries] = [await driver.links(), await driver.entries(options.address)]
    const link = record.noteLinks(links)
    const wire = link ? await session.wireOn(link) : undefined
    const isHere = link !== undefined && entries.some(({ linkIndex }) => linkIndex === link.index)
    const probeStartMs = clock.monotonicMs()
    const needsProbe = !probed && !isHere && linkProblem(name, links) === undefined
    const holder = needsProbe && wire ? await prober.findStranger(tolerate, { means: wire.means, signal }) : undefined
    const decision = decideClaim({ address, interface: name, links, entries, holder, tolerate })
    return { driver, wire, decision, probeMs: needsProbe ? clock.monotonicMs() - probeStartMs : 0 }
  }

  #requestFor(decision: Extract<ClaimDecision, { readonly type: 'add' | 'adopt' }>): AddressRequest {
    const { address, interface: name, label } = this.#parts.options
    const { link } = decision
    return decision.type === 'adopt'
      ? { link, address, prefixLength: decision.entry.prefixLength }
      : { link, address, prefixLength: address.prefixLength, label: labelOf(name, label) }
  }

  /** @returns how long the first announcement took */
  #announce(wire: Wire | undefined, again: boolean): number {
    const { options, announcer, prober, record } = this.#parts
    const startMs = options.clock.monotonicMs()
    if (wire && !(again && announcer.isRunning)) announcer.start(wire)
    const tookMs = options.clock.monotonicMs() - startMs
    prober.forget()
    record.noteStranger(undefined)
    return tookMs
  }
}
