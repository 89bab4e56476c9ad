import type { Clock, Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import { linkProblem } from './claim-decision.ts'
import { vipDefaults } from './defaults.ts'
import type { AddressEntry, LinkFacts } from './driver.ts'
import type { ClaimTimes } from './events.ts'
import { standing } from './standing.ts'
import type { VipSnapshot } from './vip-types.ts'

export interface RecordOptions {
  readonly interface: string
  readonly hasLifetime: boolean
  readonly clock: Clock
}

/** What was last seen of an address, on this node and on its network. */
export class VipRecord {
  readonly #options: RecordOptions
  #verdict: Verdict<ResourceState>
  #link: LinkFacts | undefined
  #linkProblem: string | undefined
  #heard: VipSnapshot['heard']
  #stranger: { readonly mac: string; readonly atMs: number } | undefined
  /** Why this process may not move addresses; undefined where it may, as far as is known. */
  permissionProblem: string | undefined
  /** Of the last claim. */
  tookMs: ClaimTimes | undefined

  constructor(options: RecordOptions) {
    this.#options = options
    this.#verdict = { state: 'unknown', since: options.clock.wallMs(), because: 'it was not looked at yet' }
  }

  get verdict(): Verdict<ResourceState> {
    return this.#verdict
  }

  /** The interface; undefined when there is none of its name. */
  get link(): LinkFacts | undefined {
    return this.#link
  }

  /** Why the address could not be had here, as last seen. */
  get obstacle(): string | undefined {
    return this.permissionProblem ?? this.#linkProblem
  }

  /** Who else was last heard to claim the address. */
  get heard(): VipSnapshot['heard'] {
    return this.#heard
  }

  /** @returns ours, if it is one of `links` */
  noteLinks(links: readonly LinkFacts[]): LinkFacts | undefined {
    this.#link = links.find(({ name }) => name === this.#options.interface)
    this.#linkProblem = linkProblem(this.#options.interface, links)?.because
    return this.#link
  }

  noteHeard(mac: string): void {
    this.#heard = { mac, at: this.#options.clock.wallMs() }
  }

  /** @param mac who was found to hold the address; undefined for nobody */
  noteStranger(mac: string | undefined): void {
    this.#stranger = mac === undefined ? undefined : { mac, atMs: this.#options.clock.monotonicMs() }
  }

  note(state: ResourceState, because: string): Verdict<ResourceState> {
    const since = this.#verdict.state === state ? this.#verdict.since : this.#options.clock.wallMs()
    this.#verdict = { state, since, because }
    return this.#verdict
  }

  /** @param gate of the claim of this process; undefined when it holds nothing that has a lifetime */
  judge(entries: readonly AddressEntry[], gate: 'open' | 'shut' | undefined): Verdict<ResourceState> {
    const { interface: name, hasLifetime, clock } = this.#options
    const heardMs = this.#stranger ? clock.monotonicMs() - this.#stranger.atMs : Infinity
    const stranger = heardMs < vipDefaults.foreignMemoryMs ? this.#stranger?.mac : undefined
    const { state, because } = standing({ interface: name, link: this.#link, entries, stranger, hasLifetime, gate })
    return this.note(state, because)
  }
}
