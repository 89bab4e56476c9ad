import { assertNever, errorCode, errorText } from '@hotspare/core'
import { degraded, failed, type Finding, inconclusive, passed } from '../failure.ts'
import { firstLine, isOwnShortage, type ProgramEnd, startProblem } from './program-end.ts'

/** Exit codes as Consul and Nagios read them: 0 is well, 1 warns, all others are failures. */
export function judgeProgram(end: ProgramEnd): Finding {
  switch (end.kind) {
    case 'exited':
      if (end.code === 0) return passed(firstLine(end) ?? 'exit code 0')
      if (end.code === 1) return degraded(withLine('exit code 1', firstLine(end)))
      return failed('exit', withLine(`exit code ${end.code}`, firstLine(end)))
    case 'killed':
      return failed('exit', withLine(`ended by ${end.by}`, firstLine(end)))
    case 'flooded':
      return failed('exit', `ended, because it wrote more than ${end.maxBytes} bytes`)
    case 'not-started':
      return judgeStart(end.error)
    default:
      return assertNever(end)
  }
}

function judgeStart(error: unknown): Finding {
  const code = errorCode(error)
  if (isOwnShortage(code)) return inconclusive(`this machine could not start it (${code})`)
  // As a wrong option, but found only when it is tried: it is people who have to mend it, and silence would hide that.
  return failed('error', `cannot be started: ${startProblem(code) ?? errorText(error)}${code === undefined ? '' : ` (${code})`}`)
}

function withLine(what: string, line: string | undefined): string {
  return line === undefined ? what : `${what}: ${line}`
}
