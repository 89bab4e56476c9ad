/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly code: string
  /** Fenced as ```` ```ts no-run ````: shown, never run. */
  readonly run: boolean
}

/** @returns the ```` ```ts ```` blocks of a Markdown text, from top to bottom */
export function typescriptBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { fence: string; words: readonly string[]; line: number; code: string[] } | undefined
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, fence = '', info = ''] = /^\s{0,3}(`{3,}|~{3,})\s*([^`]*)$/.exec(text) ?? []
    if (!open) {
      if (fence) open = { fence, words: info.trim().split(/\s+/), line: index + 2, code: [] }
    } else if (fence.startsWith(open.fence) && info.trim() === '') {
      if (open.words[0] === 'ts') {
        blocks.push({ line: open.line, code: `${open.code.join('\n')}\n`, run: !open.words.includes('no-run') })
      }
      open = undefined
    } else open.code.push(text)
  }
  return blocks
}
