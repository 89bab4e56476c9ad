import { assertNever, type TargetState } from '@hotspare/core'
import { pickByWeight } from './pick-by-weight.ts'

/** A target of a pool, as it stands. */
export interface AnswerTarget {
  readonly id: string
  /** What is answered for it: its addresses. */
  readonly values: readonly string[]
  readonly state: TargetState
  /** Since when it has this state, in milliseconds of the clock's `monotonicMs`. */
  readonly sinceMs: number
  /** How often it is answered beside others, with `weighted`; 0 or more. Default: 1 */
  readonly weight?: number | undefined
  /** Lower ones come first, with `priority`. Default: 0 */
  readonly tier?: number | undefined
}

export interface AnswerPolicy {
  /** `all` that are up; those of the first tier with enough of them; or some, by weight. */
  readonly choose: 'all' | 'priority' | 'weighted'
  /** How many targets are answered at most. Default: all of them */
  readonly most?: number | undefined
  /** How many have to be up, as a number or as a share of all (rounded up): with fewer, the checks are not believed. Default: 1 */
  readonly atLeast?: { readonly targets: number } | { readonly share: number } | undefined
  /** With too few: `open` answers all, up or not; `closed` leaves what is published. Neither ever answers nothing. Default: `open` */
  readonly whenTooFew?: 'open' | 'closed' | undefined
  /** How long a target that is not published has to be up before it is, in milliseconds. Default: 0 */
  readonly holdDownMs?: number | undefined
  /** Another number is another choice where only some are answered: over many of them each has its share. Default: 0 */
  readonly round?: number | undefined
}

export interface AnswerFacts {
  readonly targets: readonly AnswerTarget[]
  /** The values that are published now; none before the first time. */
  readonly published: readonly string[]
  readonly atMs: number
}

export type Answers =
  | {
      readonly kind: 'answer'
      /** Of the targets that are answered. At least one. */
      readonly ids: readonly string[]
      /** Without twins, sorted. At least one. */
      readonly values: readonly string[]
      /** Whether too few are up, and all are answered because of that. */
      readonly isOpen: boolean
      readonly because: string
      /** When the next target has been up for long enough, in milliseconds of the clock. */
      readonly againAtMs: number | undefined
    }
  /** Nothing is written. */
  | { readonly kind: 'keep'; readonly because: string; readonly againAtMs: number | undefined }

/** Which of a pool's targets are answered. What is not known changes nothing, and the answer is never empty. Pure. */
export function chooseAnswers(facts: AnswerFacts, policy: AnswerPolicy): Answers {
  const { targets } = facts
  const judged = targets.map((target) => ({ target, ...standing(target, facts, policy) }))
  const endings = judged.flatMap(({ upAtMs }) => upAtMs ?? [])
  const againAtMs = endings.length > 0 ? Math.min(...endings) : undefined
  if (targets.every(({ state }) => state === 'unknown')) return { kind: 'keep', because: 'nothing is known of any target', againAtMs }

  const up = judged.filter(({ counts }) => counts).map(({ target }) => target)
  const settled = enough(targets, up, policy)
  // A hold-down delays the way back, and never the way out: where too few are left, those that wait are taken as well.
  const upOrWaiting = judged.filter(({ counts, upAtMs }) => counts || upAtMs !== undefined).map(({ target }) => target)
  const chosen = settled.length > 0 ? settled : enough(targets, upOrWaiting, policy)
  const { whenTooFew = 'open' } = policy
  if (chosen.length === 0 && whenTooFew === 'closed') {
    return { kind: 'keep', because: `${up.length} of ${targets.length} targets are up, which is too few`, againAtMs }
  }
  const isOpen = chosen.length === 0
  const answered = narrowed(isOpen ? everybody(targets, policy) : chosen, policy)
  const values = [...new Set(answered.flatMap((target) => target.values))].toSorted()
  if (values.length === 0) return { kind: 'keep', because: 'no target has a value to answer with', againAtMs }
  const because = `${up.length} of ${targets.length} targets are up${isOpen ? ', which is too few to be believed: all are answered' : ''}`
  return { kind: 'answer', ids: answered.map(({ id }) => id), values, isOpen, because, againAtMs }
}

/** Whether a target counts as up, and if it does not yet, when it will. */
function standing(
  { state, sinceMs, values }: AnswerTarget,
  { published, atMs }: AnswerFacts,
  { holdDownMs = 0 }: AnswerPolicy,
): { readonly counts: boolean; readonly upAtMs?: number | undefined } {
  const isPublished = values.some((value) => published.includes(value))
  switch (state) {
    case 'up':
    case 'degraded': {
      const upAtMs = sinceMs + holdDownMs
      // Before the first time there is nobody to come back to.
      const counts = isPublished || published.length === 0 || atMs >= upAtMs
      return counts ? { counts } : { counts, upAtMs }
    }
    case 'unknown':
      // As it was: what is not known is no reason for a change.
      return { counts: isPublished }
    case 'down':
    case 'maintenance':
    case 'draining':
      return { counts: false }
    default:
      return assertNever(state)
  }
}

/** Those that are up, where there are enough of them. */
function enough(targets: readonly AnswerTarget[], up: readonly AnswerTarget[], policy: AnswerPolicy): readonly AnswerTarget[] {
  if (policy.choose !== 'priority') return isEnough(targets, up, policy) ? up : []
  for (const tier of tiersOf(targets)) {
    const ofTier = up.filter((target) => tierOf(target) === tier)
    const allOfTier = targets.filter((target) => tierOf(target) === tier)
    if (isEnough(allOfTier, ofTier, policy)) return ofTier
  }
  return []
}

function isEnough(all: readonly AnswerTarget[], up: readonly AnswerTarget[], { atLeast = { targets: 1 }, choose }: AnswerPolicy): boolean {
  const least = 'targets' in atLeast ? atLeast.targets : Math.ceil(atLeast.share * all.length)
  const usable = choose === 'weighted' ? up.filter(({ weight = 1 }) => weight > 0) : up
  return usable.length >= Math.max(1, least)
}

/** Whom to answer when nobody is believed: all but those that people have taken out, and those too if nobody is left. */
function everybody(targets: readonly AnswerTarget[], { choose }: AnswerPolicy): readonly AnswerTarget[] {
  const wanted = targets.filter(({ state }) => state !== 'maintenance' && state !== 'draining')
  const left = wanted.length > 0 ? wanted : targets
  const [first] = tiersOf(left)
  return choose === 'priority' ? left.filter((target) => tierOf(target) === first) : left
}

function narrowed(targets: readonly AnswerTarget[], { choose, most = Infinity, round = 0 }: AnswerPolicy): readonly AnswerTarget[] {
  const weightOf = ({ weight = 1 }: AnswerTarget) => (choose === 'weighted' ? weight : 1)
  const weighed = targets.some((target) => weightOf(target) > 0) ? targets.filter((target) => weightOf(target) > 0) : targets
  return weighed.length <= most ? weighed : pickByWeight(weighed, { most, round, weightOf })
}

function tiersOf(targets: readonly AnswerTarget[]): readonly number[] {
  return [...new Set(targets.map(tierOf))].toSorted((one, other) => one - other)
}

function tierOf({ tier = 0 }: AnswerTarget): number {
  return tier
}
