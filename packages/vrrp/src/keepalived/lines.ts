/** A line of a configuration, with its place. */
export interface Line {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** What a line consists of: words, and braces that no quotes hold. */
export type Token = { readonly type: 'word'; readonly text: string } | { readonly type: 'open' } | { readonly type: 'close' }

const ESCAPED = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['E', '\u001B'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

/** Takes a comment off, which begins at `#` or `!` outside of quotes. */
export function withoutComment(text: string): string {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') at++
    else if (quote !== '') quote = character === quote ? '' : quote
    else if (character === '"' || character === "'") quote = character
    else if (character === '#' || character === '!') return text.slice(0, at)
  }
  return text
}

/** Takes a line without comments apart. A quote that is not closed ends with the line. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let word: string | undefined
  let isQuoted = false
  let quote = ''
  const flush = () => {
    if (word === undefined) return
    if (!isQuoted && (word === '{' || word === '}')) tokens.push({ type: word === '{' ? 'open' : 'close' })
    else if (!isQuoted && word.length > 1 && word.endsWith('{') && !word.includes('${'))
      tokens.push({ type: 'word', text: word.slice(0, -1) }, { type: 'open' })
    else tokens.push({ type: 'word', text: word })
    word = undefined
    isQuoted = false
  }
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\' && at + 1 < text.length) {
      const next = text.charAt(++at)
      word = (word ?? '') + (quote === '' ? next : (ESCAPED.get(next) ?? next))
    } else if (quote !== '') {
      if (character === quote) quote = ''
      else word = (word ?? '') + character
    } else if (character === '"' || character === "'") {
      quote = character
      isQuoted = true
      word ??= ''
    } else if (/\s/.test(character)) flush()
    else word = (word ?? '') + character
  }
  flush()
  return tokens
}
