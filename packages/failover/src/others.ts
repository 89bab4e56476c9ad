import type { LeaderFact, OtherService, Role } from './facts.ts'

/** What a node that lives has told of another service, this node included. */
export interface ToldRole {
  readonly node: string
  readonly role: Role
  /** Whether it could be active. */
  readonly fit: boolean
}

/** How another service stands, by what nodes that live have told of it. */
export function standingOf(self: string, told: readonly ToldRole[]): OtherService {
  const acting = told.filter(({ role }) => role !== 'standby')
  const here = acting.some(({ node }) => node === self)
  const active = told.find(({ role }) => role === 'active' || role === 'keeping')
  if (active) return { state: 'active', here, because: `it is active on ${active.node}` }
  const moving = acting[0]
  if (moving) return { state: 'coming', here, because: `${moving.node} is moving it` }
  const fit = told.find((each) => each.fit)
  if (fit) return { state: 'coming', here, because: `${fit.node} could take it` }
  return { state: 'nobody', here, because: told.length === 0 ? 'no node that lives has told of it' : 'no member of it is well' }
}

/** What a node has told of a service that others go with. */
export interface ToldRight {
  readonly node: string
  readonly role: Role
  /** Of its right, where it has one. */
  readonly token: number | undefined
}

/** Where a service is that others go with. Of two that say that they have it, the one with the newer right is believed. */
export function leaderFact(name: string, told: readonly ToldRight[]): LeaderFact {
  const active = told.filter(({ role }) => role === 'active').toSorted((one, other) => (other.token ?? 0) - (one.token ?? 0))[0]
  const at = active ?? told.find(({ role }) => role === 'keeping')
  if (at) return { name, at: at.node, because: `which is active on ${at.node}` }
  const moving = told.find(({ role }) => role !== 'standby')
  return { name, at: undefined, because: moving ? `which ${moving.node} is moving` : 'which is active nowhere' }
}

/** Members on which one of these services is active, each with which; what is only moving there counts, what is moving away too. */
export function nearNodes(
  members: readonly string[],
  apartFrom: readonly string[],
  rolesOf: (node: string) => Readonly<Record<string, Role>>,
): Readonly<Record<string, string>> {
  const near = members.flatMap((node): [string, string][] => {
    const roles = new Map(Object.entries(rolesOf(node)))
    const there = apartFrom.filter((name) => (roles.get(name) ?? 'standby') !== 'standby')
    return there.length === 0 ? [] : [[node, `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there too`]]
  })
  return Object.fromEntries(near)
}

/** Members to which a follower could not come along, each with why. */
export function partingNodes(
  members: readonly string[],
  followers: readonly string[],
  unfitAt: (node: string, service: string) => string | undefined,
): Readonly<Record<string, string>> {
  const parting = members.flatMap((node): [string, string][] => {
    const [left] = followers.flatMap((name) => {
      const because = unfitAt(node, name)
      return because === undefined ? [] : [`${name}, which goes with it, could not be there: ${because}`]
    })
    return left === undefined ? [] : [[node, left]]
  })
  return Object.fromEntries(parting)
}
