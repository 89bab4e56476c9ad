import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const docs = resolve(import.meta.dirname, '..')

/** A fenced block of a page. */
export interface Block {
  /** `guide/alerts.md:7`, the line of the fence. */
  readonly source: string
  /** The words behind the fence: the language, and what it is marked as. */
  readonly words: readonly string[]
  readonly text: string
}

/** The pages that people write; what is generated or included is not among them. */
export function pages(): readonly string[] {
  return globSync('**/*.md', { cwd: docs, exclude: ['**/node_modules/**'] }).toSorted()
}

export function readPage(page: string): string {
  return readFileSync(resolve(docs, page), 'utf8')
}

export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { readonly line: number; readonly words: readonly string[]; readonly lines: string[] } | undefined
  for (const [index, line] of readPage(page).split('\n').entries()) {
    const [, info] = /^```(.*)$/.exec(line) ?? []
    if (info === undefined) open?.lines.push(line)
    else if (open) {
      blocks.push({ source: `${page}:${open.line}`, words: open.words, text: open.lines.join('\n') })
      open = undefined
    } else open = { line: index + 1, words: info.trim().split(/\s+/), lines: [] }
  }
  return blocks
}
