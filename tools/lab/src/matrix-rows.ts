import type { Drawn } from './matrix-faults.ts'
import type { Measurement } from './takeover/scenario.ts'

/** A connection is begun every 5 ms, by a process that waits for its turn like everybody here; what is above the noise before the failure, and this. */
const CLIENT_MS = 150

/** What the lab reads of a row of `check --matrix --json`. */
export interface Row {
  readonly role: string
  readonly failure: { readonly kind: string; readonly node?: string; readonly from?: string }
  readonly movesTo: readonly string[]
  readonly outage: { readonly type: 'none' | 'bounded' | 'until'; readonly atMostMs?: number }
  readonly twoHolders: {
    readonly type: 'never' | 'bounded' | 'until-mended'
    readonly atMostMs?: number
    readonly after?: { readonly atMostMs: number }
  }
  readonly refutations: readonly unknown[]
}

/** The matrix has the first member for active; here it is whoever has it. */
export function isAbout({ failure, role }: Row, { kind, at }: Drawn): boolean {
  if (failure.kind !== kind) return false
  switch (at) {
    case 'active':
    case 'standby':
    case 'arbiter':
      return role === at
    case 'link':
      return true
    case 'active > standby':
      return failure.from === 'node1'
    case 'standby > active':
      return failure.from === 'node2'
  }
}

/**
 * What was foretold and is not so.
 *
 * @param healedMs when the failure had ended, in milliseconds after it began
 */
export function broken(row: Row, measured: BrokenBy, healedMs: number): readonly string[] {
  const { outage, twoHolders, failure } = row
  const { gapMs, noiseMs, overlaps, holders, holderBefore } = measured
  const noise = noiseMs + CLIENT_MS
  const longestMs = outage.type === 'until' ? Infinity : (outage.atMostMs ?? 0) + noise
  // For the observers, who are never cut off, a node without clients still has the address.
  const countsFromMs = twoHolders.type === 'until-mended' || failure.kind === 'isolated' ? healedMs : 0
  const twoMs = overlaps.reduce((sum, span) => sum + Math.max(0, span.toMs - Math.max(span.fromMs, countsFromMs)), 0)
  const mostTwoMs = twoHolders.type === 'never' ? 0 : (twoHolders.after?.atMostMs ?? twoHolders.atMostMs ?? 0) + noise
  const expected = expectedHolders(row, holderBefore)
  const hasOne = twoHolders.type !== 'until-mended' && failure.kind !== 'isolated' && outage.type !== 'until'
  return [
    gapMs > longestMs
      ? `nobody served for ${gapMs} ms, and ${Math.round(longestMs)} ms were foretold, ${Math.round(noise)} of them for the client`
      : '',
    twoMs > mostTwoMs ? `two holders for ${twoMs} ms, and ${Math.round(mostTwoMs)} ms were foretold: ${JSON.stringify(overlaps)}` : '',
    hasOne && !(holders.length === 1 && holders.every((node) => expected.includes(node)))
      ? `on ${holders.join(' and ') || 'no node'}, and not on ${expected.join(' or ')}`
      : '',
  ].filter((each) => each !== '')
}

/** What of a measurement is held against a row. */
export type BrokenBy = Pick<Measurement, 'gapMs' | 'noiseMs' | 'overlaps' | 'holders' | 'holderBefore'>

/** In the matrix, node1 is active; here it is whoever has it. */
function expectedHolders({ movesTo }: Row, before: string): readonly string[] {
  const other = before === 'node1' ? 'node2' : 'node1'
  if (movesTo.length === 0) return [before]
  return movesTo.includes('node1') ? [before, other] : [other]
}
