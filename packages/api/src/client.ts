import { createParser } from 'eventsource-parser'
import { errorText, HotspareError } from '@hotspare/core'
import { type Dispatcher, request } from 'undici'
import { z } from 'zod'
import {
  apiPaths,
  problemSchema,
  type Status,
  statusSchema,
  type TargetExplanation,
  targetExplanationSchema,
  type TargetStatus,
  targetStatusSchema,
  type Timeline,
  type TimelineEntry,
  timelineEntrySchema,
  timelineSchema,
} from './contract.ts'

export interface ClientOptions {
  /** `http://127.0.0.1:7400` */
  readonly url: string
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined
  /** For one answer, in milliseconds; for events, until the stream opens. Default: 5,000 */
  readonly timeoutMs?: number | undefined
  /** Of undici; for connections of your own. */
  readonly dispatcher?: Dispatcher | undefined
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * A daemon of Hotspare, over HTTP. Every call throws a HotspareError: `HOTSPARE_API_UNREACHABLE` (retryable) when
 * nobody answers, `HOTSPARE_API_REFUSED` when the daemon says no, `HOTSPARE_API_ANSWER` when it is no Hotspare.
 */
export interface Client {
  status(options?: CallOptions): Promise<Status>
  /** Why a target is in its state. */
  explain(targetId: string, options?: CallOptions): Promise<TargetExplanation>
  /** Gives a target no new requests. */
  drain(targetId: string, options?: CallOptions): Promise<TargetStatus>
  /** Takes a drain back. */
  undrain(targetId: string, options?: CallOptions): Promise<TargetStatus>
  /** What happened, oldest first. @param after only entries with a higher sequence */
  timeline(query?: { readonly after?: number | undefined; readonly limit?: number | undefined }, options?: CallOptions): Promise<Timeline>
  /** What happens, as it happens, until the signal aborts or the daemon stops. @param after first repeats what came after it */
  events(query?: { readonly after?: number | undefined }, options?: CallOptions): AsyncGenerator<TimelineEntry>
}

const DEFAULT_TIMEOUT_MS = 5_000
/** No answer of the daemon comes near it. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** Of one event. */
const MAX_EVENT_CHARACTERS = 1024 * 1024

export function createClient(options: ClientOptions): Client {
  const { url, token, timeoutMs = DEFAULT_TIMEOUT_MS, dispatcher } = options
  const base = url.replace(/\/+$/, '')

  async function open(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    accept: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const answer = await request(`${base}${path}`, {
      method,
      headers: { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      signal,
      ...(dispatcher ? { dispatcher } : {}),
    }).catch((error: unknown) => {
      throw unreachable(base, signal.aborted ? signal.reason : error)
    })
    if (answer.statusCode >= 400) throw await refused(base, answer)
    return answer
  }

  async function call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, schema: z.ZodType<T>, callOptions?: CallOptions): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = callOptions?.signal ? AbortSignal.any([timeout, callOptions.signal]) : timeout
    const answer = await open(method, path, 'application/json', signal)
    const text = await readText(answer.body).catch((error: unknown) => {
      throw HotspareError.is(error) ? error : unreachable(base, error)
    })
    return parse(base, schema, text)
  }

  return {
    status: (callOptions) => call('GET', apiPaths.status, statusSchema, callOptions),
    explain: (id, callOptions) => call('GET', apiPaths.target(id), targetExplanationSchema, callOptions),
    drain: (id, callOptions) => call('POST', apiPaths.drain(id), targetStatusSchema, callOptions),
    undrain: (id, callOptions) => call('DELETE', apiPaths.drain(id), targetStatusSchema, callOptions),
    timeline: (query, callOptions) => call('GET', `${apiPaths.timeline}${search(query)}`, timelineSchema, callOptions),
    async *events(query, callOptions) {
      // The time limit is for the opening alone: a stream may be silent for hours.
      const opening = new AbortController()
      const signal = callOptions?.signal ? AbortSignal.any([opening.signal, callOptions.signal]) : opening.signal
      const timeout = AbortSignal.timeout(timeoutMs)
      const giveUp = () => opening.abort(timeout.reason)
      timeout.addEventListener('abort', giveUp)
      const answer = await open('GET', `${apiPaths.events}${search(query)}`, 'text/event-stream', signal).finally(() =>
        timeout.removeEventListener('abort', giveUp),
      )
      try {
        for await (const message of eventsOf(answer.body)) yield parse(base, timelineEntrySchema, message)
      } catch (error) {
        if (callOptions?.signal?.aborted) return
        throw HotspareError.is(error) ? error : unreachable(base, error)
      } finally {
        answer.body.on('error', () => {}).destroy()
      }
    },
  }
}

async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const ready: string[] = []
  const parser = createParser({ onEvent: ({ data }) => ready.push(data), maxBufferSize: MAX_EVENT_CHARACTERS })
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* ready.splice(0)
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw badAnswer('the daemon', `it is larger than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse<T>(base: string, schema: z.ZodType<T>, text: string): T {
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

async function refused(base: string, answer: Dispatcher.ResponseData): Promise<HotspareError> {
  const text = await readText(answer.body).catch(() => '')
  const problem = problemSchema.safeParse(safeJson(text))
  const said = problem.success ? [problem.data.error, problem.data.hint].filter(Boolean).join(': ') : `status ${answer.statusCode}`
  return new HotspareError({ code: 'HOTSPARE_API_REFUSED', message: `${base}: ${said}`, retryable: answer.statusCode >= 500 })
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function search(query: Readonly<Record<string, number | undefined>> = {}): string {
  const set = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) set.set(name, String(value))
  return set.size === 0 ? '' : `?${set.toString()}`
}

function unreachable(base: string, cause: unknown): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_API_UNREACHABLE',
    message: `${base}: no answer: ${errorText(cause)}; does \`hotspare run\` run there?`,
    retryable: true,
    cause,
  })
}

function badAnswer(base: string, what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_API_ANSWER', message: `${base}: the answer cannot be read: ${what}` })
}
