import { sleep } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import { isAlive } from './candidates.ts'
import { automationOf } from './decide.ts'
import { engineDefaults } from './defaults.ts'
import type { Facts } from './facts.ts'
import type { GrantedRight } from './ports.ts'
import type { ServiceDefinition } from './service.ts'
import type { ServiceHost } from './service-parts.ts'

export interface ClearanceOptions {
  readonly definition: ServiceDefinition
  readonly host: Pick<ServiceHost, 'node' | 'clock' | 'fence' | 'askReport'>
  readonly right: () => GrantedRight | undefined
  readonly facts: () => Facts
}

/** What a member says, now. */
type Word =
  | { readonly type: 'certain'; readonly because: string }
  /** It answers, and does not say that it has nothing. */
  | { readonly type: 'holds' }
  | { readonly type: 'silent' }

/**
 * The last gate before anything is brought here: for the right that we have, each other member has said after its grant that
 * it holds nothing, or is off. Said before the grant, it would prove nothing: that member may have had a right of its own since.
 */
export class Clearance {
  readonly #options: ClearanceOptions
  /** Of the right that it is certain for. */
  #token: number | undefined
  /** Members that are certain, for the right with that token. */
  #certain: { readonly token: number; readonly nodes: Set<string> } | undefined

  constructor(options: ClearanceOptions) {
    this.#options = options
  }

  /** Whether nobody else holds anything, for the right that we have. */
  get isOpen(): boolean {
    const token = this.#options.right()?.token
    return token !== undefined && token === this.#token
  }

  /** The former holder was certain of everybody else, has let go in a plan of its own, and gives the right to us. */
  open(): void {
    this.#token = this.#options.right()?.token
  }

  /**
   * @param giver who hands the right over to us in a plan of its own, and has let go in it
   * @returns why nothing may be brought here; undefined when it may
   */
  async obstacle(signal: AbortSignal, giver?: string): Promise<string | undefined> {
    const { definition, host } = this.#options
    if (definition.fencing?.mode !== 'required' || this.isOpen) return undefined
    const others = definition.members.filter((node) => node !== host.node && node !== giver)
    const words = await Promise.all(others.map(async (node) => ({ node, word: await this.#word(node, signal) })))
    const open = words.find(({ word }) => word.type !== 'certain')
    if (open) return `${open.node} may still hold something: it has neither let go nor is it certain to be off`
    this.open()
    return undefined
  }

  /** Makes sure of one member: by its word, or by its power. @param asked people have asked for the plan: a hold does not stop it */
  async fence(target: string, { signal, asked }: { readonly signal: AbortSignal; readonly asked: boolean }): Promise<Outcome> {
    const { definition, host } = this.#options
    const word = await this.#lastWord(target, signal)
    if (word.type === 'certain') return { ok: true, detail: word.because }
    const automation = automationOf(this.#options.facts())
    if (!asked && automation.state === 'off') return failed(`${target} is not fenced: ${automation.because}`)
    // Whoever fences has the right: two nodes can never shoot each other.
    const right = this.#options.right()
    if (!right?.isValid()) return failed(`${target} is not fenced: there is no valid right to act under`)
    // A device may hang for longer than the right lasts: whoever has it by then must not be shot by us.
    const whileOurs = AbortSignal.any([signal, right.signal])
    const outcome: Outcome = (await host.fence?.fence(target, { signal: whileOurs })) ?? failed(`how ${target} is fenced is not said`)
    if (outcome.ok) return (this.#isCertain(target), outcome)
    if (definition.fencing?.mode !== 'automatic') return outcome
    this.#isCertain(target)
    return { ok: true, detail: `NOT CONFIRMED, and the takeover goes on: ${outcome.because}` }
  }

  /** Whoever answers may be letting go at this moment, since it has heard of us: it is given the time. */
  async #lastWord(node: string, signal: AbortSignal): Promise<Word> {
    const { clock } = this.#options.host
    const untilMs = clock.monotonicMs() + engineDefaults.consentMs
    let word = await this.#word(node, signal)
    while (word.type === 'holds' && clock.monotonicMs() < untilMs) {
      await sleep(engineDefaults.consentPollMs, { clock, signal })
      word = await this.#word(node, signal)
    }
    return word
  }

  /** What is known of a member at this moment. */
  async #word(node: string, signal: AbortSignal): Promise<Word> {
    const { definition, host } = this.#options
    const facts = this.#options.facts()
    if (facts.off?.includes(node)) return { type: 'certain', because: `${node} is off, and was not heard since` }
    if (this.#certain?.token === this.#options.right()?.token && this.#certain?.nodes.has(node)) {
      return { type: 'certain', because: `${node} was fenced under this right` }
    }
    const peer = facts.peers.find((each) => each.node === node)
    if (!peer || !isAlive(peer)) return { type: 'silent' }
    const report = await host.askReport(node, signal).catch(() => undefined)
    if (!report) return { type: 'silent' }
    const own = Object.hasOwn(report.services, definition.name) ? report.services[definition.name] : undefined
    return own?.clear === true ? { type: 'certain', because: `${node} has let go, by its own word` } : { type: 'holds' }
  }

  #isCertain(node: string): void {
    const token = this.#options.right()?.token
    if (token === undefined) return
    if (this.#certain?.token !== token) this.#certain = { token, nodes: new Set() }
    this.#certain.nodes.add(node)
  }
}

function failed(because: string): Outcome {
  return { ok: false, because, retryable: true }
}
