import { RE2JS } from 're2js'
import { z } from 'zod'

/** A regular expression whose search takes a time proportional to the text, whatever the text is. */
export interface Pattern {
  /** As it was written. */
  readonly source: string
  /** @returns where the leftmost match ends, as an index into `text`, or undefined where nothing matches */
  endOfMatch(text: string): number | undefined
}

/** Long enough for a line of a protocol; a longer one is hard to read and slow. */
const MAX_PATTERN_CHARACTERS = 200

/** `a{1000}` is short to write and long to run: this is what it is compiled to. */
const MAX_PROGRAM_SIZE = 2_000

/**
 * A regular expression in RE2's syntax: JavaScript's without back-references and look-around. A backtracking engine, given a
 * careless pattern, lets whoever answers a probe hold up the whole process; this one cannot.
 *
 * @returns undefined for what is no pattern, or too large a one
 */
export function compilePattern(source: string): Pattern | undefined {
  if (source.length === 0 || source.length > MAX_PATTERN_CHARACTERS) return undefined
  try {
    const compiled = RE2JS.compile(source)
    if (compiled.programSize() > MAX_PROGRAM_SIZE) return undefined
    return {
      source,
      endOfMatch(text) {
        const matcher = compiled.matcher(text)
        return matcher.find() ? matcher.end() : undefined
      },
    }
  } catch {
    return undefined
  }
}

/** A pattern in options. */
export const patternSchema: z.ZodString = z.string().refine((source) => compilePattern(source) !== undefined, {
  message: `must be a regular expression of at most ${MAX_PATTERN_CHARACTERS} characters, without back-references and look-around`,
})
