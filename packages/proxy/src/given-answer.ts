import { HOP_BY_HOP, isFieldValue } from './headers.ts'
import type { GivenAnswer } from './types.ts'

/** What says where an answer or its connection ends is the proxy's to write. */
const NOT_GIVEN: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'content-length'])
/** RFC 9110, 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Whether an answer of that status has no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

/** Why an answer cannot be written as it is; undefined: it can. It never shows a value. */
export function problemOfAnswer(answer: GivenAnswer): string | undefined {
  const { status, headers = {}, body } = answer
  if (!Number.isInteger(status) || status < 200 || status > 599) return `its status is ${String(status)}, and not one from 200 to 599`
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) return 'its body is neither a text nor bytes'
  if (isBodiless(status) && body !== undefined && body.length > 0) return `an answer with ${status} has no body`
  for (const [name, value] of Object.entries(headers)) {
    const problem = problemOfHeader(name, value)
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemOfHeader(name: string, value: unknown): string | undefined {
  if (!TOKEN.test(name)) return `the header ${JSON.stringify(name.slice(0, 40))} has no legal name`
  if (NOT_GIVEN.has(name.toLowerCase())) return `the header ${name} is the proxy's to write`
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.every((each) => typeof each === 'string' && isFieldValue(each))
    ? undefined
    : `the header ${name} has a value that is no text of one line`
}
