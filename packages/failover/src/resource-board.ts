import { type Clock, errorText, type Verdict, withDeadline } from '@hotspare/core'
import type { Outcome, Resource, ResourceState, Right } from '@hotspare/core/plan'
import { engineDefaults } from './defaults.ts'
import type { ResourceFact } from './facts.ts'

export interface ResourceBoardOptions {
  /** In the order in which they are acquired. */
  readonly resources: readonly Resource[]
  readonly clock: Clock
  readonly changed: () => void
}

/** The resources of one service, and how each was when it was last looked at. */
export class ResourceBoard {
  readonly #options: ResourceBoardOptions
  readonly #verdicts = new Map<string, Verdict<ResourceState>>()
  /** How often each was acted on: a look that began before says what was. */
  readonly #acts = new Map<string, number>()
  #actsUnder = 0
  #looksSinceAct = 0
  #observing: Promise<void> | undefined
  #again = false
  #observedMs = -Infinity
  #stopped = false

  constructor(options: ResourceBoardOptions) {
    this.#options = options
  }

  /** Whether each was looked at. */
  get isKnown(): boolean {
    return this.#verdicts.size === this.#options.resources.length
  }

  /** Whether each was looked at since the last thing that was done to any of them. */
  get isSettled(): boolean {
    return this.isKnown && this.#actsUnder === 0 && this.#looksSinceAct > 0
  }

  /** Whether nobody has looked for so long, and nobody does now. */
  isOld(maxAgeMs: number): boolean {
    return this.#observing === undefined && this.#options.clock.monotonicMs() - this.#observedMs >= maxAgeMs
  }

  facts(): readonly ResourceFact[] {
    const since = this.#options.clock.wallMs()
    return this.#options.resources.map((resource) => {
      const verdict = this.#verdicts.get(resource.id) ?? { state: 'unknown', since, because: 'it was not looked at yet' }
      return { id: resource.id, verdict, obstacle: resource.obstacle?.() }
    })
  }

  /** Looks at all of them; one more time, if it is asked for while it looks. Never rejects. */
  observe(): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    this.#again = this.#observing !== undefined
    this.#observing ??= this.#observe().finally(() => {
      this.#observing = undefined
      if (this.#again) void this.observe()
    })
    return this.#observing
  }

  stop(): void {
    this.#stopped = true
  }

  async acquire(
    id: string,
    right: Right | undefined,
    options: { readonly signal: AbortSignal; readonly handedOver: boolean },
  ): Promise<Outcome> {
    const resource = this.#find(id)
    if (!resource) return unknownResource(id)
    // The token goes with the action; without a right there is none.
    if (!right?.isValid()) return { ok: false, because: 'there is no valid right to act under', retryable: true }
    const outcome = await this.#acting(id, () => resource.acquire(right, options))
    if (outcome.ok) this.#set(id, { state: 'held', because: outcome.detail })
    return outcome
  }

  async release(id: string, signal: AbortSignal): Promise<Outcome> {
    const resource = this.#find(id)
    if (!resource) return unknownResource(id)
    const outcome = await this.#acting(id, () => resource.release({ signal }))
    if (outcome.ok) this.#set(id, { state: 'absent', because: outcome.detail })
    return outcome
  }

  async #observe(): Promise<void> {
    const { resources, clock, changed } = this.#options
    const count = () => [...this.#acts.values()].reduce((sum, each) => sum + each, 0)
    const before = count()
    await Promise.all(
      resources.map(async (resource) => {
        const { id } = resource
        const acts = this.#acts.get(id)
        const verdict = await withDeadline(`a look at ${id}`, engineDefaults.observeTimeoutMs, (signal) => resource.observe({ signal }), {
          clock,
        }).catch((error: unknown): Pick<Verdict<ResourceState>, 'state' | 'because'> => {
          return { state: 'unknown', because: `it could not be looked at: ${errorText(error)}` }
        })
        if (this.#acts.get(id) === acts) this.#set(id, verdict)
      }),
    )
    this.#observedMs = clock.monotonicMs()
    if (count() === before) this.#looksSinceAct += 1
    if (!this.#stopped) changed()
  }

  async #acting(id: string, act: () => Promise<Outcome>): Promise<Outcome> {
    const count = () => this.#acts.set(id, (this.#acts.get(id) ?? 0) + 1)
    count()
    this.#actsUnder += 1
    try {
      return await act()
    } finally {
      this.#actsUnder -= 1
      this.#looksSinceAct = 0
      count()
    }
  }

  #set(id: string, { state, because }: Pick<Verdict<ResourceState>, 'state' | 'because'>): void {
    const before = this.#verdicts.get(id)
    const since = before?.state === state ? before.since : this.#options.clock.wallMs()
    this.#verdicts.set(id, { state, since, because })
  }

  #find(id: string): Resource | undefined {
    return this.#options.resources.find((resource) => resource.id === id)
  }
}

function unknownResource(id: string): Outcome {
  return { ok: false, because: `this node knows no resource "${id}" of the service`, retryable: false }
}
