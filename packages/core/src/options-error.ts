import { HotspareError } from './errors.ts'
import { clipDetail } from './text.ts'

/** One thing that is wrong with options; the issues of zod fit. */
export interface OptionsIssue {
  /** Leads to the wrong option; empty for the options as a whole. */
  readonly path: readonly PropertyKey[]
  /** What is wrong, without the value, which may be a secret. */
  readonly message: string
}

/** Nobody mends more at once. */
const SHOWN_ISSUES = 5

/** A few lines of a terminal: keys and messages may come from a file. */
const MESSAGE_CHARACTERS = 600

/**
 * The error of a factory whose options cannot work: one line that names each wrong option, like
 * `alerter: queueSize: expected number; channels.0: expected a channel`.
 *
 * @returns an error to throw, not retryable
 */
export function optionsError(problem: {
  readonly code: `HOTSPARE_${string}`
  /** Whose options they are: `alerter`. */
  readonly who: string
  readonly issues: readonly OptionsIssue[]
}): HotspareError {
  const { code, who, issues } = problem
  const told = issues.filter(isFirstOfItsPath)
  const shown = told.slice(0, SHOWN_ISSUES).map(({ path, message }) => [path.map(String).join('.'), message].filter(Boolean).join(': '))
  const unshown = told.length - shown.length
  const text = [...shown, ...(unshown > 0 ? [`and ${unshown} more`] : [])].join('; ')
  return new HotspareError({ code, message: clipDetail(`${who}: ${text || 'the options are not valid'}`, MESSAGE_CHARACTERS) })
}

/** What is not even of the right type fails the checks that follow too, and their messages make no sense. */
function isFirstOfItsPath({ path }: OptionsIssue, index: number, issues: readonly OptionsIssue[]): boolean {
  if (path.length === 0) return true
  const place = path.map(String).join('.')
  return issues.findIndex((other) => other.path.map(String).join('.') === place) === index
}
