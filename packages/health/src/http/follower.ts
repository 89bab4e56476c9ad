import type { ProbeRun } from '../run-probe.ts'
import type { AnswerEnd, AnswerJudge } from './answer-judge.ts'

/** @returns to be called whenever the judge has learnt something: keeps the phases of the run, and tells the end once */
export function follower(judge: AnswerJudge, run: ProbeRun, onEnd: (end: AnswerEnd) => void): () => void {
  let seenHead = false
  let told = false
  return () => {
    if (told) return
    const { hasHead, ended } = judge
    if (!seenHead && hasHead) {
      seenHead = true
      run.ended('first-byte')
    }
    if (ended) {
      told = true
      if (seenHead) run.ended('transfer')
      onEnd(ended)
    } else if (hasHead) {
      run.phase = `reading the body (${judge.progress})`
    }
  }
}
