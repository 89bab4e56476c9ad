import { STATUS_CODES } from 'node:http'
import { isBodiless } from '../given-answer.ts'
import type { ErrorPages, GivenAnswer } from '../types.ts'

/** An answer that comes of no target, ready but for what depends on its connection. One character is one byte. */
export interface OwnAnswer {
  readonly status: number
  /** Whole lines. */
  readonly fields: string
  readonly body: string
}

export interface OwnAnswerOptions {
  /** Now, as `Date` has it; not needed where the answer has one. */
  readonly date: string
  readonly close: boolean
  readonly withBody: boolean
}

/** The proxy says no. It names no target: what happened inside is for the operator, not for the client. */
export function refusalAnswer(status: number, pages: ErrorPages | undefined): OwnAnswer {
  const page = pages?.[status]
  const type = page ? page.contentType : 'text/plain; charset=utf-8'
  const retry = status === 503 ? 'retry-after: 1\r\n' : ''
  return {
    status,
    fields: `content-type: ${type}\r\ncache-control: no-store\r\n${retry}`,
    body: page ? asLatin1(page.body) : `hotspare: ${status} ${STATUS_CODES[status]}\n`,
  }
}

/** @param given found sound by `problemOfAnswer` */
export function givenAnswer(given: GivenAnswer): OwnAnswer {
  let fields = ''
  for (const [name, value] of Object.entries(given.headers ?? {})) {
    for (const each of typeof value === 'string' ? [value] : value) fields += `${name}: ${each}\r\n`
  }
  return { status: given.status, fields, body: given.body === undefined ? '' : asLatin1(given.body) }
}

/** As it goes to the client, as latin1. */
export function writeOwnAnswer({ status, fields, body }: OwnAnswer, { date, close, withBody }: OwnAnswerOptions): string {
  // A 304 would say how long another answer was (RFC 9110, 8.6), and that is not known.
  const length = status === 204 || status === 304 ? '' : `content-length: ${body.length}\r\n`
  const dated = /^date:/im.test(fields) ? '' : `date: ${date}\r\n`
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${fields}${length}${dated}${close ? 'connection: close\r\n' : ''}\r\n`
  return withBody && !isBodiless(status) ? head + body : head
}

function asLatin1(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return bytes.toString('latin1')
}

/** How much of an answer of the proxy's own, as it was written, is its body. */
export function bodyBytesOf(answer: string): number {
  return answer.length - answer.indexOf(END_OF_HEAD) - END_OF_HEAD.length
}

const END_OF_HEAD = '\r\n\r\n'

export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
