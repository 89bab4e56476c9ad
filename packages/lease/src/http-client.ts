import { Agent, type Dispatcher } from 'undici'
import { httpDefaults } from './defaults.ts'
import type { ClientTlsOptions } from './schema-parts.ts'

export interface Connections {
  readonly dispatcher: Dispatcher
  /** Leaves a dispatcher alone that is the caller's. Idempotent. */
  close(): Promise<void>
}

/** The caller's way out, or connections of our own that are kept. */
export function openConnections(options: {
  readonly dispatcher: Dispatcher | undefined
  readonly tls: ClientTlsOptions | undefined
  /** How many there may be to one server. */
  readonly connections: number
}): Connections {
  const { dispatcher, tls, connections } = options
  if (dispatcher) return { dispatcher, close: async () => {} }
  const { connectTimeoutMs, idleMs } = httpDefaults
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

/** @throws Error when the answer is larger than `maxBytes`; whatever the connection meets */
export async function readBounded(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } finally {
    // Leaving early is no failure, but the stream tells of one, and an 'error' that nobody hears ends the process.
    body.on('error', () => {}).destroy()
  }
  return Buffer.concat(chunks)
}
