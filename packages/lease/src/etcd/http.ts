import { Agent, type Dispatcher, request } from 'undici'
import { etcdDefaults } from '../defaults.ts'
import { type EtcdReply, readReply } from './messages.ts'
import type { EtcdTlsOptions } from './options.ts'

export interface Connections {
  readonly dispatcher: Dispatcher
  /** Leaves a dispatcher alone that is the caller's. */
  close(): Promise<void>
}

export function openConnections(options: {
  readonly dispatcher?: Dispatcher | undefined
  readonly tls?: EtcdTlsOptions | undefined
}): Connections {
  const { dispatcher, tls } = options
  if (dispatcher) return { dispatcher, close: async () => {} }
  const { connections, connectTimeoutMs, idleMs } = etcdDefaults
  const connect = { ...tls, timeout: connectTimeoutMs }
  // HTTP/1.1: there, giving a request up closes its connection, so one that leads nowhere is not used again.
  const agent = new Agent({ allowH2: false, connections, keepAliveTimeout: idleMs, connect })
  return {
    dispatcher: agent,
    async close() {
      if (!agent.destroyed) await agent.destroy()
    },
  }
}

/** @throws whatever the connection meets; Error when the answer is too large or not JSON */
export async function post(
  url: string,
  body: object,
  options: { readonly token: string | undefined; readonly signal: AbortSignal; readonly dispatcher: Dispatcher },
): Promise<EtcdReply> {
  const { token, signal, dispatcher } = options
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: token } : {}) },
    body: JSON.stringify(body),
    signal,
    dispatcher,
  })
  return readReply(answer.statusCode, await readText(answer.body))
}

async function readText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > etcdDefaults.maxAnswerBytes) throw new Error(`the answer is larger than ${etcdDefaults.maxAnswerBytes} bytes`)
      chunks.push(chunk)
    }
  } finally {
    // Leaving early is no failure, but the stream tells of one, and an 'error' that nobody hears ends the process.
    body.on('error', () => {}).destroy()
  }
  return Buffer.concat(chunks).toString('utf8')
}
