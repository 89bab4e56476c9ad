import { type HealthState, silentLogger, type Verdict } from '@hotspare/core'
import type { TestClock } from '@hotspare/core/testing'
import { createVoteKeeper, type QuorumOptions } from '@hotspare/health/quorum'
import { VotesDesk } from './desk.ts'
import { type OwnVote, votesBody } from './message.ts'

/** A node that looks at one target, `shop/a`, and is wired to others without a network between. */
export interface VotingNode {
  readonly name: string
  readonly desk: VotesDesk
  /** What it has told its peers. */
  readonly told: (readonly OwnVote[])[]
  /** What counts there, as those who listen have it. */
  readonly counts: () => Verdict<HealthState>
  /** Each state that has counted, in order. */
  readonly history: HealthState[]
  /** What it sees from now on. */
  readonly sees: (state: HealthState) => void
  /** What it sees. */
  readonly sight: () => HealthState
  isSick: boolean
  /** Whether its votes reach the others. */
  isHeard: boolean
}

const SUBJECTS: ReadonlyMap<string, string> = new Map([['shop/a', 'key-of-shop-a']])

export function votingNodes(clock: TestClock, names: readonly string[], options: QuorumOptions = {}): readonly VotingNode[] {
  const nodes: VotingNode[] = names.map((name) => makeNode(clock, name, options, (votes) => passOn(name, votes)))
  function passOn(from: string, votes: readonly OwnVote[]): void {
    const body: unknown = JSON.parse(JSON.stringify(votesBody(votes.map((vote) => ({ ...vote, ageMs: 0 })))))
    if (nodes.some(({ name, isHeard }) => name === from && !isHeard)) return
    for (const { name, desk } of nodes) if (name !== from) desk.hear(from, body)
  }
  return nodes
}

function makeNode(clock: TestClock, name: string, options: QuorumOptions, send: (votes: readonly OwnVote[]) => void): VotingNode {
  let own: Verdict<HealthState> = { state: 'unknown', since: clock.wallMs(), because: 'nobody has looked yet' }
  let counted = own
  const history: HealthState[] = []
  const told: (readonly OwnVote[])[] = []
  const look = () => {
    counted = desk.decide('shop/a', own)
    if (history.at(-1) !== counted.state) history.push(counted.state)
  }
  const node = {
    name,
    told,
    history,
    isSick: false,
    isHeard: true,
    counts: () => counted,
    sight: () => own.state,
    sees(state: HealthState) {
      own = { state, since: clock.wallMs(), because: `its probes say ${state}` }
      look()
    },
  }
  const desk = new VotesDesk({
    subjects: SUBJECTS,
    keeper: createVoteKeeper({ ...options, self: name, clock }),
    ownOf: () => own,
    abstains: () => node.isSick,
    tell(votes) {
      told.push(votes)
      send(votes)
    },
    clock,
    logger: silentLogger,
  })
  desk.subscribe(look)
  desk.start()
  return Object.assign(node, { desk })
}
