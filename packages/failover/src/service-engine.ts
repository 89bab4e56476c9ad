import { abortReason, errorText, type HealthState, sleep, type Verdict } from '@hotspare/core'
import type { Outcome, Plan } from '@hotspare/core/plan'
import { obstacleOf, serviceReportOf, successorOf } from './candidates.ts'
import { decideCommand } from './command.ts'
import { automationOf, decide, roleOf } from './decide.ts'
import { decisionDefaults, engineDefaults } from './defaults.ts'
import { failureOf, type PlanRecord } from './execute.ts'
import { FactGatherer } from './fact-gatherer.ts'
import type { Facts, Role, ServiceReport } from './facts.ts'
import { GuestWork, refusalOf } from './guest-work.ts'
import { LocalSteps, refused } from './local-steps.ts'
import type { Move } from './make-plan.ts'
import { canBeTaken, initialMemory, type Memory, remember, rememberEnd, unfitness } from './memory.ts'
import { PlanRunner } from './plan-runner.ts'
import type { ServiceDefinition } from './service.ts'
import { ServiceNews } from './service-news.ts'
import type { ServiceHost, ServiceParts } from './service-parts.ts'
import { activeNode, type ServiceSnapshot, snapshotOf } from './snapshot.ts'
import { type Command, type CommandResult, type PerformAnswer, type PerformRequest, wireText } from './wire.ts'

/** A plan of this node's own that is being run. */
interface OwnWork {
  readonly type: 'own'
  readonly role: 'taking' | 'leaving' | undefined
  readonly abort: AbortController
}

/** One service on this node: asks {@link decide} again and again, and has plans run, one at a time. */
export class ServiceEngine {
  readonly definition: ServiceDefinition
  readonly #host: ServiceHost
  readonly #gatherer: FactGatherer
  readonly #steps: LocalSteps
  readonly #runner: PlanRunner
  readonly #news: ServiceNews
  #memory: Memory
  #work: OwnWork | GuestWork | undefined
  #lastPlan: PlanRecord | undefined
  #running = false
  #giveUpAgainMs = -Infinity
  /** It has ended, and something could not be let go of. */
  #hasLeft = false
  readonly #waiting = new Set<() => void>()

  constructor(parts: ServiceParts, host: ServiceHost) {
    const { clock, emit, changed } = host
    this.definition = parts.definition
    this.#host = host
    this.#memory = initialMemory(clock.monotonicMs())
    this.#gatherer = new FactGatherer({ parts, host, changed: () => this.look(), isBusy: () => this.#work?.type === 'own' })
    this.#steps = new LocalSteps({ parts, gatherer: this.#gatherer, clock })
    this.#runner = new PlanRunner({
      parts,
      host,
      steps: this.#steps,
      handedTo: (node) => this.#gatherer.keeper.handedTo(node),
      isCleared: () => this.#gatherer.clearance.isOpen,
    })
    this.#news = new ServiceNews({ service: parts.definition.name, clock, emit, roleChanged: changed })
  }

  async start(): Promise<void> {
    await this.#gatherer.start()
    // What peers have to say is waited for from now on, however long ago this was made.
    this.#memory = initialMemory(this.#host.clock.monotonicMs())
    this.#running = true
  }

  setCheck(verdict: Verdict<HealthState>): void {
    this.#gatherer.setCheck(verdict)
    this.look()
  }

  setServed(verdict: Facts['served']): void {
    const before = this.#gatherer.served().state
    this.#gatherer.setServed(verdict)
    // Somebody may have to take over soon: what takes its time begins now, and not when the right can be had.
    if (verdict.state !== 'yes' && verdict.state !== before && this.#running && !this.#gatherer.keeper.right) this.#steps.prepareResources()
    this.look()
  }

  /** What was seen before a pause is not believed any more. */
  forget(): void {
    this.#gatherer.forget()
  }

  facts(): Facts {
    return this.#gatherer.facts()
  }

  /** Looks at everything again, and acts on it unless something is being done already. */
  look(): void {
    if (!this.#running) return
    const atMs = this.#host.clock.monotonicMs()
    const facts = this.facts()
    if (this.#work?.type === 'guest' && this.#isLeftAlone(this.#work, facts)) this.#endGuest(this.#work)
    this.#memory = remember(this.#memory, this.definition, facts, atMs)
    this.#giveUpInTime(atMs)
    const { board } = this.#gatherer
    if (board.isOld(engineDefaults.observeMs)) void board.observe()
    this.#refreshRole(facts)
    // What is half done looks wrong, and is no reason to worry people.
    if (this.#work) return
    const decision = decide(this.definition, this.#withOthers(facts), this.#memory, atMs, this.#host.rules)
    this.#news.tellDecision(decision)
    // A listener may have stopped us, or given a command.
    if (this.#running && !this.#work && decision.move && board.isKnown) void this.#run(decision.move, facts)
  }

  /** Others count for what is to be taken, and for what is to leave; to ask after them always would be much for many services. */
  #withOthers(facts: Facts): Facts {
    const counts = canBeTaken(facts) || (facts.maintenance !== undefined && facts.lease.state === 'held')
    return counts ? { ...facts, others: this.#host.others?.() } : facts
  }

  /** Until when what is here may stay here; Infinity where nothing has to be let go of. */
  heldUntilMs(): number {
    if (this.definition.onControlLoss === 'keep') return Infinity
    const isHere = this.#gatherer.board.facts().some(({ verdict }) => verdict.state === 'held')
    const right = this.#gatherer.keeper.right
    return right?.deadlineMs ?? (isHere ? -Infinity : Infinity)
  }

  /** Whether something is here, or may be, that has to be let go of with the right: a look says so, or cannot tell under a right. */
  mayHold(): boolean {
    if (this.definition.onControlLoss === 'keep') return false
    const { board, keeper } = this.#gatherer
    if (this.#hasLeft) return true
    return board.facts().some(({ verdict: { state } }) => state === 'held' || (state === 'unknown' && keeper.right !== undefined))
  }

  /** A right that is not renewed any more ends sooner here than for others: there must be time to let go before a reset. */
  #giveUpInTime(atMs: number): void {
    const { keeper } = this.#gatherer
    const reserveMs = this.#host.reserveMs()
    const isSafe = reserveMs <= 0 || this.definition.onControlLoss === 'keep' || !keeper.right || keeper.right.deadlineMs - atMs > reserveMs
    if (isSafe || atMs < this.#giveUpAgainMs) return
    this.#endTaking(new Error('the right is about to end'))
    if (!this.#work) void this.#giveUp()
  }

  /** What is here goes first: once the right is given back, it may be another node's. */
  async #giveUp(): Promise<void> {
    this.#work = { type: 'own', role: 'leaving', abort: new AbortController() }
    const left = await this.#steps.releaseAll()
    if (left.length === 0) await this.#gatherer.keeper.give(new AbortController().signal)
    this.#giveUpAgainMs = this.#host.clock.monotonicMs() + decisionDefaults.letGoCapMs
    this.#endWork()
  }

  /** Ends what brings something here, as soon as that goes. */
  #endTaking(because: Error): void {
    if (this.#work?.type === 'own' && this.#work.role === 'taking') this.#work.abort.abort(because)
    this.#abandonGuest()
  }

  /** Ends our part in a plan of a peer, once the step that is under way has ended. */
  #abandonGuest(): void {
    if (this.#work?.type !== 'guest') return
    this.#work.abandon()
    if (!this.#work.inStep) this.#endGuest(this.#work)
  }

  get role(): Role {
    return this.#news.role
  }

  /** Of its right; undefined where it has none. */
  get token(): number | undefined {
    return this.#gatherer.keeper.right?.token
  }

  report(): ServiceReport {
    const facts = this.facts()
    const { check, served, sick } = facts
    const unfit = sick ?? obstacleOf(facts) ?? unfitness(this.#memory, this.#host.rules)
    return {
      role: this.#news.role,
      token: this.#gatherer.keeper.right?.token,
      check: { state: check.state, because: wireText(check.because) },
      served: served.state,
      clear: this.definition.fencing ? this.#isClear(facts) : undefined,
      unfit: unfit === undefined ? undefined : wireText(unfit),
    }
  }

  /** Nothing is here, as was seen after all that was done, and nothing comes here. */
  #isClear({ resources }: Facts): boolean {
    const { keeper, board } = this.#gatherer
    const isQuiet = this.#running && this.#work === undefined && keeper.right === undefined && board.isSettled
    return isQuiet && resources.every(({ verdict }) => verdict.state === 'absent' || verdict.state === 'foreign')
  }

  snapshot(): ServiceSnapshot {
    const { role, decision } = this.#news
    const token = this.#gatherer.keeper.right?.token
    const [facts, memory, lastPlan] = [this.facts(), this.#memory, this.#lastPlan]
    return snapshotOf({ definition: this.definition, facts, memory, role, token, decision, lastPlan })
  }

  /** What a command would do: nothing is done. @returns the plan, or why there is none */
  planFor(command: Command): { readonly plan?: Plan | undefined; readonly because: string } {
    const facts = this.facts()
    const { move, because } = this.#decideCommand(command, facts)
    return move ? { plan: this.#runner.plan(move, facts), because } : { because }
  }

  /** Which move a command leads to, and so who would have to carry it out; undefined when it leads to none. */
  moveFor(command: Command): Extract<Move, { readonly type: 'take' | 'hand-over' }> | undefined {
    return this.#decideCommand(command, this.facts()).move
  }

  /**
   * Carries a command of people out. Never rejects.
   *
   * @param signal of whoever asks: once it has aborted, nothing begins any more; what has begun goes on
   */
  async command(command: Command, signal: AbortSignal | undefined): Promise<CommandResult> {
    // In one go with what follows: whoever waits as well may be first.
    while (this.#work) await this.#workEnds()
    if (signal?.aborted) return notDone(`nobody waits for it any more: ${errorText(abortReason(signal))}`)
    if (!this.#running) return notDone(`${this.#host.node} is not running, or is stopping`)
    const facts = this.facts()
    const { move, because } = this.#decideCommand(command, facts)
    if (!move) return notDone(because)
    const executor = move.type === 'take' ? move.to : move.from
    if (executor !== facts.node) return notDone(`${executor} would have to do it, as ${facts.node} sees it: ${because}`)
    const record = await this.#run(move, facts, true)
    const steps = record.steps.map(({ step, outcome, tookMs }) => {
      return { id: step.id, ok: outcome.ok, detail: wireText(outcome.ok ? outcome.detail : outcome.because), tookMs }
    })
    return { ok: record.ok, because: wireText(failureOf(record) ?? `${because}: done in ${Math.round(record.tookMs)} ms`), steps }
  }

  /** Does a step of a plan that a peer runs. Never rejects. */
  async perform(request: PerformRequest, peer: string, signal: AbortSignal): Promise<PerformAnswer> {
    if (!this.#running) return refused('it is not running, or is stopping')
    if (this.#work?.type === 'guest' && this.#isLeftAlone(this.#work, this.facts())) this.#endGuest(this.#work)
    const refusal = refusalOf(this.#work, request, peer)
    if (refusal !== undefined) return refused(refusal)
    const { clock } = this.#host
    const work = this.#work?.type === 'guest' ? this.#work : new GuestWork({ run: request.run, peer, steps: this.#steps, clock })
    this.#work = work
    this.#refreshRole()
    const outcome = await work.perform(request, signal)
    if (!outcome.ok || request.last || !this.#running) this.#endGuest(work, { outcome, action: request.action.type })
    return outcome
  }

  /** Hands over what can be handed over, gives the rest back as its policy says, and stops. Never rejects. */
  async stop({ handOver }: { readonly handOver: boolean }): Promise<void> {
    if (handOver && this.#running) await this.#leave()
    this.#running = false
    if (this.#work?.type === 'own') this.#work.abort.abort(new Error('the engine stops'))
    this.#abandonGuest()
    while (this.#work) await this.#workEnds()
    const { keeper, board } = this.#gatherer
    const isHeldByPeople = this.facts().hold !== undefined && !keeper.right
    // For `keep`, whatever is here serves on; the next start finds it.
    const lets = this.definition.onControlLoss === 'release' && !isHeldByPeople
    const left = lets ? await this.#steps.releaseAll() : []
    board.stop()
    if (left.length === 0) return keeper.stop()
    this.#hasLeft = true
    // Given back, the lease would go to another node while what belongs to it is still here: it runs out with this process.
    const because = `the lease is not given back, for something is still here: ${left.join('; ')}`
    this.#host.emit({ type: 'service-concern', at: this.#host.clock.wallMs(), service: this.definition.name, because })
  }

  async #leave(): Promise<void> {
    await this.#leaderLeaves()
    while (this.#work) await this.#workEnds()
    const facts = this.facts()
    if (facts.lease.state !== 'held' || automationOf(facts).state === 'off') return
    const to = successorOf(this.definition, facts)
    if (to === undefined) return
    await this.#run({ type: 'hand-over', purpose: 'switchover', from: facts.node, to, because: `hotspare stops on ${facts.node}` }, facts)
  }

  /** The service that it goes with has just been handed over, and whoever has it is about to say so. */
  async #leaderLeaves(): Promise<void> {
    const { clock, node } = this.#host
    if (!this.#gatherer.keeper.right) return
    const untilMs = clock.monotonicMs() + engineDefaults.reportTimeoutMs
    const isOnItsWay = () => {
      const { leader } = this.facts()
      return leader !== undefined && (leader.at === undefined || leader.at === node)
    }
    while (isOnItsWay() && clock.monotonicMs() < untilMs) await sleep(engineDefaults.tickMs, { clock })
  }

  #decideCommand(command: Command, facts: Facts): ReturnType<typeof decideCommand> {
    return decideCommand(this.definition, facts, command, activeNode(this.definition, facts, this.#news.role))
  }

  /** @param asked people have asked for it */
  async #run(move: Move, facts: Facts, asked = false): Promise<PlanRecord> {
    const plan = this.#runner.plan(move, facts)
    const held = facts.resources.filter(({ verdict }) => verdict.state === 'held').map(({ id }) => id)
    const abort = new AbortController()
    const role = move.type === 'hand-over' ? 'leaving' : move.type === 'let-go' ? undefined : 'taking'
    this.#work = { type: 'own', role, abort }
    this.#refreshRole()
    const record = await this.#runner.run(plan, abort.signal, { asked, held })
    const last = record.steps.at(-1)
    const acquired = move.type === 'take' || move.type === 'complete'
    this.#remember(move.type, failureOf(record), {
      acquired,
      acquiring: last?.step.node === facts.node && last.step.action.type === 'acquire',
    })
    this.#lastPlan = record
    this.#news.tellEnd(record)
    this.#endWork()
    return record
  }

  /** @param end how its last step went; undefined when the peer did not go on, which says nothing about this node */
  #endGuest(work: GuestWork, end?: { readonly outcome: Outcome; readonly action: PerformRequest['action']['type'] }): void {
    if (this.#work !== work) return
    work.abandon()
    // Neither does it when this node said at once that it could not.
    if (end && end.action !== 'prepare') {
      const failed = end.outcome.ok ? undefined : end.outcome.because
      this.#remember('guest', failed, { acquired: work.acquired, acquiring: end.action === 'acquire' })
    }
    this.#endWork()
  }

  #remember(
    move: Move['type'] | 'guest',
    failed: string | undefined,
    about: { readonly acquired: boolean; readonly acquiring: boolean },
  ): void {
    // Without the right nothing could be acquired, which is not the fault of what is here.
    const { keeper, clearance } = this.#gatherer
    // Nor that another member may still hold something.
    const isOpen = this.definition.fencing?.mode !== 'required' || clearance.isOpen
    const ownFault = about.acquiring && keeper.right?.isValid() === true && isOpen
    this.#memory = rememberEnd(this.#memory, { move, failed, acquired: about.acquired, ownFault }, this.#host.clock.monotonicMs())
  }

  #endWork(): void {
    this.#work = undefined
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    void this.#gatherer.board.observe()
    // Whoever waits comes first: a command of people, or the end.
    if (waiting.length === 0) this.look()
    else this.#refreshRole()
    for (const goOn of waiting) goOn()
  }

  /** Whether the peer does not go on with its plan: it is dead, late, or has given it up. A step that is under way may end first. */
  #isLeftAlone(work: GuestWork, { peers }: Facts): boolean {
    const peer = peers.find(({ node }) => node === work.peer)
    const hasGivenUp = work.isGivenUp(peer?.report, peer && serviceReportOf(peer, this.definition.name)?.role)
    return work.isOverdue() || (!work.inStep && (hasGivenUp || peer?.alive.state === 'down'))
  }

  #workEnds(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  #refreshRole(facts: Facts = this.facts()): void {
    const busy = this.#work?.type === 'own' ? this.#work.role : this.#work?.type === 'guest' ? 'taking' : undefined
    this.#news.tellRole(roleOf(facts, busy), facts.lease.because)
  }
}

function notDone(because: string): CommandResult {
  return { ok: false, because: wireText(because), steps: [] }
}
