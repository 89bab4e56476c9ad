import type { Dispatcher } from 'undici'
import { etcdDefaults } from '../defaults.ts'
import { exchange } from '../http-exchange.ts'
import { type EtcdReply, readReply } from './messages.ts'

/** @throws whatever the connection meets; Error when the answer is too large or not JSON */
export async function post(
  url: string,
  body: object,
  options: { readonly token: string | undefined; readonly signal: AbortSignal; readonly dispatcher: Dispatcher },
): Promise<EtcdReply> {
  const { token, signal, dispatcher } = options
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: token } : {}) }
  const { maxAnswerBytes } = etcdDefaults
  const { status, text } = await exchange({ method: 'POST', url, headers, body: JSON.stringify(body), signal, dispatcher, maxAnswerBytes })
  return readReply(status, text)
}
