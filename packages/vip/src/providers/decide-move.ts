import type { Holding, Place, ProviderShape } from './provider.ts'

/** What has happened since a move began. */
export interface MoveMemory {
  /** Who had it at the first look, place by place. */
  readonly before: readonly (string | undefined)[]
  /** Names of places that were taken off their former holder. */
  readonly taken: ReadonlySet<string>
  /** Names of places that were given to us. */
  readonly given: ReadonlySet<string>
  /** Whether our token stands beside it by now. */
  readonly marked: boolean
}

export interface MoveFacts {
  readonly holding: Holding
  readonly shape: ProviderShape
  /** Whether a token can be written by a call of its own. */
  readonly writesToken: boolean
  readonly own: string
  /** Of all members. */
  readonly targets: readonly string[]
  /** Of our right. */
  readonly token: number
  readonly memory: MoveMemory
}

/** What is to be done next to bring an address here. */
export type MoveStep =
  | { readonly type: 'done'; readonly moved: boolean }
  | { readonly type: 'mark' }
  | { readonly type: 'unassign'; readonly place: Place; readonly holder: string }
  | { readonly type: 'assign'; readonly place: Place }
  /** The provider has not shown yet what it has done. */
  | { readonly type: 'wait' }
  | { readonly type: 'refuse'; readonly because: string; readonly retryable: boolean }

export function beginMove(holding: Holding): MoveMemory {
  return { before: holding.places.map(({ holder }) => holder), taken: new Set(), given: new Set(), marked: false }
}

/** The next call of a takeover, from what was seen last: the same after a crash between any two of them. */
export function decideMove(facts: MoveFacts): MoveStep {
  const { holding, own, targets, token, memory, writesToken } = facts
  if (holding.token !== undefined && holding.token > token) {
    const because = `token ${holding.token} stands beside it, and ours is ${token}: a newer right has acted; if the arbiter was set up anew, remove that token at the provider`
    return { type: 'refuse', because, retryable: false }
  }
  const strange = holding.places.flatMap((place, index) => strangeness(place, memory.before[index], facts))[0]
  if (strange) return strange
  const open = holding.places.filter(({ holder }) => holder !== own)
  const mustMark = writesToken && !memory.marked && holding.token !== token
  if (mustMark) return { type: 'mark' }
  // What was given and is not shown yet comes last: other places need not wait for it.
  const next = open.find(({ name }) => !memory.given.has(name))
  if (next) return takeStep(next, facts)
  return open.length > 0 ? { type: 'wait' } : { type: 'done', moved: memory.given.size > 0 }

  function takeStep(place: Place, { shape }: MoveFacts): MoveStep {
    const { holder } = place
    if (holder === undefined || shape !== 'release-then-take' || !targets.includes(holder)) return { type: 'assign', place }
    return memory.taken.has(place.name) ? { type: 'wait' } : { type: 'unassign', place, holder }
  }
}

/** Somebody who is no member has it, or who has it is not who had it when we began. */
function strangeness({ name, holder }: Place, before: string | undefined, { own, targets, memory }: MoveFacts): MoveStep[] {
  if (holder === undefined || holder === own) return []
  if (!targets.includes(holder)) {
    return [{ type: 'refuse', because: `${holder} has it, which belongs to no member (${name})`, retryable: true }]
  }
  if (holder === before) return []
  const because = memory.given.has(name) ? 'took it while it was being given to us' : 'took it since we looked'
  return [{ type: 'refuse', because: `${holder} ${because} (${name})`, retryable: true }]
}

/** What is to be done next to let go of an address; only what is ours is touched. */
export function decideRelease(holding: Holding, own: string, asked: ReadonlySet<string>): MoveStep {
  const ours = holding.places.filter(({ holder }) => holder === own)
  const next = ours.find(({ name }) => !asked.has(name))
  if (next) return { type: 'unassign', place: next, holder: own }
  return ours.length > 0 ? { type: 'wait' } : { type: 'done', moved: asked.size > 0 }
}
