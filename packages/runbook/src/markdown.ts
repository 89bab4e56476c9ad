import { clipDetail } from '@hotspare/core'

/** Printed on A4 in 10 points, and in an 80-column terminal, a line stays whole. */
const LINE_CHARACTERS = 78

/** A sentence or two: what is longer is no longer read at night. */
const PROSE_CHARACTERS = 600

/** A space at which no line is broken. Never part of a value: those are cleaned, or refused, before. */
const HARD_SPACE = '\u0000'

/** What begins a list where it begins a line. */
const LIST_NUMBER = /^(\d+)([.)])$/

/** Markdown that may stand in a line. Only this file makes it, so nothing from outside gets in unescaped. */
export interface Inline {
  readonly markdown: string
}

/** Our own words are Markdown as they are; each value that is a plain text is escaped. */
export function inline(words: TemplateStringsArray, ...values: readonly (string | Inline)[]): Inline {
  return { markdown: words.map((word, index) => word.replaceAll('\n', ' ') + markdownOf(values[index] ?? '')).join('') }
}

export function joined(parts: readonly (string | Inline)[], separator: string): Inline {
  return { markdown: parts.map(markdownOf).join(separator) }
}

/** A name inside a line; never broken. */
export function code(text: string): Inline {
  const shown = cleaned(text) || '?'
  const ticks = '`'.repeat(longestRun(shown) + 1)
  const space = /^`|`$/.test(shown) ? ' ' : ''
  return { markdown: `${ticks}${space}${shown}${space}${ticks}`.replaceAll(' ', HARD_SPACE) }
}

/** A block that comes out letter by letter. */
export function fence(language: 'sh' | 'text', text: string): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${ticks}${language}\n${text}\n${ticks}`
}

export function heading(level: 1 | 2 | 3, text: Inline): string {
  return `${'#'.repeat(level)} ${oneLine(text)}`
}

export function paragraph(text: Inline): string {
  return wrapped(text, '', '')
}

export function bullets(items: readonly Inline[]): string {
  return items.map((item) => wrapped(item, '- ', '  ')).join('\n')
}

/** A box to tick. */
export function task(text: Inline): string {
  return wrapped(text, '- [ ] ', '  ')
}

export function table(head: readonly string[], rows: readonly (readonly Inline[])[]): string {
  const cells = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Parsers disagree about an upright bar that is escaped inside a cell: an overview can do without. */
function cell(text: Inline): string {
  return oneLine(text).replaceAll(/\\?\|/g, '¦')
}

function markdownOf(value: string | Inline): string {
  return typeof value === 'string' ? prose(value) : value.markdown
}

function prose(text: string): string {
  const words = cleaned(text).split(' ')
  return words.map((word, index) => `${index === 0 ? '' : LIST_NUMBER.test(word) ? HARD_SPACE : ' '}${escaped(word, index)}`).join('')
}

/** One line, without what could make it look like another one. */
function cleaned(text: string): string {
  return clipDetail(text.replaceAll(/\p{Bidi_Control}/gu, ''), PROSE_CHARACTERS)
}

/** No letter of the word means anything to Markdown, wherever in a line it comes to stand. */
function escaped(word: string, index: number): string {
  // A backslash does not keep GitHub's Markdown from making a link of an address; being code does. Our own words may add a dot.
  if (/:\/\/|@|www(?:\.|$)|mailto:|xmpp:/i.test(word)) return code(word).markdown
  // A number that ends a sentence never begins a line: it is tied to the word before it.
  if (index > 0 && LIST_NUMBER.test(word)) return word
  return word
    .replaceAll(/[\\`*[\]<>|~$]/g, String.raw`\$&`)
    .replaceAll(/&(?=[#\w])/g, String.raw`\&`)
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, String.raw`\_`)
    .replace(/^[-+=#:]/, String.raw`\$&`)
    .replace(LIST_NUMBER, String.raw`$1\$2`)
}

function oneLine({ markdown }: Inline): string {
  return markdown.replaceAll(HARD_SPACE, ' ')
}

function wrapped({ markdown }: Inline, first: string, rest: string): string {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of markdown.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > LINE_CHARACTERS) {
      lines.push(line)
      line = rest
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join('\n').replaceAll(HARD_SPACE, ' ')
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
}
