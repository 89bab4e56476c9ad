import type { ServiceConfig } from '../config/config.ts'
import type { FencingMode } from '../config/config-fencing.ts'
import type { Bound } from './bound.ts'
import type { NodeFailureKind } from './failure.ts'
import type { Outage, Outlook, TwoHolders } from './forecast.ts'
import type { ServiceBounds } from './service-bounds.ts'

/** What the failures of the active member are foretold from. */
export interface ActiveCase {
  readonly service: Pick<ServiceConfig, 'name' | 'members' | 'onControlLoss'>
  readonly hasArbiter: boolean
  /** Who may be the first to take it where it is nobody's, the likeliest first. */
  readonly heirs: readonly string[]
  readonly bounds: ServiceBounds
  /** Whether it goes to a member with room, or away from others, before the order of members counts. Default: no */
  readonly chooses?: boolean | undefined
  /** Whether users reach it by an address that a provider moves. Default: no */
  readonly isMoved?: boolean | undefined
  /** Whether others are switched off before it is taken. Default: they are not */
  readonly fence?: FencingMode | undefined
  /** The service that it goes with, at the end of the chain. */
  readonly leader?: { readonly name: string; readonly bounds: ServiceBounds } | undefined
  /** What it comes after, and nobody takes by himself. */
  readonly waitsFor?: string | undefined
  /** Another service of the same node, for which that node is switched off. */
  readonly shooter?: { readonly name: string; readonly onControlLoss: 'keep' | 'release'; readonly bounds: ServiceBounds } | undefined
  /** What it comes after, however many steps away, and nobody takes before it is certain that the others are off. */
  readonly certainBase?: string | undefined
}

export const mendDevice = (node: string): string =>
  `mend it: until then nobody can make sure of ${node}, and a takeover from it waits for people, or is late`

export const mendDisk = 'mend it: until then a hold that is set there is not seen, logs wait, and Hotspare could not be started there'

const lostAnswer = 'it counts a last renewal whose answer the cut swallows; most cuts come between two renewals'

const oneLease: TwoHolders = { type: 'never', because: 'the old holder has let go before another one may take it' }
const oneByProvider: TwoHolders = { type: 'never', because: 'its provider gives it to one node at a time' }
const oneByPower: TwoHolders = {
  type: 'never',
  because: 'the old holder has said that it has nothing, or is off, before another one takes it',
}
const stays: TwoHolders = { type: 'never', because: 'nobody else takes it' }

/** The active member, and something happens to it. */
export function activeOutlook(kind: NodeFailureKind | 'service-dead', about: ActiveCase): Outlook {
  const { service, bounds, hasArbiter } = about
  const { onControlLoss } = service
  const keeps = onControlLoss === 'keep'
  switch (kind) {
    case 'power':
      return lost(about, { noticed: bounds.deadNode, twoHolders: { type: 'never', because: 'a machine without power holds nothing' } })
    case 'fence-dead':
      return served(about, undefined, 'the active member is not touched', mendDevice(service.members[0] ?? ''))
    case 'power-and-fence':
      return lostWithDevice(about)
    case 'isolated':
      return lost(about, {
        noticed: bounds.deadNode,
        twoHolders: keeps ? afterwards(about, 'once it is connected again') : oneHolder(about),
      })
    case 'freeze':
      return lost(about, { noticed: bounds.deadNode, twoHolders: frozen(about) })
    case 'peers-cut':
      return keeps ? splitFromAll(about) : lapsed(about, bounds.deadNode, cutMended, lostAnswer)
    case 'arbiter-cut':
      return keeps
        ? served(about, bounds.deadArbiter, 'it stays where it is, and the other members see it answer', `mend the way to the arbiter`)
        : lapsed(about, bounds.deadArbiter, cutMended, lostAnswer)
    case 'guard-stopped':
      return keeps
        ? serving(about, bounds.deadNode, 'kill that guard: the next one takes up where it was')
        : lapsed(about, bounds.deadNode, guardGoesOn)
    case 'hotspare-dead':
      return keeps ? serving(about, bounds.deadProcess, 'start Hotspare there') : lapsed(about, bounds.deadProcess, startedAgain)
    case 'guard-killed':
      return keeps ? restarted(about) : givenUp(about)
    case 'control-killed':
      return served(about, bounds.deadProcess, 'the guard holds address and lease, and starts it again', 'nothing')
    case 'disk-stuck':
      return served(
        about,
        undefined,
        `Hotspare reads nothing from it to beat, to renew, or to move; ${service.name} may, and then counts as dead`,
        `${mendDisk}${hasArbiter ? '; an arbiter on it stands still' : ''}`,
      )
    case 'service-dead':
      return handedOver(about)
  }
}

/** A `release` service whose guard is new: that one lets go of what it finds, and bids for it as everybody does. */
function givenUp(about: ActiveCase): Outlook {
  const { bounds, service } = about
  const slack = 'the new guard lets go as soon as it is up, and so this begins later than the failure'
  if (about.heirs.length === 0) return stranded(about, bounds.deadProcess, newGuardReady)
  const outlook = lost(about, { noticed: bounds.deadProcess, twoHolders: oneHolder(about), slack })
  return { ...outlook, movesTo: [...outlook.movesTo, ...service.members.slice(0, 1)], people: 'nothing' }
}

/** Its power has gone, and nobody can be told so: whoever demands certainty waits for people. */
function lostWithDevice(about: ActiveCase): Outlook {
  const { service, bounds, fence } = about
  const active = service.members[0] ?? ''
  const noticed = bounds.deadNode
  if (fence !== 'required' || about.heirs.length === 0)
    return lost(about, { noticed, twoHolders: { type: 'never', because: 'a machine without power holds nothing' } })
  return {
    movesTo: [],
    noticed,
    outage: { type: 'until', until: 'people act', because: `nobody takes it before it is certain that ${active} is off` },
    twoHolders: stays,
    people: `make sure that ${active} is off, then: hotspare fence confirm ${active}`,
  }
}

/** The node has gone: another member takes over when it may. */
function lost(
  about: ActiveCase,
  { noticed, twoHolders, slack }: { readonly noticed: Bound; readonly twoHolders: TwoHolders; readonly slack?: string },
): Outlook {
  const { service, bounds } = about
  const { heirs: movesTo } = about
  const active = service.members[0] ?? ''
  if (movesTo.length === 0 || !bounds.takeover) return stranded(about, noticed)
  const outage: Outage = { type: 'bounded', ...bounds.takeover, ...(slack === undefined ? {} : { slack }) }
  return { movesTo, noticed, outage, twoHolders, people: bringBack(active, service.members) }
}

/** Nobody takes it over by himself. */
function stranded({ service, waitsFor }: ActiveCase, noticed: Bound | undefined, mended?: Mended): Outlook {
  const active = service.members[0] ?? ''
  const { until, people } = mended ?? { until: `${active} is back`, people: `bring ${active} back` }
  const isAlone = service.members.length === 1
  const blind = waitsFor === undefined ? undefined : `it waits for ${waitsFor}, which no member takes by itself`
  const because = isAlone
    ? 'it has no other member'
    : (blind ?? 'no member can see whether its address still answers, so none takes it for itself')
  return {
    movesTo: [],
    noticed,
    outage: { type: 'until', until: isAlone ? until : 'people act', because },
    twoHolders: stays,
    people: isAlone ? people : `prove that ${active} is off, then: hotspare failover ${service.name}`,
  }
}

/** What ends an outage that no other member ends. */
interface Mended {
  readonly until: string
  readonly people: string
}

const cutMended: Mended = { until: 'the cut is mended', people: 'mend the cut' }
const guardGoesOn: Mended = { until: 'a guard runs there again', people: 'kill that guard: the next one takes up where it was' }
const startedAgain: Mended = { until: 'Hotspare is started there', people: 'start Hotspare there' }
const newGuardReady: Mended = { until: 'the new guard has the lease', people: 'nothing' }

/** A `release` service whose right ends while its node goes on: the kernel shuts the gate, and another one takes over. */
function lapsed(about: ActiveCase, noticed: Bound | undefined, mended: Mended, slack?: string): Outlook {
  const { service, bounds } = about
  const active = service.members[0] ?? ''
  const { heirs: movesTo } = about
  if (movesTo.length === 0 || !bounds.gap) return stranded(about, noticed, mended)
  return {
    movesTo,
    noticed,
    outage: {
      type: 'bounded',
      because: about.isMoved ? 'it serves on until its right ends' : 'it serves on until its gate shuts',
      ...bounds.gap,
      ...(slack === undefined ? {} : { slack }),
    },
    twoHolders: oneHolder(about),
    people: bringBack(active, service.members),
  }
}

/** Why no two nodes have what is to be released. */
function oneHolder({ isMoved, fence }: ActiveCase): TwoHolders {
  if (isMoved) return oneByProvider
  return fence === undefined ? oneLease : oneByPower
}

/** A `keep` service that serves on without Hotspare. */
function serving(about: ActiveCase, noticed: Bound | undefined, people: string): Outlook {
  return served(
    about,
    noticed,
    'the address stays, and the other members see it answer and wait',
    `${people}; until then a second failure is an outage`,
  )
}

function served({ service }: Pick<ActiveCase, 'service'>, noticed: Bound | undefined, because: string, people: string): Outlook {
  return {
    movesTo: [],
    noticed,
    outage: { type: 'none', because },
    twoHolders: { ...stays, because: service.members.length === 1 ? 'there is no other member' : stays.because },
    people,
  }
}

function restarted(about: ActiveCase): Outlook {
  return served(about, about.bounds.deadProcess, 'the address stays, and the new guard takes it up', 'nothing')
}

/** Clients reach both sides; the other members reach nobody, and take what they see unanswered. */
function splitFromAll(about: ActiveCase): Outlook {
  const { service, bounds, hasArbiter } = about
  const active = service.members[0] ?? ''
  if (service.members.length === 1) return served(about, bounds.deadArbiter, 'it stays where it is', 'mend the cut')
  if (!bounds.takeover)
    return served(about, bounds.deadNode, 'no member can see whether its address still answers, so none takes it', 'mend the cut')
  if (about.fence !== undefined)
    return {
      movesTo: about.heirs,
      noticed: bounds.deadNode,
      outage: {
        type: 'bounded',
        because: `${active} serves on until it is switched off, and then another one takes it`,
        ...bounds.cutover,
      },
      twoHolders: oneByPower,
      people: bringBack(active, service.members),
    }
  const why = hasArbiter
    ? `with keep and without fencing, ${active} cannot know that another one has taken over, and nobody can take the address from it`
    : 'without an arbiter, members that do not hear each other are all active'
  return {
    movesTo: about.heirs,
    noticed: bounds.deadNode,
    outage: { type: 'none', because: 'clients get the one or the other' },
    twoHolders: { type: 'until-mended', because: why, after: bounds.yielding },
    people: `switch ${active} off, or mend the cut`,
  }
}

/** What was cut off for clients too, or stood still, and comes back with the address. */
function afterwards(about: ActiveCase, when: string): TwoHolders {
  const { bounds, service } = about
  if (service.members.length === 1 || !bounds.takeover) return stays
  if (about.isMoved || about.fence !== undefined) return oneHolder(about)
  return {
    type: 'bounded',
    because: `${when}, ${service.members[0]} has the address still, until it hears that it is another one's`,
    ...bounds.yielding,
  }
}

function frozen(about: ActiveCase): TwoHolders {
  const { bounds, service } = about
  if (service.onControlLoss === 'keep') return afterwards(about, 'when it goes on')
  if (about.isMoved || about.fence !== undefined) return oneHolder(about)
  if (service.members.length === 1 || !bounds.lifetime) return stays
  const because =
    'when it goes on, its kernel does not know how long it stood still; only fencing, or a resource that compares tokens, closes that'
  return { type: 'bounded', because, ...bounds.lifetime }
}

function handedOver({ service, bounds, leader, heirs, chooses }: ActiveCase): Outlook {
  const [active = '', heir] = service.members
  if (leader)
    return {
      movesTo: [],
      noticed: bounds.deadService,
      outage: {
        type: 'until',
        until: `${service.name} is started again`,
        because: `it goes with ${leader.name}, which is well where it is`,
      },
      twoHolders: stays,
      people: `start ${service.name} on ${active} again, or: hotspare switchover ${leader.name}`,
    }
  if (heir === undefined) {
    return {
      movesTo: [],
      noticed: bounds.deadService,
      outage: { type: 'until', until: `${service.name} is started again`, because: 'it has no other member' },
      twoHolders: stays,
      people: `start ${service.name} on ${active} again`,
    }
  }
  const { atMostMs, formula } = bounds.deadService
  const { handOver } = bounds
  return {
    movesTo: chooses ? heirs : [heir],
    noticed: bounds.deadService,
    outage: {
      type: 'bounded',
      because: 'it refuses connections; one that hangs takes the timeouts of its check longer',
      atMostMs: atMostMs + handOver.atMostMs,
      formula: `${formula} + ${handOver.formula}`,
    },
    twoHolders: { type: 'never', because: 'both are well, and the one lets go before the other takes it' },
    people: `start ${service.name} on ${active} again`,
  }
}

export function bringBack(node: string, members: readonly string[]): string {
  return members.length > 2 ? `bring ${node} back` : `bring ${node} back: until then there is no spare`
}
