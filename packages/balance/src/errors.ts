import { type HotspareError, optionsError } from '@hotspare/core'

/** @returns the error for a pool that was asked for something that it cannot be or do */
export function misuse(message: string): HotspareError {
  return optionsError({ code: 'HOTSPARE_BALANCE_OPTIONS', who: 'balance', issues: [{ path: [], message }] })
}

/**
 * A misspelled option would otherwise be left out in silence, and `panik: false` would leave panic on.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` that names every key that is not among `known`
 */
export function refuseUnknown(who: string, options: object, known: readonly string[]): void {
  const issues = Object.keys(options)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [key], message: `unknown option: known are ${known.join(', ')}` }))
  if (issues.length > 0) throw optionsError({ code: 'HOTSPARE_BALANCE_OPTIONS', who: `balance: ${who}`, issues })
}
