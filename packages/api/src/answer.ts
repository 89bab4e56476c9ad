import { errorCode, errorText, HotspareError } from '@hotspare/core'
import { createParser } from 'eventsource-parser'
import type { Dispatcher } from 'undici'
import { z } from 'zod'
import { problemSchema } from './contract.ts'
import { apiDefaults } from './defaults.ts'

type Body = Dispatcher.ResponseData['body']

/** @throws HotspareError `HOTSPARE_API_ANSWER` when it is too large; whatever the connection meets */
export async function readText(base: string, body: Body): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(body)) {
    size += chunk.length
    if (size > apiDefaults.maxAnswerBytes) throw badAnswer(base, `it is larger than ${apiDefaults.maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * The data of each server-sent event.
 *
 * @throws HotspareError `HOTSPARE_API_ANSWER` when one is too large; whatever the connection meets
 */
export async function* readEvents(base: string, body: Body): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const ready: string[] = []
  let tooLarge = false
  const parser = createParser({
    onEvent: ({ data }) => ready.push(data),
    onError: ({ type }) => (tooLarge ||= type === 'max-buffer-size-exceeded'),
    maxBufferSize: apiDefaults.maxEventCharacters,
  })
  for await (const chunk of chunksOf(body)) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* ready.splice(0)
    if (tooLarge) throw badAnswer(base, `an event is longer than ${apiDefaults.maxEventCharacters} characters`)
  }
}

async function* chunksOf(body: Body): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk
  } finally {
    // Leaving early is no failure, but the stream tells of one, and an 'error' that nobody hears ends the process.
    body.on('error', () => {}).destroy()
  }
}

/** @throws HotspareError `HOTSPARE_API_ANSWER` */
export function parseAnswer<T>(base: string, schema: z.ZodType<T>, text: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badAnswer(base, `it is not JSON: ${errorText(error)}`)
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw badAnswer(base, z.prettifyError(parsed.error))
  return parsed.data
}

/** Why the daemon said no. */
export async function refusal(base: string, answer: Dispatcher.ResponseData): Promise<HotspareError> {
  const text = await readText(base, answer.body).catch(() => '')
  const problem = problemSchema.safeParse(safeJson(text))
  const said = problem.success ? [problem.data.error, problem.data.hint].filter(Boolean).join(': ') : `status ${answer.statusCode}`
  return new HotspareError({ code: 'HOTSPARE_API_REFUSED', message: `${base}: ${said}`, retryable: answer.statusCode >= 500 })
}

/** What a call that failed throws: our own errors as they are, everything else as a daemon that cannot be reached. */
export function callError(base: string, error: unknown): HotspareError {
  const isTimeout = errorCode(error) === 'HOTSPARE_CORE_TIMEOUT'
  if (HotspareError.is(error) && !isTimeout) return error
  const what = isTimeout ? errorText(error) : `no answer: ${errorText(error)}`
  return new HotspareError({
    code: 'HOTSPARE_API_UNREACHABLE',
    message: `${base}: ${what}; does \`hotspare run\` run there?`,
    retryable: true,
    cause: error,
  })
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function badAnswer(base: string, what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_API_ANSWER', message: `${base}: the answer cannot be read: ${what}` })
}
