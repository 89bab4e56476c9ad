import { awsSignedHeaders } from '@hotspare/cloud/aws'
import { withDeadline } from '@hotspare/core'
import { exchange, type HttpAnswer, type HttpQuestion } from '../http-exchange.ts'
import { openConnections } from '../http-client.ts'
import { keySource } from './credentials.ts'
import { s3Defaults } from './defaults.ts'
import { isKeyOver, type Put, readObject, readPut, type S3Object } from './messages.ts'
import type { ResolvedS3RegisterOptions } from './options.ts'

/** What a write wants to find there: bytes with this ETag, or nothing. */
export type Condition = { readonly match: string } | 'absent'

/** The objects of one bucket. */
export interface Bucket {
  get(key: string, signal: AbortSignal): Promise<S3Object | null>
  put(key: string, text: string, condition: Condition, signal: AbortSignal): Promise<Put>
  /** Runs on until its deadline or the bucket is closed, whoever waits for it. */
  aside<T>(what: string, timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export function openBucket(options: ResolvedS3RegisterOptions, who: string): Bucket {
  const { base, region, credentials, clock, dispatcher, tls } = options
  const connections = openConnections({ dispatcher, tls, connections: s3Defaults.connections })
  // The metadata of a machine is behind no proxy, and trusts nobody's certificates.
  const besides = openConnections({ dispatcher: undefined, tls: undefined, connections: 1 })
  const closing = new AbortController()
  const keys = keySource({ credentials, clock, dispatcher: besides.dispatcher, signal: closing.signal })

  type Asked = Pick<HttpQuestion, 'method' | 'url' | 'headers' | 'body'>

  async function send(
    asked: Asked,
    signal: AbortSignal,
    isRepeated: boolean,
  ): Promise<{ answer: HttpAnswer; secrets: (string | undefined)[] }> {
    if (closing.signal.aborted) throw new Error('the register was closed')
    const key = await until(keys.current(), signal)
    const headers = await awsSignedHeaders(asked, { keys: key, region, service: 's3', at: new Date(clock.wallMs()) })
    const { maxAnswerBytes } = s3Defaults
    const answer = await exchange({ ...asked, headers, signal, dispatcher: connections.dispatcher, maxAnswerBytes })
    // Whoever is not let in has written nothing, so the question may be put again.
    if (isKeyOver(answer)) {
      keys.expire(key)
      if (!isRepeated && credentials.type !== 'static') return send(asked, signal, true)
    }
    return { answer, secrets: [key.secretAccessKey, key.sessionToken] }
  }

  return {
    async get(key, signal) {
      const { answer, secrets } = await send({ method: 'GET', url: `${base}${key}`, headers: {} }, signal, false)
      return readObject(answer, who, secrets)
    },
    async put(key, text, condition, signal) {
      const wanted: Record<string, string> = condition === 'absent' ? { 'if-none-match': '*' } : { 'if-match': condition.match }
      const headers = { 'content-type': 'application/json', ...wanted }
      const { answer, secrets } = await send({ method: 'PUT', url: `${base}${key}`, headers, body: text }, signal, false)
      return readPut(answer, who, secrets)
    },
    aside: (what, timeoutMs, work) => withDeadline(what, timeoutMs, work, { signal: closing.signal, clock }),
    async close() {
      closing.abort(new Error('the register was closed'))
      await Promise.all([connections.close(), besides.close()])
    },
  }
}

/** What goes on for others is left alone; the caller is not held up by it. */
export async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let leave: (() => void) | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      work.then(resolve, reject)
    })
  } finally {
    if (leave) signal.removeEventListener('abort', leave)
  }
}
