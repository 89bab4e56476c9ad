import type { Failure, NodeFailureKind } from './failure.ts'
import type { FailureRole } from './failures.ts'
import type { Outlook, TwoHolders } from './forecast.ts'
import { type ActiveCase, bringBack } from './outlook-active.ts'
import { unmoved } from './outlook-others.ts'

/** The service that it goes with is dead on a node: where that was active, it moves, and this one follows. */
export function followedOutlook(
  { service: leader, node }: Failure & { readonly kind: 'service-dead' },
  role: FailureRole,
  { service, bounds, leader: known, fence, heirs, chooses }: ActiveCase,
): Outlook {
  const [, heir] = service.members
  const noticed = known?.bounds.deadService
  const people = `start ${leader} on ${node} again`
  if (role !== 'active' || heir === undefined) {
    const because = role === 'active' ? `${service.name} itself is well, and stays` : 'the active member is not touched'
    return { movesTo: [], noticed, outage: { type: 'none', because }, twoHolders: unmoved, people }
  }
  const isPassedOn = service.onControlLoss === 'keep' && fence !== 'required'
  const twoHolders: TwoHolders = isPassedOn
    ? { type: 'bounded', because: `${heir} has it before ${node} lets go, as in every planned move`, ...bounds.handOver }
    : { type: 'never', because: 'both are well, and the one lets go before the other takes it' }
  return {
    movesTo: chooses ? heirs : [heir],
    noticed,
    outage: { type: 'bounded', because: `it follows ${leader} to ${heir}, and serves on ${node} until then`, ...bounds.handOver },
    twoHolders,
    people,
  }
}

/** Where another service of the active node is fenced, that node is switched off for it, and everything else that is there goes down. */
export function besideFenced(kind: NodeFailureKind | 'service-dead', about: ActiveCase, own: Outlook): Outlook {
  const { service, shooter, certainBase, fence, heirs } = about
  const active = service.members[0] ?? ''
  if (kind === 'power-and-fence' && certainBase !== undefined && heirs.length > 0)
    return {
      ...own,
      movesTo: [],
      outage: {
        type: 'until',
        until: 'people act',
        because: `it waits for ${certainBase}, which nobody takes before it is certain that ${active} is off`,
      },
      people: `make sure that ${active} is off, then: hotspare fence confirm ${active}`,
    }
  if (!shooter || service.onControlLoss === 'release' || !isShot(kind, shooter.onControlLoss)) return own
  const because = `${active} is switched off for ${shooter.name}, and ${service.name} goes down with it`
  const { shot } = about.bounds
  if (heirs.length === 0 || !shot) {
    const outage = { type: 'until', until: `${active} is back`, because } as const
    return { ...own, movesTo: [], outage, people: bringBack(active, service.members) }
  }
  // A new guard may be up before it comes to that.
  const movesTo = kind === 'guard-killed' ? [...heirs, active] : heirs
  // Others take it before that node is off.
  const untilOff = kind === 'peers-cut' && fence === undefined ? shooter.bounds.takeover : undefined
  return {
    movesTo,
    noticed: own.noticed,
    outage: { type: 'bounded', because, ...shot },
    twoHolders: untilOff
      ? { type: 'bounded', because: `until ${active} is switched off for ${shooter.name}`, ...untilOff }
      : { type: 'never', because: `${active} is off before another one takes it` },
    people: bringBack(active, service.members),
  }
}

/** A keeper of addresses is asked to let go of what it must not keep: it is silent, or is not heard. */
function isShot(kind: NodeFailureKind | 'service-dead', shooter: 'keep' | 'release'): boolean {
  if (kind === 'peers-cut') return true
  return shooter === 'release' && (kind === 'guard-stopped' || kind === 'hotspare-dead' || kind === 'guard-killed')
}
