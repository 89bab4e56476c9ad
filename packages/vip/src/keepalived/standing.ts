import { assertNever, type Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import type { KeepalivedState } from './notices.ts'

/** What is known of an address in keepalived's hands, on this node. */
export interface KeepalivedFacts {
  readonly interface: string
  /** Whether the kernel has the address there. */
  readonly isHere: boolean
  /** What keepalived has said last; undefined when it has not yet. */
  readonly said: KeepalivedState | undefined
  readonly isRunning: boolean
  /** Whether the track file lets keepalived have it. */
  readonly isGood: boolean
  /** Whether it was acquired under a right that is still valid. */
  readonly mayAct: boolean
}

/**
 * How the address stands. What is here and does not work is not all there, and is mended or moved; but without a right it is
 * here all the same, and has to be let go of.
 */
export function keepalivedStanding(facts: KeepalivedFacts): Pick<Verdict<ResourceState>, 'state' | 'because'> {
  const { interface: link, isHere, said, isRunning, isGood, mayAct } = facts
  const says = said === undefined ? 'keepalived has not said how it is' : `keepalived says ${said}`
  if (!isHere) return { state: 'absent', because: `it is not on ${link}; ${isRunning ? says : 'keepalived does not run'}` }
  const lame: ResourceState = mayAct ? 'absent' : 'held'
  if (!isRunning) return { state: lame, because: `it is on ${link}, and keepalived, which has put it there, does not run` }
  if (!isGood) return { state: lame, because: `it is on ${link}, and keepalived was told to let go of it` }
  // One that was there before us has said so to somebody else.
  if (said === undefined || said === 'MASTER') return { state: 'held', because: `it is on ${link}; ${says}` }
  return { state: lame, because: `it is on ${link}, and ${says}` }
}

/** What is asked of a claim that is under way. */
export interface KeepalivedProgress {
  readonly standing: Pick<Verdict<ResourceState>, 'state' | 'because'>
  readonly said: KeepalivedState | undefined
  /** Whether keepalived was told to take it by this claim, and not by one before. */
  readonly isFirst: boolean
  readonly waitedMs: number
  /** After which whoever hears nobody has become MASTER. */
  readonly patienceMs: number
}

export type KeepalivedStep =
  | { readonly type: 'wait' }
  | { readonly type: 'done'; readonly detail: string }
  | { readonly type: 'failed'; readonly because: string }

/**
 * Whether a claim goes on. One that still hears the former holder when nobody else would be heard any more is ready: keepalived
 * does not preempt, and has the address within a hundredth of an advert of the moment when the other lets go.
 */
export function keepalivedStep(progress: KeepalivedProgress): KeepalivedStep {
  const { standing, said, isFirst, waitedMs, patienceMs } = progress
  if (standing.state === 'held') return { type: 'done', detail: standing.because }
  if (waitedMs < patienceMs) return { type: 'wait' }
  if (said === 'BACKUP' && isFirst) return { type: 'done', detail: 'keepalived is ready, and has it when the former holder lets go' }
  return { type: 'failed', because: `${standing.because}${hintFor(said)}` }
}

function hintFor(said: KeepalivedState | undefined): string {
  switch (said) {
    case undefined:
      return ': does keepalived.conf include our files?'
    case 'BACKUP':
      return ': another router is MASTER'
    case 'FAULT':
      return ': its log says why'
    case 'MASTER':
    case 'STOP':
      return ''
    default:
      return assertNever(said)
  }
}
