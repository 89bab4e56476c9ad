import { isTunnelAuthority, isAuthority } from './authority.ts'
import { hexDigit } from './bytes.ts'
import { type Refusal, refuse } from './refusal.ts'

/** The four forms of a request's target (RFC 9112, 3.2). */
export type RequestTarget =
  | { readonly form: 'origin' }
  /** `pathStart` is an index into the target's text; there may be no path. */
  | { readonly form: 'absolute'; readonly authority: string; readonly defaultPort: '80' | '443'; readonly pathStart: number }
  | { readonly form: 'authority'; readonly authority: string }
  | { readonly form: 'asterisk' }

export const ORIGIN_FORM: RequestTarget = Object.freeze({ form: 'origin' })
const ASTERISK_FORM: RequestTarget = Object.freeze({ form: 'asterisk' })

/** A query right behind the host belongs to the host, for some: HAProxy refuses it. */
const ABSOLUTE = /^(https?):\/\/([^/?]*)(?![^/])/i

/** What a target that does not begin with a slash is; or why it is nothing. */
export function readTarget(text: string, method: string): RequestTarget | Refusal {
  if (method === 'CONNECT') {
    return isTunnelAuthority(text) ? { form: 'authority', authority: text } : refuse(400, 'target-form', 'CONNECT wants a host and a port')
  }
  if (text.startsWith('/')) return ORIGIN_FORM
  if (text === '*') return method === 'OPTIONS' ? ASTERISK_FORM : refuse(400, 'target-form', 'only OPTIONS can be asked of *')
  const found = ABSOLUTE.exec(text)
  if (found === null) return refuse(400, 'target-form', 'the target is neither a path nor an http URL')
  const [whole, scheme = '', authority = ''] = found
  if (!isAuthority(authority)) return refuse(400, 'target-form', 'the host in the target is none')
  return { form: 'absolute', authority, defaultPort: scheme.length === 'http'.length ? '80' : '443', pathStart: whole.length }
}

const PERCENT = 0x25
const QUESTION_MARK = 0x3f

/**
 * Whether each `%` of a path stands before two hexadecimal digits (RFC 3986, 2.1). What comes behind a question mark is
 * no path, and clients write there what they like.
 */
export function escapesAreWhole(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to && bytes[at] !== QUESTION_MARK; at += 1) {
    if (bytes[at] === PERCENT && (at + 2 >= to || hexDigit(bytes[at + 1]!) < 0 || hexDigit(bytes[at + 2]!) < 0)) return false
  }
  return true
}
