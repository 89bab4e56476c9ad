import { keepalivedDefaults } from '../defaults.ts'
import type { Problem } from './expand.ts'
import { type Line, tokensOf } from './lines.ts'

/** A line of a configuration, and what stands between the braces behind it. */
export interface Statement {
  readonly file: string
  readonly line: number
  readonly words: readonly string[]
  /** Undefined where there are no braces. */
  readonly block: readonly Statement[] | undefined
}

interface OpenStatement {
  readonly file: string
  readonly line: number
  readonly words: readonly string[]
  block: OpenStatement[] | undefined
}

/** Makes a tree of lines. A brace too many or too few is told of, and the rest is read as well as it can be. */
export function readBlocks(lines: readonly Line[]): { readonly statements: readonly Statement[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const top: OpenStatement[] = []
  const open: OpenStatement[] = []
  const tell = ({ file, line }: { readonly file: string; readonly line: number }, message: string) => {
    if (problems.length < keepalivedDefaults.maxTold) problems.push({ file, line, message })
  }
  let last: OpenStatement | undefined
  for (const line of lines) {
    let words: string[] = []
    const place = () => open.at(-1)?.block ?? top
    const flush = () => {
      if (words.length === 0) return
      last = { file: line.file, line: line.line, words, block: undefined }
      place().push(last)
      words = []
    }
    for (const token of tokensOf(line.text)) {
      if (token.type === 'word') words.push(token.text)
      else if (token.type === 'open') {
        flush()
        // A brace may stand on a line of its own, behind the line that it belongs to.
        if (!last || last.block) {
          last = { file: line.file, line: line.line, words: [], block: undefined }
          place().push(last)
        }
        if (open.length >= keepalivedDefaults.maxBlocks) {
          tell(line, `blocks go deeper than ${keepalivedDefaults.maxBlocks}; the rest is left out`)
          return { statements: top, problems }
        }
        last.block = []
        open.push(last)
        last = undefined
      } else {
        flush()
        if (open.pop() === undefined) tell(line, 'a } closes nothing')
        last = undefined
      }
    }
    flush()
  }
  for (const { file, line, words } of open) tell({ file, line }, `the block ${words[0] ?? '{'} is not closed`)
  return { statements: top, problems }
}
