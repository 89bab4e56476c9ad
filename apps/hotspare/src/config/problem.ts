import { HotspareError } from '@hotspare/core'
import { limits } from './defaults.ts'

/** A place in the file; both numbers start at 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something in the file that is wrong, or, as a warning, that is probably not meant. No text in it holds a secret. */
export interface ConfigProblem extends Position {
  /** `pools.shop.targets[1].url`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly hint?: string | undefined
}

/** Where a value lies: the keys and indexes that lead to it. */
export type Path = readonly (string | number)[]

/** A problem that knows its path and not yet its line. */
export interface Finding {
  readonly path: Path
  /** Where to point: at the value of `path`, at its key, or at another key inside of it. Default: the value */
  readonly at?: 'key' | { readonly keyInside: string } | undefined
  readonly message: string
  readonly hint?: string | undefined
}

/** Thrown when a file cannot be used; holds every problem of the file, in the order of the file. */
export class ConfigError extends HotspareError {
  /** The file, as the caller named it. */
  readonly file: string
  readonly problems: readonly ConfigProblem[]

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super({ code: 'HOTSPARE_CONFIG_INVALID', message: messageOf(file, problems) })
    this.name = 'ConfigError'
    this.file = file
    this.problems = problems.slice(0, limits.problems)
  }
}

function messageOf(file: string, problems: readonly ConfigProblem[]): string {
  const lines = problems.slice(0, limits.problems).map((problem) => formatProblem(file, problem))
  const unlisted = problems.length - lines.length
  return [...lines, ...(unlisted > 0 ? [`${file}: and ${unlisted} more`] : [])].join('\n')
}

/** `hotspare.yaml:12:7: pools.shop.health: unknown key "intervall"; did you mean "interval"?` */
export function formatProblem(file: string, problem: ConfigProblem): string {
  const where = `${file}:${problem.line}:${problem.column}`
  const what = problem.hint === undefined ? problem.message : `${problem.message}; ${problem.hint}`
  return [where, ...(problem.path === '' ? [] : [problem.path]), what].join(': ')
}

/** In the order of the file; those of one place stay in the order in which they were found. */
export function inFileOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column)
}

export function formatPath(path: Path): string {
  return path.map((part, index) => formatPart(part, index === 0)).join('')
}

function formatPart(part: string | number, first: boolean): string {
  if (typeof part === 'number') return `[${part}]`
  if (!/^[\w-]+$/.test(part)) return `[${quote(part)}]`
  return first ? part : `.${part}`
}

const QUOTED_LENGTH = 60

/** A text between quotation marks, on one line and not too long. */
export function quote(text: string): string {
  const shown = text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text
  return JSON.stringify(shown)
}
