import type { Forecast } from '../matrix/forecast.ts'

/** What the client and the observers saw of one failure; times in milliseconds. */
export interface Measured {
  /** The longest time between the starts of two successive connections that succeeded, from the failure until it was mended. */
  readonly gapMs: number
  /** The same while nothing happened. */
  readonly noiseMs: number
  /** Connections that failed, of so many. */
  readonly failed: number
  readonly sent: number
  /** How long two nodes certainly had the address at once, from the failure to the end. */
  readonly twoHoldersMs: number
  /** Of that, after the failure was mended. */
  readonly twoHoldersAfterMs: number
  readonly before: string
  /** Who had it when the failure was mended; nobody, or several, where it is so. */
  readonly holders: readonly string[]
}

/** A client is a process that waits for its turn: what is seen may be so much above the noise, in milliseconds. */
const CLIENT_MS = 150

/** The longest time without service that was foretold, in milliseconds; undefined: until the failure is mended. */
export function foretoldMs({ outage }: Pick<Forecast, 'outage'>): number | undefined {
  if (outage.type === 'until') return undefined
  return outage.type === 'none' ? 0 : outage.atMostMs
}

/**
 * Holds what was measured against what was foretold of the same failure.
 *
 * @returns what went beyond it, as sentences
 */
export function judge(forecast: Pick<Forecast, 'outage' | 'twoHolders'>, measured: Measured): readonly string[] {
  const slackMs = measured.noiseMs + CLIENT_MS
  const mostMs = foretoldMs(forecast)
  const { twoHolders } = forecast
  const lateTwoMs = twoHolders.type === 'until-mended' ? measured.twoHoldersAfterMs : measured.twoHoldersMs
  const mostTwoMs = mostTwoHoldersMs(twoHolders, slackMs)
  return [
    ...(mostMs !== undefined && measured.gapMs > mostMs + slackMs
      ? [`nobody served for ${measured.gapMs} ms, and ${Math.round(mostMs)} were foretold (and ${Math.round(slackMs)} for the client)`]
      : []),
    ...(lateTwoMs > mostTwoMs ? [`two nodes had the address for ${lateTwoMs} ms, and ${Math.round(mostTwoMs)} were foretold`] : []),
  ]
}

function mostTwoHoldersMs(twoHolders: Forecast['twoHolders'], slackMs: number): number {
  switch (twoHolders.type) {
    case 'never':
      return 0
    case 'bounded':
      return twoHolders.atMostMs + slackMs
    case 'until-mended':
      return twoHolders.after.atMostMs + slackMs
  }
}
