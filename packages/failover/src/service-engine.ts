import { type Clock, errorText, type HealthState, type Verdict } from '@hotspare/core'
import type { Outcome, Plan, Resource, Step, StepAction } from '@hotspare/core/plan'
import { Aged } from './aged.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import { automationOf, decide, type Decision, type DecisionRules, roleOf, unfitness } from './decide.ts'
import { engineDefaults } from './defaults.ts'
import type { FailoverEvent } from './events.ts'
import { executePlan, failureOf, type PlanRecord } from './execute.ts'
import type { Facts, PeerFact, Role, ServiceReport } from './facts.ts'
import { decideCommand } from './command.ts'
import { type Instructions, makePlan, type Move } from './make-plan.ts'
import { initialMemory, type Memory, remember, rememberEnd } from './memory.ts'
import type { LeasePort } from './ports.ts'
import { RightKeeper } from './right-keeper.ts'
import { ResourceBoard } from './resource-board.ts'
import type { ServiceDefinition } from './service.ts'
import { type Command, type CommandResult, type PerformRequest, wireText } from './wire.ts'

/** What an engine needs of the node that it runs on. */
export interface ServiceHost {
  readonly node: string
  readonly clock: Clock
  readonly rules: DecisionRules
  /** What holds for the whole node at this moment. */
  readonly nodeFacts: () => Pick<Facts, 'sick' | 'hold' | 'maintenance'> & { readonly peers: readonly PeerFact[] }
  readonly emit: (event: FailoverEvent) => void
  /** Something that peers should know has changed. */
  readonly changed: () => void
  /** Has a step done by another node. */
  readonly ask: (node: string, request: PerformRequest, signal: AbortSignal) => Promise<Outcome>
}

export interface ServiceParts {
  readonly definition: ServiceDefinition
  readonly lease: LeasePort
  readonly resources: readonly Resource[]
  readonly instructions: Instructions
  /** Whether the service has a check of its own; without one, it counts as up. */
  readonly hasCheck: boolean
}

/** A plan that is being run, or one of another node that we have a part in. */
type Work =
  | { readonly type: 'own'; readonly role: 'taking' | 'leaving' | undefined; readonly abort: AbortController }
  | { readonly type: 'guest'; readonly run: string; readonly peer: string; readonly untilMs: number; readonly acquired: boolean }

/** One service on this node: gathers the facts, asks {@link decide}, and has plans run, one at a time. */
export class ServiceEngine {
  readonly definition: ServiceDefinition
  readonly #parts: ServiceParts
  readonly #host: ServiceHost
  readonly #board: ResourceBoard
  readonly #keeper: RightKeeper
  readonly #check: Aged<HealthState>
  readonly #served: Aged<'yes' | 'no' | 'unknown'>
  #memory: Memory
  #work: Work | undefined
  #role: Role = 'standby'
  #decision: Decision | undefined
  #lastPlan: PlanRecord | undefined
  #runs = 0
  #stopping = false
  readonly #took = new Map<string, number>()
  readonly #idle = new Set<() => void>()

  constructor(parts: ServiceParts, host: ServiceHost) {
    const { clock } = host
    this.definition = parts.definition
    this.#parts = parts
    this.#host = host
    this.#memory = initialMemory(clock.monotonicMs())
    this.#keeper = new RightKeeper({ lease: parts.lease, clock, changed: () => this.#leaseChanged() })
    this.#board = new ResourceBoard({ resources: parts.resources, clock, changed: () => this.look() })
    this.#check = new Aged<HealthState>({ maxAgeMs: engineDefaults.checkMaxAgeMs, unknown: 'unknown', source: 'its health check' })
    this.#served = new Aged<'yes' | 'no' | 'unknown'>({
      maxAgeMs: engineDefaults.servedMaxAgeMs,
      unknown: 'unknown',
      source: 'the look at its address',
    })
  }

  async start(): Promise<void> {
    await this.#board.observe()
    this.#keeper.start()
  }

  setCheck(verdict: Verdict<HealthState>): void {
    this.#check.set(verdict, this.#host.clock.monotonicMs())
    this.look()
  }

  setServed(verdict: Verdict<'yes' | 'no' | 'unknown'>): void {
    this.#served.set(verdict, this.#host.clock.monotonicMs())
    this.look()
  }

  /** What was seen before a pause is not believed any more. */
  forget(): void {
    this.#check.forget()
    this.#served.forget()
  }

  facts(): Facts {
    const { node, clock, nodeFacts } = this.#host
    const [atMs, wallMs] = [clock.monotonicMs(), clock.wallMs()]
    const none: Verdict<HealthState> = { state: 'up', since: wallMs, because: 'it has no check' }
    return {
      node,
      lease: this.#keeper.verdict(),
      leaseHolder: this.#keeper.holder,
      arbiterAnswers: this.#keeper.arbiterAnswers,
      resources: this.#board.facts(),
      check: this.#parts.hasCheck ? this.#check.get(atMs, wallMs) : none,
      served: this.#served.get(atMs, wallMs),
      ...nodeFacts(),
    }
  }

  /** Looks at everything again, and acts on it unless something is being done already. */
  look(): void {
    if (this.#stopping) return
    const atMs = this.#host.clock.monotonicMs()
    if (this.#work?.type === 'guest' && atMs >= this.#work.untilMs) this.#endGuest(undefined)
    const facts = this.facts()
    this.#memory = remember(this.#memory, this.definition, facts, atMs)
    const decision = decide(this.definition, facts, this.#memory, atMs, this.#host.rules)
    this.#tell(decision, facts)
    if (this.#board.isOld(engineDefaults.observeMs)) void this.#board.observe()
    if (this.#work || !decision.move || !this.#board.isKnown) return
    void this.#run(decision.move, facts)
  }

  report(): ServiceReport {
    const facts = this.facts()
    const { state, because } = facts.check
    const unfit = facts.sick ?? unfitness(this.#memory, this.#host.rules)
    return {
      role: this.#role,
      token: this.#keeper.right?.token,
      check: { state, because: wireText(because) },
      unfit: unfit === undefined ? undefined : wireText(unfit),
    }
  }

  snapshot(): ServiceSnapshot {
    const facts = this.facts()
    const decision = this.#decision ?? { automation: automationOf(facts), because: 'nothing was looked at yet' }
    return {
      name: this.definition.name,
      role: this.#role,
      active: this.#activeNode(facts),
      token: this.#keeper.right?.token,
      automation: decision.automation,
      because: decision.because,
      concern: decision.concern,
      lease: facts.lease,
      check: facts.check,
      served: facts.served,
      resources: facts.resources.map(({ id, verdict }) => ({ id, ...verdict })),
      candidates: candidatesOf(this.definition, facts),
      movesInLastHour: this.#memory.movesMs.length,
      lastPlan: this.#lastPlan,
    }
  }

  /** What a command would do: nothing is done. @returns the plan, or why there is none */
  planFor(command: Command): { readonly plan?: Plan | undefined; readonly because: string } {
    const facts = this.facts()
    const decided = decideCommand(this.definition, facts, command, this.#activeNode(facts))
    return decided.move ? { plan: this.#plan(decided.move, facts), because: decided.because } : { because: decided.because }
  }

  /** Who would have to carry a command out; undefined when it is nobody. */
  executorOf(command: Command): string | undefined {
    const facts = this.facts()
    const { move } = decideCommand(this.definition, facts, command, this.#activeNode(facts))
    if (!move) return undefined
    return move.type === 'hand-over' ? move.from : (command.to ?? facts.node)
  }

  /** Carries a command of people out. Never rejects. */
  async command(command: Command): Promise<CommandResult> {
    await this.#untilIdle()
    const facts = this.facts()
    const { move, because } = decideCommand(this.definition, facts, command, this.#activeNode(facts))
    if (!move) return { ok: false, because, steps: [] }
    const record = await this.#run(move, facts)
    const steps = record.steps.map(({ step, outcome, tookMs }) => ({
      id: step.id,
      ok: outcome.ok,
      detail: outcome.ok ? outcome.detail : outcome.because,
      tookMs,
    }))
    return { ok: record.ok, because: failureOf(record) ?? `${because}: done in ${Math.round(record.tookMs)} ms`, steps }
  }

  /** Does a step of a plan that a peer runs. */
  async perform(request: PerformRequest, peer: string, signal: AbortSignal): Promise<Outcome> {
    const { clock } = this.#host
    if (this.#stopping) return refused('it is stopping')
    if (this.#work?.type === 'guest' && clock.monotonicMs() >= this.#work.untilMs) this.#endGuest(undefined)
    const { run, action, allowedMs, last } = request
    const work = this.#work
    if (work && (work.type === 'own' || work.run !== run || work.peer !== peer)) return refused('it is busy with another plan')
    if (!work && action.type !== 'prepare' && action.type !== 'release') return refused('the plan did not begin with a look at this node')
    const acquired = (work?.acquired ?? false) || action.type === 'acquire'
    this.#work = { type: 'guest', run, peer, acquired, untilMs: clock.monotonicMs() + allowedMs + engineDefaults.guestSlackMs }
    this.#refreshRole()
    const outcome = await this.#act(action, { signal, handedOver: true }).catch((error: unknown) => refused(errorText(error)))
    const end = outcome.ok && last && acquired ? await this.#confirmed(outcome, signal) : outcome
    if (!end.ok || last) this.#endGuest(end)
    return end
  }

  /** Hands over what can be handed over, gives the rest back as its policy says, and stops. Never rejects. */
  async stop({ handOver }: { readonly handOver: boolean }): Promise<void> {
    if (this.#stopping) return
    if (handOver) await this.#leave()
    this.#stopping = true
    if (this.#work?.type === 'own') this.#work.abort.abort()
    await this.#untilIdle()
    // For `keep`, whatever is here serves on; the next start finds it.
    if (this.definition.onControlLoss === 'release' && !this.#isHeldByPeople()) await this.#releaseAll()
    await this.#keeper.stop()
    this.#board.stop()
  }

  #isHeldByPeople(): boolean {
    return this.facts().hold !== undefined && !this.#keeper.right
  }

  async #leave(): Promise<void> {
    await this.#untilIdle()
    const facts = this.facts()
    if (facts.lease.state !== 'held' || automationOf(facts).state === 'off') return
    const to = candidatesOf(this.definition, facts).find(({ node, eligible }) => eligible && node !== facts.node)?.node
    if (to === undefined) return
    await this.#run({ type: 'hand-over', purpose: 'switchover', from: facts.node, to, because: `hotspare stops on ${facts.node}` }, facts)
  }

  #plan(move: Move, facts: Facts): Plan {
    const plan = makePlan(this.definition, facts, move, this.#parts.instructions)
    const steps = plan.steps.map((step) => ({ ...step, tookMs: this.#took.get(stepKey(step)) ?? step.tookMs }))
    return { ...plan, steps }
  }

  async #run(move: Move, facts: Facts): Promise<PlanRecord> {
    const { clock, emit } = this.#host
    const plan = this.#plan(move, facts)
    const abort = new AbortController()
    this.#runs += 1
    const run = `${facts.node}-${clock.wallMs()}-${this.#runs}`
    const role = move.type === 'hand-over' ? 'leaving' : move.type === 'let-go' ? undefined : 'taking'
    this.#work = { type: 'own', role, abort }
    this.#refreshRole()
    const { service, purpose, from, to, because } = plan
    emit({ type: 'plan-started', at: clock.wallMs(), service, purpose, from, to, because, steps: plan.steps.map(({ id }) => id) })
    if (move.type === 'take') for (const resource of this.#parts.resources) resource.prepare?.()
    let handedOver = false
    const executed = await executePlan(plan, {
      clock,
      signal: abort.signal,
      perform: async (step, signal) => {
        if (step.node !== facts.node) return this.#host.ask(step.node, this.#requestFor(plan, step, run), signal)
        const outcome = await this.#act(step.action, { signal, handedOver })
        handedOver ||= step.action.type === 'release' && outcome.ok
        return outcome
      },
      onStep: ({ step, outcome, tookMs }) => {
        const about = { at: clock.wallMs(), service, step: step.id, tookMs }
        if (outcome.ok) {
          this.#took.set(stepKey(step), tookMs)
          emit({ type: 'step-finished', detail: outcome.detail, ...about })
        } else emit({ type: 'step-failed', because: outcome.because, ...about })
      },
    })
    return this.#finish(await this.#proven(executed, facts.node, abort.signal), facts.node)
  }

  /** After an action under a right, one last look at the right: what was done without it is taken back. */
  async #proven(record: PlanRecord, node: string, signal: AbortSignal): Promise<PlanRecord> {
    const last = record.steps.findLast(({ step, outcome }) => step.node === node && step.action.type === 'acquire' && outcome.ok)
    if (!last) return record
    const outcome = await this.#confirmed(last.outcome, signal)
    if (outcome.ok) return record
    return { ...record, ok: false, steps: [...record.steps, { ...last, outcome }] }
  }

  async #confirmed(outcome: Outcome, signal: AbortSignal): Promise<Outcome> {
    const { right } = this.#keeper
    if (right && (await right.confirm({ signal }).catch(() => false))) return outcome
    // For `keep`, a silent arbiter is no reason to take away what serves; the next look decides.
    if (this.definition.onControlLoss === 'release' || this.#keeper.arbiterAnswers) await this.#releaseAll()
    return refused('the right was gone when it was looked at after the last step')
  }

  #finish(record: PlanRecord, node: string): PlanRecord {
    const { clock, emit } = this.#host
    const { plan, tookMs } = record
    const because = failureOf(record)
    const last = record.steps.at(-1)
    const ownFault = last?.step.node === node && last.step.action.type === 'acquire'
    this.#memory = rememberEnd(this.#memory, { failed: because, ownFault }, clock.monotonicMs())
    this.#lastPlan = record
    const about = { at: clock.wallMs(), service: plan.service, purpose: plan.purpose, tookMs }
    emit(because === undefined ? { type: 'plan-finished', ...about } : { type: 'plan-failed', because, ...about })
    this.#endWork()
    return record
  }

  #endGuest(outcome: Outcome | undefined): void {
    const work = this.#work
    if (work?.type !== 'guest') return
    const failed = outcome === undefined ? `${work.peer} did not go on with its plan` : outcome.ok ? undefined : outcome.because
    this.#memory = rememberEnd(this.#memory, { failed, ownFault: outcome?.ok === false && work.acquired }, this.#host.clock.monotonicMs())
    this.#endWork()
  }

  #endWork(): void {
    this.#work = undefined
    for (const done of this.#idle) done()
    this.#idle.clear()
    void this.#board.observe()
    this.look()
  }

  #untilIdle(): Promise<void> {
    return this.#work ? new Promise((resolve) => this.#idle.add(resolve)) : Promise.resolve()
  }

  #requestFor({ steps, service }: Plan, step: Step, run: string): PerformRequest {
    const { action, allowedMs } = step
    const last = steps.findLast(({ node }) => node === step.node)?.id === step.id
    return { service, run, action, allowedMs, last }
  }

  async #act(action: StepAction, options: { readonly signal: AbortSignal; readonly handedOver: boolean }): Promise<Outcome> {
    switch (action.type) {
      case 'prepare':
        return this.#prepare()
      case 'take-lease':
        return this.#keeper.take(options.signal)
      case 'give-lease':
        return this.#keeper.give(options.signal)
      case 'acquire':
        return this.#board.acquire(action.resource, this.#keeper.right, options)
      case 'release':
        return this.#board.release(action.resource, options.signal)
    }
  }

  #prepare(): Outcome {
    const own = candidatesOf(this.definition, this.facts()).find(({ node }) => node === this.#host.node)
    if (!own?.eligible) return refused(own?.because ?? `${this.#host.node} is no member`)
    for (const resource of this.#parts.resources) resource.prepare?.()
    return { ok: true, detail: own.because }
  }

  async #releaseAll(): Promise<void> {
    for (const { id } of this.#parts.resources.toReversed()) await this.#board.release(id, AbortSignal.timeout(engineDefaults.stopMs))
  }

  #leaseChanged(): void {
    void this.#board.observe()
    this.look()
  }

  #activeNode(facts: Facts): string | undefined {
    if (facts.lease.state === 'held') return facts.node
    if (facts.lease.state === 'elsewhere' && facts.leaseHolder) return facts.leaseHolder
    const told = facts.peers.find(({ report }) => {
      const role = report?.services[this.definition.name]?.role
      return role === 'active' || role === 'keeping'
    })
    return told?.node ?? (this.#role === 'keeping' ? facts.node : undefined)
  }

  #tell(decision: Decision, facts: Facts): void {
    const { clock, emit } = this.#host
    const before = this.#decision
    this.#decision = decision
    const about = { at: clock.wallMs(), service: this.definition.name }
    if (decision.automation.state !== (before?.automation.state ?? 'on')) {
      emit(
        decision.automation.state === 'off'
          ? { type: 'automation-off', because: decision.automation.because, ...about }
          : { type: 'automation-on', ...about },
      )
    }
    if ((decision.concern === undefined) !== (before?.concern === undefined)) {
      emit(
        decision.concern === undefined
          ? { type: 'service-concern-ended', ...about }
          : { type: 'service-concern', because: decision.concern, ...about },
      )
    }
    this.#refreshRole(facts)
  }

  #refreshRole(facts: Facts = this.facts()): void {
    const { clock, emit, changed } = this.#host
    const busy = this.#work?.type === 'own' ? this.#work.role : this.#work?.type === 'guest' ? 'taking' : undefined
    const role = roleOf(facts, busy)
    if (role !== this.#role) {
      emit({
        type: 'role-changed',
        at: clock.wallMs(),
        service: this.definition.name,
        from: this.#role,
        to: role,
        because: facts.lease.because,
      })
      this.#role = role
      changed()
    }
  }
}

/** A service as this node sees it, for people. */
export interface ServiceSnapshot {
  readonly name: string
  readonly role: Role
  /** Who is active, as far as this node knows. */
  readonly active: string | undefined
  readonly token: number | undefined
  readonly automation: Decision['automation']
  /** Why it is as it is. */
  readonly because: string
  readonly concern: string | undefined
  readonly lease: Facts['lease']
  readonly check: Facts['check']
  readonly served: Facts['served']
  readonly resources: readonly ({ readonly id: string } & Facts['resources'][number]['verdict'])[]
  readonly candidates: readonly Candidate[]
  readonly movesInLastHour: number
  readonly lastPlan: PlanRecord | undefined
}

function refused(because: string): Outcome {
  return { ok: false, because, retryable: true }
}

function stepKey({ action, node }: Step): string {
  return `${action.type} ${'resource' in action ? action.resource : ''} ${node}`
}
