import type { Right } from '@hotspare/core/plan'
import { engineDefaults } from '../defaults.ts'
import type { FailoverEvent } from '../events.ts'
import type { GrantedRight } from '../ports.ts'
import type { ServiceSnapshot } from '../snapshot.ts'
import type { VirtualNode } from './node.ts'
import type { ResolvedService } from './site-defaults.ts'
import type { Wires } from './wires.ts'

type PlanStarted = FailoverEvent & { readonly type: 'plan-started' }

export interface JudgeOptions {
  readonly service: ResolvedService
  /** Its members. */
  readonly nodes: readonly VirtualNode[]
  /** All of the site. */
  readonly site: readonly VirtualNode[]
  readonly wires: Wires
  /** Whether one arbiter says who has the right. */
  readonly hasArbiter: boolean
  /** Who has a service's address, by the kernels. */
  readonly holdersOf: (service: string) => readonly VirtualNode[]
  /** For how long nobody has had it, in true milliseconds; undefined where that is seen late. */
  readonly nowhereMs: (service: string) => number | undefined
  /** How long something has to have been so before a node must know it, in true milliseconds. */
  readonly knownMs: number
  readonly nowMs: () => number
  readonly violate: (what: string) => void
}

/** What must never happen to one service, looked at where it could begin. */
export class Judge {
  readonly #options: JudgeOptions
  readonly #name: string
  #acquiredToken = 0
  #grantedToken = 0
  /** When a machine last lost what it had by a fault. */
  #lossMs = -Infinity
  readonly #running = new Map<string, PlanStarted>()

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#name = options.service.definition.name
  }

  get #holders(): readonly VirtualNode[] {
    return this.#options.nodes.filter(({ kernel }) => kernel.holds(this.#name))
  }

  faultStruck(): void {
    this.#lossMs = this.#options.nowMs()
  }

  /** Its process is gone, and with it the plan that it ran. */
  ended(node: VirtualNode): void {
    this.#running.delete(node.name)
  }

  granted(node: VirtualNode, { token }: GrantedRight): void {
    if (this.#options.hasArbiter && token <= this.#grantedToken)
      this.#violate(`${node.name} was granted token ${token} after ${this.#grantedToken}`)
    this.#grantedToken = Math.max(token, this.#grantedToken)
  }

  acquired(node: VirtualNode, { token }: Right): void {
    const { hasArbiter } = this.#options
    if (hasArbiter && token < this.#acquiredToken) this.#violate(`${node.name} acquired with token ${token} after ${this.#acquiredToken}`)
    this.#acquiredToken = Math.max(token, this.#acquiredToken)
    if (!this.#rightOf(node)?.isValid()) this.#violate(`${node.name} acquired with token ${token}, which had ended`)
  }

  /** @param beganMs when it began to let go: what happened to the others since then, nobody could reckon with */
  released(node: VirtualNode, beganMs: number): void {
    const { service, knownMs } = this.#options
    const plan = this.#running.get(node.name)
    const { onControlLoss, fencing } = service.definition
    // Whoever demands fencing wants one holder above all.
    if (onControlLoss === 'release' || fencing?.mode === 'required' || !plan || plan.purpose === 'failover') return
    // Of two that take each other's from one provider, the one that yields has it as often as not.
    if (service.moved && !this.#options.hasArbiter) return
    if (this.#holders.length > 0 || this.#lossMs > beganMs - knownMs) return
    this.#violate(`${node.name} let go of what it keeps (${plan.purpose}: ${plan.because}), and nobody has it`)
  }

  happened(node: VirtualNode, event: FailoverEvent): void {
    if (event.type === 'plan-finished') this.#finished(node)
    if (event.type === 'plan-finished' || event.type === 'plan-failed') this.#running.delete(node.name)
    if (event.type !== 'plan-started') return
    this.#running.set(node.name, event)
    const isCommanded = event.because.startsWith('people asked for it')
    this.#movedToWorse(node, event)
    if (isCommanded) return
    this.#startedUnderHold(node, event)
    this.#startedInDisagreement(node, event)
    this.#partedFromLeader(node, event)
    this.#tookWithoutBase(node, event)
    if (event.purpose === 'failover' && event.from === node.name) this.#convictedItself(node, event)
    if ((event.purpose === 'failover' || event.purpose === 'start') && event.to === node.name) this.#tookOver(node, event)
  }

  /** What stands in the way of an end: one holder that serves, everybody agrees on it, and nothing is half done. */
  unsettled(): readonly string[] {
    const { nodes } = this.#options
    const holders = this.#holders
    const problems: string[] = []
    for (const name of this.#running.keys()) problems.push(`${name} still runs a plan`)
    if (holders.length !== 1)
      problems.push(`there are ${holders.length} holders: ${holders.map(({ name }) => name).join(' and ') || 'nobody'}`)
    // Whoever asks often need not be told everything.
    if (problems.length > 0) return problems
    for (const node of nodes) {
      const snapshot = this.#snapshot(node)
      const isHolder = node === holders[0]
      const role = isHolder ? 'active' : 'standby'
      if (snapshot?.role !== role) problems.push(`${node.name} is ${snapshot?.role}, and should be ${role}: ${snapshot?.because}`)
      const state = isHolder ? 'held' : 'absent'
      for (const resource of snapshot?.resources ?? [])
        if (resource.state !== state) problems.push(`the ${resource.id} of ${node.name} looks ${resource.state}, and is to be ${state}`)
      for (const record of node.kernel.records)
        if (!isHolder && record.startsWith(`${this.#name}/`)) problems.push(`${record} is still on ${node.name}`)
      if (snapshot && snapshot.active !== holders[0]?.name) problems.push(`for ${node.name}, ${snapshot.active ?? 'nobody'} is active`)
    }
    const leader = this.#options.service.definition.with
    const [holder] = holders
    const there = leader === undefined ? [] : this.#options.holdersOf(leader)
    if (leader !== undefined && holder && !there.includes(holder)) {
      const names = there.map(({ name }) => name).join(' and ') || 'no node'
      problems.push(`it is on ${holder.name}, and ${leader}, which it goes with, on ${names}`)
    }
    return problems
  }

  /** After a calm. */
  end(): void {
    for (const problem of this.unsettled()) this.#violate(`in the end ${problem}; ${this.#roles()}`)
  }

  #violate(what: string): void {
    this.#options.violate(`${this.#name}: ${what}`)
  }

  #rightOf(node: VirtualNode): GrantedRight | undefined {
    return node.process?.granted.get(this.#name)?.right
  }

  #snapshot(node: VirtualNode): ServiceSnapshot | undefined {
    return node.process?.failover.snapshot().find(({ name }) => name === this.#name)
  }

  /** After an action, the right was looked at once more. */
  #finished(node: VirtualNode): void {
    const plan = this.#running.get(node.name)
    if (!plan?.steps.some((step) => step.includes('acquire') && step.endsWith(` on ${node.name}`))) return
    if (!this.#rightOf(node)?.isValid()) this.#violate(`${node.name} finished a ${plan.purpose} under a right that had ended`)
  }

  #startedUnderHold(node: VirtualNode, { purpose, because }: PlanStarted): void {
    const { site, nowMs, knownMs } = this.#options
    for (const other of site) {
      if (!other.disk.hold) continue
      const isKnown = other === node || Math.min(this.#inTouchMs(node, other), nowMs() - other.disk.heldAtMs) >= knownMs
      if (isKnown) this.#violate(`${node.name} began a ${purpose} under the hold of ${other.name}: ${because}`)
    }
  }

  #startedInDisagreement(node: VirtualNode, { purpose, because }: PlanStarted): void {
    const { site, nowMs, knownMs } = this.#options
    for (const other of site) {
      if (other.disk.fingerprint === node.disk.fingerprint) continue
      const differMs = nowMs() - Math.max(other.disk.fingerprintAtMs, node.disk.fingerprintAtMs)
      if (Math.min(this.#inTouchMs(node, other), differMs) >= knownMs)
        this.#violate(`${node.name} began a ${purpose} while it disagrees with ${other.name}: ${because}`)
    }
  }

  /** For how long two processes have run and reached each other. */
  #inTouchMs(node: VirtualNode, other: VirtualNode): number {
    if (!node.runs || !other.runs) return 0
    return Math.min(this.#options.wires.quietMs(node.name, other.name), node.steadyMs, other.steadyMs)
  }

  /** Nobody is better than whoever is dead; and where it is known that he is, it does not move there. */
  #movedToWorse(node: VirtualNode, { purpose, from, to, because }: PlanStarted): void {
    const { nodes, knownMs } = this.#options
    if (purpose === 'repair' || purpose === 'release' || to === undefined || to === from) return
    const next = nodes.find(({ name }) => name === to)
    if (!next) return
    const touchMs = next === node ? node.steadyMs : this.#inTouchMs(node, next)
    const downMs = Math.min(next.kernel.downMs(this.#name), next.watchedMs, touchMs)
    if (downMs >= knownMs) this.#violate(`${node.name} began a ${purpose} to ${to}, where the service is dead: ${because}`)
  }

  /** What goes with another service goes nowhere else, where that has long been in one place. What is here already may be taken up. */
  #partedFromLeader(node: VirtualNode, { purpose, to, because }: PlanStarted): void {
    const { service, holdersOf, knownMs, hasArbiter } = this.#options
    const leader = service.definition.with
    // Without an arbiter, nodes that were cut apart may each have had it for long.
    if (!hasArbiter || leader === undefined || to === undefined || purpose === 'repair' || purpose === 'release') return
    const [at, ...others] = holdersOf(leader)
    if (!at || others.length > 0 || at.name === to || (to === node.name && node.kernel.holds(this.#name))) return
    const sinceMs = Math.min(
      at.kernel.heldMs(leader),
      this.#inTouchMs(node, at),
      at.process?.granted.get(leader)?.right.isValid() ? Infinity : 0,
    )
    if (sinceMs >= 2 * knownMs)
      this.#violate(`${node.name} began a ${purpose} to ${to}, and ${leader}, which it goes with, is on ${at.name}: ${because}`)
  }

  /** What comes after another service is not taken while that has long been nowhere. What is here already may be taken up. */
  #tookWithoutBase(node: VirtualNode, { purpose, to, because }: PlanStarted): void {
    const { service, nowhereMs, knownMs } = this.#options
    if ((purpose !== 'start' && purpose !== 'failover') || to !== node.name || node.kernel.holds(this.#name)) return
    for (const base of service.definition.after ?? [])
      if ((nowhereMs(base) ?? 0) >= 2 * knownMs + engineDefaults.observeMs)
        this.#violate(`${node.name} began a ${purpose}, and ${base}, which it comes after, is nowhere: ${because}`)
  }

  #convictedItself(node: VirtualNode, { because }: PlanStarted): void {
    if (this.#snapshot(node)?.check.state === 'down' && Math.min(node.kernel.upMs(this.#name), node.watchedMs) >= this.#options.knownMs)
      this.#violate(`${node.name} gave up a service that was well: ${because}`)
  }

  #tookOver(node: VirtualNode, { because }: PlanStarted): void {
    const { nodes, wires, hasArbiter, nowMs, service, knownMs } = this.#options
    const name = this.#name
    // A provider is asked now and then: what was seen to be here may have gone since.
    const isSeenHere = service.moved !== undefined && this.#snapshot(node)?.resources.some(({ state }) => state === 'held') === true
    // Of two that have it, the one without a service may have answered, a moment ago too.
    const allServe = this.#holders.every(({ kernel }) => kernel.upMs(name) >= knownMs)
    for (const other of nodes) {
      if (other === node) continue
      const granted = other.runs ? other.process?.granted.get(name) : undefined
      if (hasArbiter && granted && granted.right.isValid() && nowMs() - granted.sinceMs >= knownMs)
        this.#violate(`${node.name} began to take over while ${other.name} has had the right for long: ${because}`)
      if (service.definition.onControlLoss === 'release' || isSeenHere || node.kernel.holds(name) || !other.kernel.holds(name) || !allServe)
        continue
      const servedMs = Math.min(other.kernel.upMs(name), other.kernel.heldMs(name), wires.quietMs(node.name, other.name))
      if (servedMs >= knownMs)
        this.#violate(`${node.name} began to take over from ${other.name}, which serves and can be reached: ${because}`)
    }
  }

  #roles(): string {
    return this.#options.nodes
      .map((node) => {
        const snapshot = this.#snapshot(node)
        return `${node.name} is ${snapshot?.role}: ${snapshot?.because}`
      })
      .join('; ')
  }
}
