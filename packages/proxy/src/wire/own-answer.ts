import { STATUS_CODES } from 'node:http'

export interface OwnAnswerOptions {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
  readonly close: boolean
  readonly withBody: boolean
}

/** The proxy's own answer, as latin1. It names no target: what happened inside is for the operator, not for the client. */
export function ownAnswer(status: number, options: OwnAnswerOptions): string {
  const body = `hotspare: ${status} ${STATUS_CODES[status]}\n`
  const more = `${status === 503 ? 'retry-after: 1\r\n' : ''}${options.close ? 'connection: close\r\n' : ''}`
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}\r\ncache-control: no-store\r\ndate: ${new Date(options.atMs).toUTCString()}\r\n${more}\r\n`
  return options.withBody ? head + body : head
}

export const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
