import { HotspareError } from '@hotspare/core'

/** @returns the error for a pool that was asked for something that it cannot be or do */
export function misuse(message: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_BALANCE_OPTIONS', message: `balance: ${message}` })
}
