import type { Failure, NodeFailureKind } from './failure.ts'
import type { Outlook, TwoHolders } from './forecast.ts'
import type { FailureRole } from './failures.ts'
import { type ActiveCase, bringBack, mendDevice, mendDisk } from './outlook-active.ts'

export const unmoved: TwoHolders = { type: 'never', because: 'the active member is not touched' }

function nothing(noticed: Outlook['noticed'], people: string): Outlook {
  return { movesTo: [], noticed, outage: { type: 'none', because: 'the active member is not touched' }, twoHolders: unmoved, people }
}

/** A member that stands by, and something happens to it: nothing moves, and a spare is missing. */
export function standbyOutlook(kind: NodeFailureKind | 'service-dead', node: string, about: ActiveCase): Outlook {
  const { service, bounds, hasArbiter } = about
  const back = bringBack(node, service.members)
  switch (kind) {
    case 'isolated':
    case 'peers-cut':
      return { ...nothing(bounds.deadNode, back), twoHolders: hasArbiter ? unmoved : besideActive(kind, node, about) }
    case 'power':
    case 'power-and-fence':
    case 'freeze':
    case 'guard-stopped':
      return nothing(bounds.deadNode, back)
    case 'fence-dead':
      return nothing(undefined, mendDevice(node))
    case 'hotspare-dead':
      return nothing(bounds.deadProcess, back)
    case 'guard-killed':
    case 'control-killed':
      return nothing(bounds.deadProcess, 'nothing')
    case 'arbiter-cut':
      return nothing(bounds.deadArbiterForStandby, `mend its way to the arbiter: until then ${node} cannot take over`)
    case 'disk-stuck':
      return nothing(undefined, mendDisk)
    case 'service-dead':
      return nothing(bounds.deadService, `start ${service.name} on ${node} again: until then ${node} cannot take over`)
  }
}

/** Without an arbiter, whoever hears nobody takes himself for the only one that is left. */
function besideActive(kind: 'isolated' | 'peers-cut', node: string, { bounds, service }: ActiveCase): TwoHolders {
  if (!bounds.takeover) return unmoved
  const [active] = service.members
  if (kind === 'peers-cut')
    return {
      type: 'until-mended',
      because: `without an arbiter, ${node} takes silence for death and is active beside ${active}`,
      after: bounds.yielding,
    }
  return {
    type: 'bounded',
    because: `without an arbiter, ${node} makes itself active where nobody hears it, and lets go after it is connected again`,
    ...bounds.yielding,
  }
}

/** Two members that do not hear each other, in one direction or in both. */
export function linkOutlook(
  failure: Failure & { readonly kind: 'link-cut' | 'one-way-cut' },
  role: FailureRole,
  about: ActiveCase,
): Outlook {
  const { bounds, hasArbiter, service } = about
  const [active = ''] = service.members
  const deaf = (failure.kind === 'link-cut' ? failure.nodes : [failure.from, failure.to]).find((node) => node !== active)
  // Whoever hears the active member still hears what it says of its right.
  const takes =
    role === 'active-link' && !hasArbiter && bounds.takeover !== undefined && !(failure.kind === 'one-way-cut' && failure.to === active)
  const quiet = { noticed: bounds.deadNode, people: 'mend the link: until then it cannot be handed over across it' }
  if (!takes) {
    const because = hasArbiter
      ? 'the arbiter says who has it, and has heard nothing of the cut'
      : 'whoever stands by still hears who has it'
    return {
      ...quiet,
      movesTo: [],
      outage: { type: 'none', because: 'clients reach the active member as before' },
      twoHolders: { type: 'never', because },
    }
  }
  return {
    movesTo: [],
    noticed: bounds.deadNode,
    outage: { type: 'none', because: 'clients get the one or the other' },
    twoHolders: {
      type: 'until-mended',
      because: `without an arbiter, ${deaf} takes silence for death and is active beside ${active}`,
      after: bounds.yielding,
    },
    people: 'mend the link, or stop Hotspare on one of the two',
  }
}

/** Nobody can ask who has the right, or has to wait for the answer. */
export function arbiterOutlook(kind: 'arbiter-dead' | 'arbiter-slow', { service, bounds }: ActiveCase): Outlook {
  const twoHolders: TwoHolders = { type: 'never', because: 'nobody gets a right that the arbiter has not written down' }
  if (kind === 'arbiter-slow') {
    return {
      movesTo: [],
      noticed: undefined,
      outage: { type: 'none', because: 'each answer comes within the time of a call; slower ones count as none' },
      twoHolders,
      people: 'nothing, while its answers come in time',
    }
  }
  const because = 'nobody may act without a right, and nobody gets one'
  if (service.onControlLoss === 'release')
    return {
      movesTo: [],
      noticed: bounds.deadArbiter,
      outage: { type: 'until', until: 'the arbiter answers again', because, after: bounds.resumption },
      twoHolders,
      people: 'bring the arbiter back: at once',
    }
  return {
    movesTo: [],
    noticed: bounds.deadArbiter,
    outage: { type: 'none', because: 'the address stays where it is' },
    twoHolders,
    people: 'bring the arbiter back: until then a second failure is an outage',
  }
}

/** Nobody can have an address moved, or has to wait for it: what it has is where it is. */
export function providerOutlook(
  { kind, provider }: Failure & { readonly kind: 'provider-down' | 'provider-slow' },
  { service }: ActiveCase,
): Outlook {
  return nothing(
    undefined,
    kind === 'provider-down'
      ? `wait for ${provider}: until then ${service.name} stays where it is, and a second failure is an outage`
      : `nothing: until then a move of ${service.name} takes longer`,
  )
}
