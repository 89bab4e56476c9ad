import { keepalivedDefaults } from '../defaults.ts'
import { type Line, withoutComment } from './lines.ts'

/** A file of a configuration. */
export interface SourceText {
  /** As it is shown, and as relative includes start from it. */
  readonly file: string
  readonly text: string
}

/** Finds the files of an `include`; an empty list where there is none. */
export type IncludeReader = (pattern: string, from: string) => readonly SourceText[]

/** Something that is not as it should be. Never a value, which may be a secret. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly message: string
}

export interface Expansion {
  /** Without comments, includes, conditions and definitions. */
  readonly lines: readonly Line[]
  readonly problems: readonly Problem[]
}

const DEFINITION = /^\s*\$([A-Za-z_]\w*)=(.*)$/su
const INCLUDE = /^\s*include[rmwba]?\s+(\S.*?)\s*$/u
const CONDITION = /^\s*@(\^?)(\S+)(?:\s+(.*))?$/su
const SEQUENCE = /^\s*~(?:SEQx?|LST)\b/u

/**
 * Puts includes and definitions in and takes comments and conditions out, as keepalived does it: line by line, so that a definition
 * holds from its line on.
 *
 * @param configId what `@name` is compared with: keepalived's `-i`, or the first part of the host's name
 */
export function expand(source: SourceText, configId: string, read: IncludeReader): Expansion {
  const lines: Line[] = []
  const problems: Problem[] = []
  const definitions = new Map<string, string>()
  let files = 0
  let steps = 0
  let isFull = false
  const tell = (at: { readonly file: string; readonly line: number }, message: string) => {
    if (problems.length < keepalivedDefaults.maxTold) problems.push({ file: at.file, line: at.line, message })
  }

  const addFile = ({ file, text }: SourceText, depth: number) => {
    if (++files > keepalivedDefaults.maxFiles) return tell({ file, line: 1 }, `more than ${keepalivedDefaults.maxFiles} files are included`)
    if (text.length > keepalivedDefaults.maxFileBytes) return tell({ file, line: 1 }, 'the file is larger than any configuration')
    definitions.set('_PWD', file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.')
    const physical = text.split(/\r?\n/u)
    for (let index = 0; index < physical.length; index++) {
      if (isFull) return
      const at = { file, line: index + 1 }
      let line = withoutComment(physical[index] ?? '')
      // A definition of several lines: each but the last ends in a backslash.
      while (
        /^\s*(?:@\S+\s+)?\$\w+=/u.test(line) &&
        /\\\s*$/u.test(line) &&
        index + 1 < physical.length &&
        line.length < keepalivedDefaults.maxLineCharacters
      ) {
        line = `${line.replace(/\\\s*$/u, '')}\n${withoutComment(physical[++index] ?? '')}`
      }
      const pattern = INCLUDE.exec(line)?.[1]
      if (pattern === undefined) addLine({ ...at, text: line }, 0)
      else include(pattern.replaceAll(/^["']|["']$/gu, ''), at, depth)
    }
  }

  const include = (pattern: string, at: { readonly file: string; readonly line: number }, depth: number) => {
    if (depth >= keepalivedDefaults.maxDepth) return tell(at, `includes go deeper than ${keepalivedDefaults.maxDepth}`)
    const found = read(pattern, at.file)
    if (found.length === 0) tell(at, `include ${pattern}: there is no such file, or it cannot be read`)
    const outer = definitions.get('_PWD') ?? '.'
    for (const each of found) addFile(each, depth + 1)
    definitions.set('_PWD', outer)
  }

  const addLine = (line: Line, round: number): void => {
    if (isFull) return
    // Definitions in definitions may come to more than any machine can do, and leave nothing behind.
    if (++steps > keepalivedDefaults.maxLines) {
      isFull = true
      return tell(line, `more than ${keepalivedDefaults.maxLines} lines; the rest is left out`)
    }
    const condition = CONDITION.exec(line.text)
    if (condition) {
      const [, not = '', name = '', rest = ''] = condition
      if ((name === configId) === (not === '')) addLine({ ...line, text: rest }, round + 1)
      return
    }
    const definition = DEFINITION.exec(line.text)
    if (definition) {
      definitions.set(definition[1] ?? '', (definition[2] ?? '').trim())
      return
    }
    if (SEQUENCE.test(line.text)) return tell(line, '~SEQ and ~LST are not followed: what they make is missing here')
    const text = substitute(line, round)
    if (text === undefined) return
    if (text !== line.text || text.includes('\n')) {
      // It may have become several lines, a condition or a definition.
      for (const part of text.split('\n')) addLine({ ...line, text: part }, round + 1)
      return
    }
    if (text.trim() === '') return
    lines.push(line)
  }

  const substitute = (line: Line, round: number): string | undefined => {
    if (round > keepalivedDefaults.maxRounds) {
      tell(line, 'a definition leads back to itself')
      return undefined
    }
    let added = 0
    const text = line.text.replaceAll(/\$(?:\{(\w+)\}|(\w+)(?=\s|$))/gu, (whole, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare ?? ''
      const value = (name === '_INSTANCE' ? configId : definitions.get(name)) ?? whole
      added += value.length
      return added > keepalivedDefaults.maxLineCharacters ? '' : value
    })
    if (added <= keepalivedDefaults.maxLineCharacters && text.length <= 2 * keepalivedDefaults.maxLineCharacters) return text
    tell(line, 'the line is too long once its definitions are put in')
    return undefined
  }

  addFile(source, 0)
  return { lines, problems }
}
