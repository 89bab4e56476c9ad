import { alertDefaults } from './defaults.ts'

/**
 * Text from anywhere as one harmless line: control characters (line breaks, terminal escapes) and the marks that reverse
 * the direction of writing become a space, and what is longer than `maxLength` ends in an ellipsis.
 */
export function oneLine(text: string, maxLength: number = alertDefaults.lineLength): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim()
  if (line.length <= maxLength) return line
  // Not through the middle of a character outside the basic plane.
  return `${line.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** A time of the wall clock as people and machines read it; a number that is no time is shown as it is. */
export function isoTime(epochMs: number): string {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString()
}
