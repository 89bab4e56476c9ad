import { sleep } from '@hotspare/core'
import { attemptsDuring, failedCount, longestGapMs, overlaps, sharedMs, type Span, totalMs } from '@hotspare/netlab'
import type { Forecast } from '../matrix/forecast.ts'
import { foretoldMs, judge, type Measured } from './judge.ts'
import { type RehearsedKind, rehearsedFailures } from './rehearsed-failures.ts'
import type { Stage } from './stage.ts'

/** One failure: what was foretold, what was seen, and what of it went beyond. */
export interface RehearsedRow {
  readonly kind: RehearsedKind
  readonly forecast: Forecast
  readonly measured: Measured
  /** Empty where all was as foretold. */
  readonly broken: readonly string[]
}

/** How long a failure is watched at least, and at most. */
const LEAST_WATCH_MS = 3_000
const MOST_WATCH_MS = 30_000
/** Beyond what was foretold. */
const AFTERWARDS_MS = 1_500
/** What nothing ends is watched for so long. */
const UNTIL_MENDED_MS = 6_000
const QUIET_MS = 1_000

/** Lets one failure happen to the node that is active, mends it, and tells what was seen. @throws what the stage throws */
export async function rehearse(
  stage: Stage,
  kind: RehearsedKind,
  forecast: Forecast,
  { signal }: { readonly signal: AbortSignal },
): Promise<RehearsedRow> {
  const failure = rehearsedFailures[kind]
  await stage.settled()
  const quietMs = sharedMs()
  await sleep(QUIET_MS, { signal })
  const before = await stage.settled()
  const struckMs = sharedMs()
  failure.strike(stage, before)
  await sleep(watchMs(forecast), { signal })
  const mendedMs = sharedMs()
  const holders = stage.holders()
  await failure.mend(stage, before)
  // Served again is not at rest: whoever came back has its right again only when the last one has passed.
  await sleep(stage.restMs, { signal })
  await stage.settled()

  const seen = attemptsDuring(stage.attempts(), struckMs, mendedMs)
  const double = twoHolders(stage, struckMs)
  const after = double.flatMap(({ fromMs, toMs }) => (toMs > mendedMs ? [{ fromMs: Math.max(fromMs, mendedMs), toMs }] : []))
  const measured: Measured = {
    gapMs: Math.round(longestGapMs(stage.attempts(), struckMs, mendedMs)),
    noiseMs: Math.round(longestGapMs(stage.attempts(), quietMs, struckMs)),
    failed: failedCount(seen),
    sent: seen.length,
    twoHoldersMs: Math.round(totalMs(double)),
    twoHoldersAfterMs: Math.round(totalMs(after)),
    before,
    holders,
  }
  return { kind, forecast, measured, broken: judge(forecast, measured) }
}

function watchMs(forecast: Forecast): number {
  const mostMs = foretoldMs(forecast)
  if (mostMs === undefined) return UNTIL_MENDED_MS
  return Math.min(MOST_WATCH_MS, Math.max(LEAST_WATCH_MS, mostMs + AFTERWARDS_MS))
}

/** When any two nodes certainly had the address at once. */
function twoHolders(stage: Stage, fromMs: number): readonly Span[] {
  const probes = stage.nodes.map((node) => attemptsDuring(stage.probes(node), fromMs, Infinity))
  return probes.flatMap((one, index) => probes.slice(index + 1).flatMap((other) => overlaps(one, other)))
}
