import { compilePattern } from '../pattern.ts'
import { type HeaderField, valuesOf } from './response-head.ts'

/** A header field that the answer must have. */
export interface HeaderExpectation {
  /** In lower case. */
  readonly name: string
  readonly matches: (value: string) => boolean
  /** In more characters than these a match may take too long. */
  readonly longestText: number
}

/**
 * Reads what a header should be: a text that it equals, or a pattern between slashes that is found in it.
 *
 * @returns undefined where it looks like a pattern and is none
 */
export function headerExpectation(name: string, expected: string): HeaderExpectation | undefined {
  const lowerName = name.toLowerCase()
  const source = /^\/(.+)\/$/s.exec(expected)?.[1]
  if (source === undefined) return { name: lowerName, matches: (value) => value === expected, longestText: Infinity }
  const pattern = compilePattern(source)
  return pattern && { name: lowerName, matches: (value) => pattern.endOfMatch(value) !== undefined, longestText: pattern.longestText }
}

/** @returns the first expectation that does not hold, without the value, in which a session may stand; or undefined */
export function headerMismatch(headers: readonly HeaderField[], expectations: readonly HeaderExpectation[]): string | undefined {
  for (const { name, matches } of expectations) {
    const values = valuesOf(headers, name)
    if (values.length === 0) return `the header ${name} is missing`
    if (!values.some(matches)) return `the header ${name} is another than expected`
  }
  return undefined
}
