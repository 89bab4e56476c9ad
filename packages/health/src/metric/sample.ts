/** One line of a scrape. */
export interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\[\\"n])*)"[ \t]*/y
const REST = /[ \t]*([^ \t]+)(?:[ \t]+([+-]?\d{1,19}))?[ \t]*$/y
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
])

/**
 * Reads a line of Prometheus' text format (version 0.0.4), without its line break. Strict: a page that is almost right is no scrape;
 * only blanks at the end of a line, which Prometheus' own linter refuses, do no harm.
 *
 * @returns `none` for a comment or an empty line, undefined for what is no line of the format
 */
export function parseSampleLine(line: string): Sample | 'none' | undefined {
  const start = line.search(/[^ \t]/)
  if (start === -1 || line[start] === '#') return 'none'
  const name = matchAt(NAME, line, start)?.[0]
  if (name === undefined) return undefined
  const labels = readLabels(line, start + name.length)
  if (!labels) return undefined
  const [, number] = matchAt(REST, line, labels.end) ?? []
  const value = number === undefined ? undefined : readNumber(number)
  // Between a bare name and its number there is a space.
  if (value === undefined || (labels.end === start + name.length && !/[ \t]/.test(line[labels.end] ?? ''))) return undefined
  return { name, labels: labels.labels, value }
}

interface Labels {
  readonly labels: ReadonlyMap<string, string>
  readonly end: number
}

function readLabels(line: string, start: number): Labels | undefined {
  const labels = new Map<string, string>()
  const open = /[ \t]*\{/y
  let at = start + (matchAt(open, line, start)?.[0].length ?? 0)
  if (at === start) return { labels, end: start }
  for (;;) {
    const label = matchAt(LABEL, line, at)
    if (label) {
      const [whole, name = '', value = ''] = label
      if (labels.has(name)) return undefined
      labels.set(name, unescaped(value))
      at += whole.length
    }
    const close = matchAt(/[ \t]*([,}])/y, line, at)
    if (!close || (close[1] === ',' && !label)) return undefined
    at += close[0].length
    if (close[1] === '}') return { labels, end: at }
  }
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_whole, character: string) => (character === 'n' ? '\n' : character))
}

function readNumber(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text)
  const [, sign = '', word = ''] = /^([+-]?)([a-z]+)$/i.exec(text) ?? []
  const value = WORDS.get(word.toLowerCase())
  return value !== undefined && sign === '-' ? -value : value
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
