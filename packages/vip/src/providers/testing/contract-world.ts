import { IdleClock } from '@hotspare/cloud/testing'
import type { Outcome, Right } from '@hotspare/core/plan'
import type { AddressProvider } from '../provider.ts'
import { providerResource, type ProviderResource } from '../provider-resource.ts'
import type { ProviderFixture, ProviderStandIn } from './provider-fixture.ts'

/** For one call: an answer that never comes is given up after this, in milliseconds of the contract's own clock. */
const CALL_MS = 10_000

/** Valid until a test ends it. */
export class EndingRight implements Right {
  readonly token: number
  readonly deadlineMs: number = Infinity
  readonly #ended = new AbortController()

  constructor(token: number) {
    this.token = token
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  isValid(): boolean {
    return !this.signal.aborted
  }

  confirm(): Promise<boolean> {
    return Promise.resolve(this.isValid())
  }

  end(): void {
    this.#ended.abort(new Error('the right was lost'))
  }
}

/** Two members, their clients and their clock, and what was said of it: what each test of the contract begins with. */
export class ContractWorld {
  readonly fixture: ProviderFixture
  readonly said: string[] = []
  readonly #clock: IdleClock
  readonly #nodes = new Map<string, ProviderResource>()
  readonly #extra: ProviderResource[] = []

  constructor(fixture: ProviderFixture) {
    this.fixture = fixture
    this.#clock = new IdleClock(() => fixture.standIn.hung)
  }

  get standIn(): ProviderStandIn {
    return this.fixture.standIn
  }

  target(node: 'web-1' | 'web-2'): string {
    return this.fixture.targets[node]
  }

  right(token: number): EndingRight {
    return new EndingRight(token)
  }

  node(name: 'web-1' | 'web-2'): ProviderResource {
    const known = this.#nodes.get(name) ?? this.#make(name)
    this.#nodes.set(name, known)
    return known
  }

  /** As after a restart: nothing is known. */
  fresh(name: 'web-1' | 'web-2'): ProviderResource {
    const made = this.#make(name)
    this.#extra.push(made)
    return made
  }

  async acquire(name: 'web-1' | 'web-2', right: Right = this.right(1)): Promise<Outcome> {
    const outcome = await this.node(name).acquire(right)
    this.said.push(outcome.ok ? outcome.detail : outcome.because)
    return outcome
  }

  async release(name: 'web-1' | 'web-2'): Promise<Outcome> {
    const outcome = await this.node(name).release()
    this.said.push(outcome.ok ? outcome.detail : outcome.because)
    return outcome
  }

  because(outcome: Outcome): string {
    return outcome.ok ? '' : outcome.because
  }

  problem(outcome: Outcome): string | undefined {
    return outcome.ok ? undefined : outcome.because
  }

  changes(): readonly string[] {
    return this.standIn.asked.filter((each) => each.startsWith('change'))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values(), ...this.#extra].map((each) => each.close()))
    this.#clock.stop()
    await this.standIn.close()
  }

  #make(node: 'web-1' | 'web-2'): ProviderResource {
    const opened = this.fixture.open(this.#clock)
    const { rate, ...terms } = opened.terms
    // Limits and deadlines of minutes would be minutes of test: what is left of them is their order.
    const short = {
      callMs: CALL_MS,
      pollMs: 100,
      allowedMs: { acquire: 60_000, release: 10_000 },
      rate: { ...rate, perSecond: 10, burst: 40 },
    }
    const provider = watched(this.#clock, { ...opened, terms: { ...terms, ...short } })
    const { stranger: _, ...targets } = this.fixture.targets
    return providerResource(provider, { node, targets, clock: this.#clock, random: { next: () => 0.5 } })
  }
}

/** The same provider, whose calls hold the time. */
function watched(clock: IdleClock, provider: AddressProvider): AddressProvider {
  const operation = (begun: Awaited<ReturnType<AddressProvider['assign']>>) =>
    begun && { hasEnded: (signal: AbortSignal) => clock.hold(signal, () => begun.hasEnded(signal)) }
  return {
    ...provider,
    look: (targets, signal) => clock.hold(signal, () => provider.look(targets, signal)),
    assign: (call) => clock.hold(call.signal, () => provider.assign(call)).then(operation),
    unassign: (call) => clock.hold(call.signal, () => provider.unassign(call)).then(operation),
    ...(provider.writeToken ? { writeToken: (token, signal) => clock.hold(signal, async () => provider.writeToken?.(token, signal)) } : {}),
  }
}
