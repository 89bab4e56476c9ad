import type { RCODE } from './protocol.ts'
import type { Tail } from './tail-writer.ts'

/** What follows a question in its answer, made when the zone changed: only the header and the question are written when it is asked. */
export interface Answer extends Tail {
  readonly rcode: (typeof RCODE)[keyof typeof RCODE]
  /** The SOA of the zone follows as authority: something is not there, and for how long that may be remembered. RFC 2308. */
  readonly negative: boolean
}

/** What there is to answer about one name. */
export interface AnswerNode {
  /** Parallel to `answers`. A name has a few types: looking through them is quicker than a map. */
  readonly types: readonly number[]
  readonly answers: readonly Answer[]
  /** To questions for any other type. */
  readonly other: Answer
  /** To questions for all types: one set, or a word that there is more. RFC 8482. */
  readonly any: Answer
  /** What is answered about names below that are not there. RFC 4592. */
  readonly wildcard: AnswerNode | undefined
}
