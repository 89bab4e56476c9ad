import { RE2JS } from 're2js'
import { z } from 'zod'

/** A regular expression whose search takes a time proportional to the text, whatever the text is. */
export interface Pattern {
  /** As it was written. */
  readonly source: string
  /** @returns where the leftmost match ends, as an index into `text`, or undefined where nothing matches */
  endOfMatch(text: string): number | undefined
  /** In more characters than these a search may hold up the process for too long. */
  readonly longestText: number
}

/** Long enough for a line of a protocol; a longer one is hard to read and slow. */
const MAX_PATTERN_CHARACTERS = 200

/** `a{1000}` is short to write and long to run: this is what it is compiled to. As long as the longest pattern without such counts. */
const MAX_PROGRAM_SIZE = 250

/**
 * A character may cost a step for each instruction, and a step takes some 30 ns: at worst a search takes half a second, which is as
 * long as a probe may take. So the largest program is searched for in 64 KiB, and a smaller one in more.
 */
const MAX_SEARCH_STEPS = MAX_PROGRAM_SIZE * 65_536
const MAX_TEXT_CHARACTERS = 1_048_576

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
    const size = compiled.programSize()
    if (size > MAX_PROGRAM_SIZE) return undefined
    return {
      source,
      longestText: Math.min(MAX_TEXT_CHARACTERS, Math.floor(MAX_SEARCH_STEPS / size)),
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
