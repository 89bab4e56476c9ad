import { summarise } from './statistics.ts'

/** Past it the figures of a shared core say more about the others than about what is measured. */
const DISTURBED_SHARE = 0.1

/** @returns what a reader must know of other processes on the measured core; nothing where that is unknown */
export function disturbanceText(shares: readonly number[], core = 'measured core'): readonly string[] {
  const summary = summarise(shares)
  if (!summary) return []
  const { median: usual, highest } = summary
  const said = `Other processes took ${percent(usual)} of the ${core} in the median turn, ${percent(highest)} in the worst.`
  const warning = 'DISTURBED: run it again on a quiet machine before you compare anything closely.'
  return usual > DISTURBED_SHARE ? [said, warning] : [said]
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
