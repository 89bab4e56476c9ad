import { failed } from '../failure.ts'
import { end, type Part, readLine } from './moves.ts'

/** An answer of SMTP or FTP: a code of three digits, and lines for people. */
export interface Reply {
  readonly code: number
  /** What stands behind the code, line by line. */
  readonly lines: readonly string[]
  /** The code and the first line, for people. */
  readonly text: string
}

/** Twice what RFC 5321 allows for a line of a reply: some servers are generous. */
const MAX_LINE_BYTES = 1_024

/** An EHLO is answered with some twenty lines, a banner by an eager administrator may take more. */
const MAX_LINES = 100

/** A reply of one line or more, `250-...` until `250 ...` (RFC 5321 4.2, RFC 959 4.2). */
export function* readReply(what: string): Part<Reply> {
  const first = splitLine(yield* readLine(what, MAX_LINE_BYTES))
  if (!first) return yield* end(failed('protocol', `${what} does not begin with a code of three digits`))
  const lines = [first.rest]
  for (let more = first.more; more;) {
    if (lines.length >= MAX_LINES) return yield* end(failed('protocol', `${what} is longer than ${MAX_LINES} lines`))
    const line = yield* readLine(what, MAX_LINE_BYTES)
    const split = splitLine(line)
    // FTP lets the lines in between look as they like.
    more = split?.code !== first.code || split.more
    lines.push(split?.code === first.code ? split.rest : line)
  }
  return { code: first.code, lines, text: `${first.code} ${first.rest}`.trim() }
}

function splitLine(line: string): { readonly code: number; readonly more: boolean; readonly rest: string } | undefined {
  const [, code, mark, rest = ''] = /^([1-5]\d\d)(?:([ -])(.*))?$/s.exec(line) ?? []
  return code === undefined ? undefined : { code: Number(code), more: mark === '-', rest }
}
