import type { FailoverEvent } from '../events.ts'
import type { OnControlLoss } from '../service.ts'
import type { VirtualNode } from './node.ts'
import type { Wires } from './wires.ts'

type PlanStarted = FailoverEvent & { readonly type: 'plan-started' }

export interface JudgeOptions {
  readonly nodes: readonly VirtualNode[]
  readonly wires: Wires
  readonly onControlLoss: OnControlLoss
  /** Whether one arbiter says who has the right. */
  readonly hasArbiter: boolean
  readonly nowMs: () => number
  readonly violate: (what: string) => void
}

/** How long something has to have been so before a node must know it, in true milliseconds. */
const KNOWN_MS = 1_200

/** What must never happen, looked at where it could begin. */
export class Judge {
  readonly #options: JudgeOptions
  #highestToken = 0
  /** Failovers that people have commanded and that may still begin. */
  commands = 0
  /** When a machine last lost what it had by a fault. */
  #lossMs = -Infinity
  readonly #running = new Map<string, PlanStarted>()

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  holders(): readonly VirtualNode[] {
    return this.#options.nodes.filter(({ kernel }) => kernel.holds)
  }

  faultStruck(): void {
    this.#lossMs = this.#options.nowMs()
  }

  acquired(node: VirtualNode, token: number): void {
    const { hasArbiter, violate } = this.#options
    if (hasArbiter && token < this.#highestToken) violate(`${node.name} acquired with token ${token} after ${this.#highestToken}`)
    this.#highestToken = Math.max(token, this.#highestToken)
    this.compareHolders()
  }

  /** Of machines that are not just back from a suspend, no second one may hold what is to be released. */
  compareHolders(): void {
    const { onControlLoss, nowMs, violate } = this.#options
    if (onControlLoss === 'keep') return
    const holders = this.holders().filter(({ kernel }) => kernel.staleUntilMs <= nowMs())
    if (holders.length > 1) violate(`two holders: ${holders.map(({ name }) => name).join(' and ')}`)
  }

  released(node: VirtualNode): void {
    const { onControlLoss, nowMs, violate } = this.#options
    const plan = this.#running.get(node.name)
    if (onControlLoss === 'release' || !plan || plan.purpose === 'failover') return
    if (this.holders().length > 0 || nowMs() - this.#lossMs < KNOWN_MS) return
    violate(`${node.name} let go of what it keeps (${plan.purpose}: ${plan.because}), and nobody has it`)
  }

  happened(node: VirtualNode, event: FailoverEvent): void {
    if (event.type === 'plan-finished' || event.type === 'plan-failed') this.#running.delete(node.name)
    if (event.type !== 'plan-started') return
    this.#running.set(node.name, event)
    if (event.purpose === 'switchover' || this.commands > 0) return
    this.#startedUnderHold(node, event)
    if (event.purpose === 'failover' && event.from === node.name) this.#convictedItself(node, event)
    if ((event.purpose === 'failover' || event.purpose === 'start') && event.to === node.name) this.#tookOver(node, event)
  }

  #startedUnderHold(node: VirtualNode, { purpose, because }: PlanStarted): void {
    const { nodes, wires, violate } = this.#options
    for (const other of nodes) {
      if (!other.disk.hold) continue
      const isKnown = other === node || (other.runs && node.runs && this.#inTouchMs(node, other, wires) >= KNOWN_MS)
      if (isKnown) violate(`${node.name} began a ${purpose} under the hold of ${other.name}: ${because}`)
    }
  }

  #inTouchMs(node: VirtualNode, other: VirtualNode, wires: Wires): number {
    const heldMs = other.disk.hold ? this.#options.nowMs() - other.disk.heldAtMs : 0
    return Math.min(wires.quietMs(node.name, other.name), node.steadyMs, other.steadyMs, heldMs)
  }

  #convictedItself(node: VirtualNode, { because }: PlanStarted): void {
    const [snapshot] = node.process?.failover.snapshot() ?? []
    if (snapshot?.check.state === 'down' && node.kernel.serviceUpMs >= KNOWN_MS)
      this.#options.violate(`${node.name} gave up a service that was well: ${because}`)
  }

  #tookOver(node: VirtualNode, { because }: PlanStarted): void {
    const { nodes, wires, onControlLoss, hasArbiter, violate, nowMs } = this.#options
    // Of two that have it, the one without a service may have answered.
    const allServe = this.holders().every(({ kernel }) => kernel.serves)
    for (const other of nodes) {
      if (other === node) continue
      const granted = other.runs ? other.process?.granted : undefined
      if (hasArbiter && granted && granted.right.isValid() && nowMs() - granted.sinceMs >= KNOWN_MS)
        violate(`${node.name} began to take over while ${other.name} has had the right for long: ${because}`)
      if (onControlLoss === 'release' || node.kernel.holds || !other.kernel.holds || !allServe) continue
      if (other.kernel.serviceUpMs >= KNOWN_MS && other.kernel.heldMs >= KNOWN_MS && wires.quietMs(node.name, other.name) >= KNOWN_MS)
        violate(`${node.name} began to take over from ${other.name}, which serves and can be reached: ${because}`)
    }
  }

  /** After a calm: one holder that serves, and everybody agrees on it. */
  end(): void {
    const { nodes, violate } = this.#options
    const holders = this.holders()
    const names = holders.map(({ name }) => name).join(' and ')
    if (holders.length !== 1) violate(`in the end there are ${holders.length} holders: ${names || 'nobody'}; ${this.#roles()}`)
    for (const node of nodes) {
      const [snapshot] = node.process?.failover.snapshot() ?? []
      const isHolder = node === holders[0]
      const role = isHolder ? 'active' : 'standby'
      if (snapshot?.role !== role) violate(`in the end ${node.name} is ${snapshot?.role}, and should be ${role}: ${snapshot?.because}`)
      const state = isHolder ? 'held' : 'absent'
      for (const resource of snapshot?.resources ?? [])
        if (resource.state !== state) violate(`in the end the ${resource.id} of ${node.name} looks ${resource.state}, and is ${state}`)
    }
  }

  #roles(): string {
    return this.#options.nodes
      .map(({ name, process }) => {
        const [snapshot] = process?.failover.snapshot() ?? []
        return `${name} is ${snapshot?.role}: ${snapshot?.because}`
      })
      .join('; ')
  }
}
