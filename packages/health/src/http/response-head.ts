/** A header field as it came: the name in lower case, the value without the white space around it. */
export type HeaderField = readonly [name: string, value: string]

/** The status line and the header of an HTTP/1.x answer. */
export interface ResponseHead {
  readonly status: number
  readonly headers: readonly HeaderField[]
}

/** Bytes that are no HTTP, and why, in words that quote nothing of them. */
interface HttpProblem {
  readonly problem: string
}

/** Interim answers (1xx) before the real one; a target that sends them without end is broken. */
export const MAX_INTERIM_ANSWERS = 10

/** How the end of a body is known (RFC 9112, section 6.3). */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

/** Control characters, and line ends other than CR LF. Bytes from 80 to 9F are no control characters here, but parts of UTF-8. */
const FORBIDDEN = /(?![\t\r\n\u0080-\u009F])\p{Cc}|\r(?!\n)|(?<!\r)\n/u

const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: .*)?$/

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Reads a head as strictly as a careful proxy does (RFC 9112): CR LF alone ends a line, no folded lines, no space before a colon.
 *
 * @param text the head without the empty line at its end, a character for a byte
 */
export function parseResponseHead(text: string): ResponseHead | HttpProblem {
  if (FORBIDDEN.test(text)) return { problem: 'a control character or a lone line end in the header' }
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = STATUS_LINE.exec(statusLine)?.[1]
  if (status === undefined) return { problem: 'the status line is not that of HTTP/1.x' }
  const headers: HeaderField[] = []
  for (const line of lines) {
    if (line.startsWith(' ') || line.startsWith('\t')) return { problem: 'a folded header line' }
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0))
    if (!TOKEN.test(name)) return { problem: 'a header line without a valid name' }
    headers.push([name.toLowerCase(), withoutOuterSpace(line, colon + 1)])
  }
  return { status: Number(status), headers }
}

/** @param method of the request: an answer to HEAD has no body, whatever its header says */
export function bodyFraming({ status, headers }: ResponseHead, method: string): BodyFraming | HttpProblem {
  const codings = valuesOf(headers, 'transfer-encoding')
  const lengths = valuesOf(headers, 'content-length')
  // Two readers that choose differently between two lengths see two different messages (request smuggling): neither is right.
  if (lengths.length > 1) return { problem: 'more than one Content-Length' }
  if (codings.length > 0 && lengths.length > 0) return { problem: 'both a Content-Length and a Transfer-Encoding' }
  const [length] = lengths
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return { problem: 'a Content-Length that is no number' }
  if (codings.length > 1 || (codings[0] !== undefined && codings[0].toLowerCase() !== 'chunked')) {
    return { problem: 'a Transfer-Encoding other than chunked' }
  }
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' }
  if (codings.length > 0) return { kind: 'chunked' }
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', bytes: Number(length) }
}

export function valuesOf(headers: readonly HeaderField[], wanted: string): readonly string[] {
  const values: string[] = []
  for (const [name, value] of headers) if (name === wanted) values.push(value)
  return values
}

/** Not `trim()`, which also takes characters that belong to the value, and no pattern, which may take the square of the length. */
function withoutOuterSpace(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isSpace(line.charCodeAt(start))) start += 1
  while (end > start && isSpace(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
