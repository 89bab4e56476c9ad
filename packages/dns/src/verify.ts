import { abortReason } from '@hotspare/core'
import { parseOptions } from './options.ts'
import { type VerifyOptions, verifyOptionsSchema } from './verify/options.ts'
import type { ServedReport } from './verify/report.ts'
import { Verification } from './verify/verification.ts'

export type { Answer, AnswerRecord, Ask, Asked, AskedQuestion, ServerAddress, Signature } from './verify/answer.ts'
export type { Place, ServerReport, Stage } from './verify/board.ts'
export type { VerifyEvent } from './verify/events.ts'
export type { RemovedSet, Standing } from './verify/judge.ts'
export type { Delegation } from './verify/name-servers.ts'
export type { NameServerOptions, VerifyOptions } from './verify/options.ts'
export type { ServedReport } from './verify/report.ts'

/**
 * Asks every authoritative server of a zone for a set, over and over with a growing pause, until all of them serve it or the
 * budget is over. They are asked themselves (RD=0): no resolver stands in between, and no cache. A set is served where the
 * server speaks for the zone (AA) and has exactly these values with this TTL.
 *
 * "The API said yes" is not "it is served": with BIND's default `notify-delay` a secondary follows after some five seconds.
 *
 * It sees one machine behind each address: with anycast, others may be behind the same one.
 *
 * @returns how far it came; a server that does not serve it is no error
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`; the reason of `signal` when it aborts
 */
export async function verifyServed(
  options: VerifyOptions,
  call: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ServedReport> {
  const parsed = parseOptions('verify served', verifyOptionsSchema, options)
  const { clock, budgetMs } = parsed
  if (call.signal?.aborted) throw abortReason(call.signal)
  const startedMs = clock.monotonicMs()
  const budget = new AbortController()
  const timer = clock.schedule(budgetMs, () => budget.abort(BUDGET_OVER))
  const forward = () => budget.abort(call.signal?.reason)
  call.signal?.addEventListener('abort', forward, { once: true })
  try {
    const verification = new Verification(parsed, parsed.appliedAtMs ?? startedMs, budget.signal)
    await verification.run().catch((error: unknown) => {
      if (error !== BUDGET_OVER) throw error
    })
    return verification.finish(clock.monotonicMs() - startedMs)
  } finally {
    timer.cancel()
    call.signal?.removeEventListener('abort', forward)
  }
}

const BUDGET_OVER = new Error('the budget is over')
