import { exchange } from '../http-exchange.ts'
import { openConnections } from '../http-client.ts'
import { firstAnswer } from '../first-answer.ts'
import { registerError } from '../errors.ts'
import { consulDefaults } from './defaults.ts'
import { type ConsulEntry, readEntry, readPath, readSwap, swapPath } from './messages.ts'
import type { ResolvedConsulRegisterOptions } from './options.ts'

export interface StoreCall {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** One cluster behind any of its agents. */
export interface ConsulStore {
  get(key: string, call: StoreCall): Promise<ConsulEntry | null>
  /** @returns whether it was written, and whether the question was put more than once */
  put(key: string, modifyIndex: number, text: string, call: StoreCall): Promise<{ readonly swapped: boolean; readonly repeated: boolean }>
  close(): Promise<void>
}

export function consulStore(options: ResolvedConsulRegisterOptions): ConsulStore {
  const { endpoints, datacenter, token, clock, dispatcher, tls } = options
  const connections = openConnections({ dispatcher, tls, connections: consulDefaults.connections })
  const closing = new AbortController()
  let preferred = 0

  async function ask<T>(call: StoreCall, work: (endpoint: string, signal: AbortSignal) => Promise<T>) {
    const first = preferred
    try {
      const signal = call.signal ? AbortSignal.any([call.signal, closing.signal]) : closing.signal
      const answered = await firstAnswer({ who: 'consul', endpoints, first, timeoutMs: call.timeoutMs, clock, signal, ask: work })
      preferred = answered.endpoint
      return answered
    } catch (error) {
      // Nothing is known for this one, so another has the first word next time.
      if (preferred === first) preferred = (first + 1) % endpoints.length
      throw error
    }
  }

  function send(method: 'GET' | 'PUT', url: string, signal: AbortSignal, body?: string) {
    const headers: Record<string, string> = token === undefined ? {} : { 'x-consul-token': token }
    const { maxAnswerBytes } = consulDefaults
    return exchange({ method, url, headers, body, signal, dispatcher: connections.dispatcher, maxAnswerBytes })
  }

  return {
    async get(key, call) {
      const path = readPath(key, datacenter)
      return (await ask(call, async (endpoint, signal) => readEntry(await send('GET', `${endpoint}${path}`, signal), key, token))).answer
    },
    async put(key, modifyIndex, text, call) {
      const path = swapPath(key, datacenter, modifyIndex)
      const { answer, repeated } = await ask(call, async (endpoint, signal) =>
        readSwap(await send('PUT', `${endpoint}${path}`, signal, text), token),
      )
      return { swapped: answer, repeated }
    },
    async close() {
      closing.abort(registerError('consul', new Error('the register was closed')))
      await connections.close()
    },
  }
}
