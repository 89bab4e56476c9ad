import type { NodeCounters } from '../subject.ts'

/** The answer of a node to each message. */
export interface NodeAnswer extends NodeCounters {
  readonly alive: number
}

/** Answers each message of the bench, and ends with it. */
export function answerBench(read: () => NodeAnswer): void {
  process.on('message', () => process.send?.(read()))
  process.on('disconnect', () => process.exit())
}
