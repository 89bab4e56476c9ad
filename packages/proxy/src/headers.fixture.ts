import type { FlatHeaders } from './headers.ts'

/** The value of the first header of that name, or undefined. */
export function headerValue(headers: FlatHeaders, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

/** How often a header of that name stands in the list. */
export function headerCount(headers: FlatHeaders, name: string): number {
  let count = 0
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) count += 1
  }
  return count
}
