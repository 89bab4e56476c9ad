import { type Dispatcher, request } from 'undici'
import { etcdDefaults } from '../defaults.ts'
import { readBounded } from '../http-client.ts'
import { type EtcdReply, readReply } from './messages.ts'

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
  return readReply(answer.statusCode, (await readBounded(answer.body, etcdDefaults.maxAnswerBytes)).toString('utf8'))
}
