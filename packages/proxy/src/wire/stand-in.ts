import { problemOfAnswer } from '../given-answer.ts'
import type { AnswerKeeper, PickRequest, StaleAnswers } from '../types.ts'
import { answerFacts } from './answer-facts.ts'
import { givenAnswer, type OwnAnswer } from './own-answer.ts'
import type { ResponseHead } from './response-head.ts'

/** What counts as an error of the origin (RFC 5861, 4). */
const ERRORS: ReadonlySet<number> = new Set([500, 502, 503, 504])

/** Whether a kept answer may stand in for one with that status. */
export function isStoodInFor(status: number): boolean {
  return ERRORS.has(status)
}

/** An answer that was kept for such a request; one that cannot be written is none. */
export function keptFor(request: PickRequest, stale: StaleAnswers): OwnAnswer | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  const kept = stale.find(request)
  return kept && problemOfAnswer(kept) === undefined ? givenAnswer(kept) : undefined
}

/** Shows the store an answer on its way to the client. */
export function keeperFor(request: PickRequest, head: ResponseHead, stale: StaleAnswers): AnswerKeeper | undefined {
  const keeper = stale.offer(request, answerFacts(head))
  // What ends with its connection may have broken off.
  return request.method === 'GET' && head.status === 200 && head.framing.kind !== 'until-close' ? keeper : undefined
}
