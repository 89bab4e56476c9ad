import { type HotspareError, optionsError } from '@hotspare/core'

/** @returns the error for a pool that was asked for something that it cannot be or do */
export function misuse(message: string): HotspareError {
  return optionsError({ code: 'HOTSPARE_BALANCE_OPTIONS', who: 'balance', issues: [{ path: [], message }] })
}

/**
 * A misspelled option would otherwise be left out in silence, and `panik: false` would leave panic on.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` that names every key that is not among `known`, also for what is no object
 */
export function refuseUnknown(who: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw misuse(`${who}: no options: write an object with some of ${known.join(', ')}`)
  const issues = Object.keys(options)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [key], message: `unknown option: known are ${known.join(', ')}` }))
  if (issues.length > 0) throw optionsError({ code: 'HOTSPARE_BALANCE_OPTIONS', who: `balance: ${who}`, issues })
}

/**
 * `Math.random` and `Date` are taken for a generator and a clock, and would throw with the first request only.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function requireMethod(who: string, name: string, value: unknown, method: string): void {
  const own: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, method) : undefined
  if (typeof own !== 'function') throw misuse(`${who}: ${name} has no ${method}(): write one of @hotspare/core, or leave it out`)
}
