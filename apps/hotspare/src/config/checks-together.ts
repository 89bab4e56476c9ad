import type { DraftCluster, DraftService } from './checks-cluster.ts'
import type { FileView } from './issues.ts'
import type { Finding } from './problem.ts'

/** Services that go together, and could not: by their members, by what becomes of them, or because they keep apart. No circles come here. */
export function togetherContradictions({ services }: DraftCluster, view: FileView): Finding[] {
  const byName = new Map(services.map((each) => [each.name, each]))
  return services.flatMap((each) => {
    const leader = each.service?.with === undefined ? undefined : byName.get(each.service.with)
    return [
      ...(leader && leader !== each ? [...otherMembers(each, leader, view), ...otherPolicy(each, leader)] : []),
      ...apartAndTogether(each, byName),
    ]
  })
}

/** It could not follow everywhere, or would never be on one of its nodes. */
function otherMembers({ name, service }: DraftService, leader: DraftService, view: FileView): Finding[] {
  if (!service || !leader.service) return []
  const path = ['services', name, 'members']
  const [own, theirs] = [service.members, leader.service.members]
  // Names that came from outside are not repeated.
  const shown = (whose: string, nodes: readonly string[]) => (at: string) =>
    view.reference(['services', whose, 'members', nodes.indexOf(at)]) === undefined
  const missing = theirs.filter((node) => !own.includes(node))
  const named = missing.filter(shown(leader.name, theirs))
  const strange = own.filter((node) => !theirs.includes(node))
  const said = strange.filter(shown(name, own))
  return [
    ...(missing.length === 0
      ? []
      : [
          {
            path,
            message: `it goes with ${leader.name}, and could not follow it everywhere`,
            hint:
              named.length === 0
                ? 'both have the same members'
                : `${leader.name} may be on ${named.join(', ')}: both have the same members`,
          },
        ]),
    ...(strange.length === 0
      ? []
      : [
          {
            path,
            message: `it goes with ${leader.name}, and would never be on all of these`,
            hint:
              said.length === 0
                ? 'both have the same members'
                : `${leader.name} is never on ${said.join(', ')}: both have the same members`,
          },
        ]),
  ]
}

/** When Hotspare is dead on their node, the one would stay there and the other one go. */
function otherPolicy({ name, service }: DraftService, leader: DraftService): Finding[] {
  if (!service || !leader.service || service.onControlLoss === leader.service.onControlLoss) return []
  return [
    {
      path: ['services', name, 'onControlLoss'],
      message: `it goes with ${leader.name}, which has "${leader.service.onControlLoss}"`,
      hint: 'where all of Hotspare is dead, the one would stay and the other one go: write the same for both',
    },
  ]
}

/** Two that go with the same one are on one node by that. */
function apartAndTogether({ name, service }: DraftService, byName: ReadonlyMap<string, DraftService>): Finding[] {
  const own = rootOf(name, byName)
  return (service?.apartFrom ?? []).flatMap((other, index) => {
    if (other === name || !byName.has(other) || rootOf(other, byName) !== own) return []
    return [
      {
        path: ['services', name, 'apartFrom', index],
        message: `${name} and ${other} go together`,
        hint: 'they cannot keep apart as well: leave out one of the words "with" and "apartFrom"',
      },
    ]
  })
}

/** The first of those that go together. */
function rootOf(name: string, byName: ReadonlyMap<string, DraftService>): string {
  let root = name
  const seen = new Set<string>()
  for (let each = byName.get(name)?.service?.with; each !== undefined && !seen.has(each); each = byName.get(each)?.service?.with) {
    seen.add(each)
    root = each
  }
  return root
}
