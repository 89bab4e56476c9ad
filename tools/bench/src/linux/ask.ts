import { once } from 'node:events'
import type { Serializable } from 'node:child_process'
import { HotspareError, withDeadline } from '@hotspare/core'
import type { Child } from './child.ts'

export interface AskOptions {
  readonly withinMs: number
  readonly signal: AbortSignal
}

/**
 * Sends a question to a child that is Node, and waits for its next message, the answer: one question at a time.
 *
 * @throws HotspareError `HOTSPARE_BENCH_CHILD` when the child has ended or ends; `HOTSPARE_CORE_TIMEOUT`; the signal's reason
 */
export async function ask<Answer>(child: Child, question: Serializable, { withinMs, signal }: AskOptions): Promise<Answer> {
  signal.throwIfAborted()
  const gone = () => new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message: `bench: ${child.ended() ?? `${child.name} has ended`}` })
  if (child.ended() !== undefined) throw gone()
  const stop = new AbortController()
  const answered = once(child.process, 'message', { signal: stop.signal }).then(([answer]) => answer as Answer)
  const ended = once(child.process, 'exit', { signal: stop.signal }).then(() => {
    throw gone()
  })
  // Whichever loses the race is called off.
  answered.catch(() => {})
  ended.catch(() => {})
  try {
    child.process.send(question)
    return await withDeadline(child.name, withinMs, () => Promise.race([answered, ended]), { signal })
  } finally {
    stop.abort()
  }
}
