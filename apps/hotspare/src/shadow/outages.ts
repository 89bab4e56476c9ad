/** What the checks of one address have said. */
export interface OutageState {
  /** When the last check that passed began, in milliseconds. */
  readonly lastOkMs: number | undefined
  readonly failures: number
  /** Since when it has been failing; undefined while it does not. */
  readonly sinceMs: number | undefined
}

export type OutageEvent =
  /** `fromMs` is the last check that passed: the outage began after it. */
  | { readonly type: 'outage-began'; readonly atMs: number; readonly fromMs: number }
  | { readonly type: 'outage-ended'; readonly atMs: number; readonly fromMs: number }

export interface OutageStep {
  readonly state: OutageState
  readonly event: OutageEvent | undefined
}

export const noOutage: OutageState = { lastOkMs: undefined, failures: 0, sinceMs: undefined }

/**
 * Takes in a check. What fails before anything has passed is no outage, since it may never have been up.
 *
 * @param startMs when the check began
 * @param fall failures in a row that make an outage
 */
export function checked(before: OutageState, ok: boolean, startMs: number, fall: number): OutageStep {
  if (ok) {
    const event: OutageEvent | undefined =
      before.sinceMs === undefined ? undefined : { type: 'outage-ended', atMs: startMs, fromMs: before.sinceMs }
    return { state: { lastOkMs: startMs, failures: 0, sinceMs: undefined }, event }
  }
  const failures = before.failures + 1
  if (before.lastOkMs === undefined || before.sinceMs !== undefined || failures < fall)
    return { state: { ...before, failures }, event: undefined }
  return {
    state: { ...before, failures, sinceMs: before.lastOkMs },
    event: { type: 'outage-began', atMs: startMs, fromMs: before.lastOkMs },
  }
}
