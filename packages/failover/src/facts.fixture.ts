import type { HealthState, Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import { decisionDefaults } from './defaults.ts'
import type { Facts, LeaseStanding, NodeReport, PeerFact, ServiceReport } from './facts.ts'
import type { Instructions, TimedInstruction } from './make-plan.ts'
import { initialMemory, type Memory } from './memory.ts'
import type { ServiceDefinition } from './service.ts'

/** A moment that is long after the start. */
export const NOW_MS = 100_000

export const rules: typeof decisionDefaults = decisionDefaults

export function verdict<State extends string>(state: State, because: string = state): Verdict<State> {
  return { state, since: 0, because }
}

export function service(changes: Partial<ServiceDefinition> = {}): ServiceDefinition {
  const common = { onControlLoss: 'keep', failback: { type: 'manual' }, maxFailoversPerHour: 6 } as const
  return { name: 'shop', members: ['a', 'b', 'c'], ...common, ...changes }
}

function serviceReport(changes: Partial<ServiceReport> = {}): ServiceReport {
  return { role: 'standby', check: { state: 'up', because: 'answers' }, ...changes }
}

export function report(own: Partial<ServiceReport> = {}, changes: Partial<NodeReport> = {}): NodeReport {
  return { identities: [], services: { shop: serviceReport(own) }, ...changes }
}

/** A peer that is well, unless something else is said. */
export function peer(node: string, changes: Partial<Omit<PeerFact, 'alive'>> & { readonly alive?: HealthState } = {}): PeerFact {
  const { alive = 'up', ...rest } = changes
  return { node, agrees: true, report: report(), ...rest, alive: verdict(alive, `heartbeat ${alive}`) }
}

type FactChanges = Partial<Omit<Facts, 'lease' | 'check' | 'served' | 'resources'>> & {
  readonly lease?: LeaseStanding
  readonly check?: HealthState
  readonly served?: 'yes' | 'no' | 'unknown'
  /** Of `vip` and `dns`. */
  readonly resources?: readonly ResourceState[]
}

/** What `a` knows when it stands by and `b` is active; the rest as said. */
export function facts(changes: FactChanges = {}): Facts {
  const { lease = 'elsewhere', check = 'up', served = 'yes', resources = ['absent', 'absent'], ...rest } = changes
  const ids = ['vip', 'dns']
  return {
    node: 'a',
    leaseToken: 1,
    leaseHolder: lease === 'held' || lease === 'unconfirmed' ? 'a' : lease === 'elsewhere' ? 'b' : null,
    arbiterAnswers: true,
    sick: undefined,
    hold: undefined,
    maintenance: undefined,
    peers: [peer('b'), peer('c')],
    ...rest,
    lease: verdict(lease, `lease ${lease}`),
    check: verdict(check, `check ${check}`),
    served: verdict(served),
    resources: resources.map((state, index) => ({ id: ids[index] ?? `more ${index}`, verdict: verdict(state) })),
  }
}

/** What `a` knows when it is active with everything that belongs to it. */
export function active(changes: FactChanges = {}): Facts {
  return facts({ lease: 'held', resources: ['held', 'held'], ...changes })
}

export function memory(changes: Partial<Memory> = {}): Memory {
  return { ...initialMemory(0), ...changes }
}

/** Three attempts that failed on this node, or of another kind, the last one just now. */
export function failures(changes: Partial<NonNullable<Memory['failures']>> = {}): NonNullable<Memory['failures']> {
  return { attempts: 3, ownFaults: 3, move: 'complete', atMs: NOW_MS, retryAtMs: NOW_MS + 1_000, because: 'the cable is out', ...changes }
}

/** Instructions that are complete; each step may take `allowedMs`. */
export function instructions(allowedMs = 1_000): Instructions {
  const told = (what: string): TimedInstruction => {
    return { what, manual: [`do ${what}`], verification: { command: `show ${what}`, expect: 'done' }, allowedMs }
  }
  return {
    prepare: (node) => told(`prepare ${node}`),
    lease: (verb, node) => told(`${verb} lease ${node}`),
    resource: (id, verb, node) => told(`${verb} ${id} ${node}`),
    fence: (target, node) => told(`fence ${target} ${node}`),
  }
}
