/** How observers vote. Each number with its reason. */
export const quorumDefaults: Readonly<Record<'share' | 'minVotes' | 'voteLifetimeMs' | 'maxObservers' | 'maxTargets', number>> =
  Object.freeze({
    /** More than half: of two that disagree neither is right, and a tie convicts nobody. */
    share: 0.5,
    /** One observer is no quorum. */
    minVotes: 2,
    /** Observers that tell their views once a second may be unheard five times in a row; after that theirs is an old view. */
    voteLifetimeMs: 5_000,
    /** Far more than anybody has places to look from; a peer that invents names fills no memory. */
    maxObservers: 64,
    /** As many targets as one node is meant to look at. */
    maxTargets: 10_000,
  })
