import { responseHeaders } from '../headers.ts'
import type { AnswerFacts } from '../types.ts'
import type { ResponseHead } from './response-head.ts'

/** What an answer says of itself, copied out of a head that ends soon. */
export function answerFacts({ status, fields }: ResponseHead): AnswerFacts {
  const lines: string[] = []
  for (let line = 0; line < fields.count; line += 1) lines.push(fields.name(line), fields.value(line))
  const kept = responseHeaders(lines)
  const headers = new Map<string, string>()
  for (let index = 0; index < kept.length; index += 2) {
    const name = (kept[index] ?? '').toLowerCase()
    const value = kept[index + 1] ?? ''
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { status, headers: Object.fromEntries(headers) }
}
