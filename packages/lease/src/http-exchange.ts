import type { IncomingHttpHeaders } from 'node:http'
import { clipDetail } from '@hotspare/core'
import { type Dispatcher, request } from 'undici'
import { readBounded } from './http-client.ts'

export interface HttpQuestion {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
  readonly dispatcher: Dispatcher
  /** What is larger is something else. */
  readonly maxAnswerBytes: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** @throws whatever the connection meets; Error when the answer is too large */
export async function exchange(question: HttpQuestion): Promise<HttpAnswer> {
  const { method, url, headers, body, signal, dispatcher, maxAnswerBytes } = question
  const answer = await request(url, { method, headers, body: body ?? null, signal, dispatcher })
  const text = (await readBounded(answer.body, maxAnswerBytes)).toString('utf8')
  return { status: answer.statusCode, headers: answer.headers, text }
}

/** What a server says for people, on one line; a server that repeats what it was sent must not get a secret into a log. */
export function wordsOf(text: string, secrets: readonly (string | undefined)[]): string {
  const known = secrets.filter((secret) => secret !== undefined && secret !== '')
  const hidden = known.reduce<string>((shown, secret) => shown.replaceAll(secret ?? '', '***'), text)
  return clipDetail(hidden)
}

/** @returns undefined for what is no JSON */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
