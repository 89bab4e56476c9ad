/** What a check must show, in words. */
export interface Expectation {
  /** What comes before the block, or all there is to say: `nothing at all`. */
  readonly words: string
  /** For a block of its own; undefined where the words are enough. */
  readonly block: string | undefined
}

/** Says a pattern as people say it: who is woken at night should not have to read a regular expression that is none. */
export function expectationOf(pattern: string): Expectation {
  if (pattern === '^$') return { words: 'nothing at all', block: undefined }
  const { start, body, end } = partsOf(pattern)
  const literal = literalOf(body)
  if (literal === undefined) return { words: 'something that matches this regular expression', block: pattern }
  const words = start ? (end ? 'exactly this line' : 'a line that begins with') : end ? 'a line that ends with' : 'a line that contains'
  return { words, block: literal }
}

function partsOf(pattern: string): { start: boolean; body: string; end: boolean } {
  const start = pattern.startsWith('^')
  const end = /(?<!\\)(?:\\\\)*\$$/.test(pattern)
  return { start, body: pattern.slice(start ? 1 : 0, end ? -1 : undefined), end }
}

/** @returns the one text that the pattern matches; undefined where there may be others */
function literalOf(body: string): string | undefined {
  if (!/^(?:[^\\^$.*+?()[\]{}|\n]|\\[\\^$.*+?()[\]{}|/])+$/u.test(body)) return undefined
  return body.replaceAll(/\\(.)/gu, '$1')
}
