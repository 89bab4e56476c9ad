import { clipDetail, withDeadline } from '@hotspare/core'
import { etcdDefaults } from '../defaults.ts'
import { refusedError } from '../errors.ts'
import { openConnections } from '../http-client.ts'
import { firstAnswer } from '../first-answer.ts'
import { post } from './http.ts'
import { type EtcdAnswer, type EtcdReply, grpcCode, readToken } from './messages.ts'
import type { ResolvedEtcdRegisterOptions } from './options.ts'

const WHO = 'etcd'

export interface EtcdCall<T> {
  /** `/v3/kv/range` */
  readonly path: string
  readonly body: object
  readonly read: (body: unknown) => EtcdAnswer<T>
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** The v3 JSON gateway of a cluster: one question, any member, with a token where one is needed. */
export interface EtcdGateway {
  /**
   * @returns the answer, and whether the question was put more than once
   * @throws as {@link firstAnswer}; HotspareError `HOTSPARE_LEASE_REFUSED`
   */
  call<T>(call: EtcdCall<T>): Promise<{ readonly value: T; readonly repeated: boolean }>
  close(): Promise<void>
}

export function etcdGateway(options: ResolvedEtcdRegisterOptions): EtcdGateway {
  const { endpoints, user, password, clock, dispatcher, tls } = options
  const connections = openConnections({ dispatcher, tls, connections: etcdDefaults.connections })
  const closing = new AbortController()
  const authenticating = new Map<string, Promise<string>>()
  /** Of the last authentication; empty where etcd said that it needs none. */
  let token: string | undefined
  let preferred = 0
  let clusterId: string | undefined

  const send = (endpoint: string, path: string, body: object, signal: AbortSignal, used?: string): Promise<EtcdReply> =>
    post(`${endpoint}${path}`, body, { token: used, signal, dispatcher: connections.dispatcher })

  /** It goes on when the call that needed it has been given up: the check of a password is slow, and the next call finds the token. */
  function authenticate(endpoint: string): Promise<string> {
    const running = authenticating.get(endpoint)
    if (running) return running
    const work = async (signal: AbortSignal) => readGrant(await send(endpoint, '/v3/auth/authenticate', { name: user, password }, signal))
    const started = withDeadline('authentication', etcdDefaults.authenticateMs, work, { signal: closing.signal, clock })
      .then((granted) => (token = granted))
      .finally(() => authenticating.delete(endpoint))
    // Whoever waits hears of a failure; perhaps nobody waits any more.
    started.catch(() => {})
    authenticating.set(endpoint, started)
    return started
  }

  function readGrant(reply: EtcdReply): string {
    if (reply.ok) return readToken(reply.body)
    // Switched off, or not yet on: etcd's own client goes on without a token too.
    if (reply.code === grpcCode.failedPrecondition) return ''
    if (isAboutCredentials(reply.code) || reply.code === grpcCode.permissionDenied) {
      throw refusedError(WHO, `user ${JSON.stringify(user)} and its password were not accepted`)
    }
    throw new Error(`authentication failed: ${hideSecrets(reply.text)}`)
  }

  async function askWithToken(endpoint: string, path: string, body: object, signal: AbortSignal): Promise<EtcdReply> {
    if (user === undefined) return send(endpoint, path, body, signal)
    const known = token
    const used = known ?? (await authenticate(endpoint))
    const reply = await send(endpoint, path, body, signal, used)
    if (known === undefined || reply.ok || !isAboutCredentials(reply.code)) return reply
    // Tokens expire, a member forgets them when it restarts, and a change of the users outdates them.
    const renewed = token !== undefined && token !== used ? token : await authenticate(endpoint)
    return send(endpoint, path, body, signal, renewed)
  }

  async function ask<T>(endpoint: string, { path, body, read }: EtcdCall<T>, signal: AbortSignal): Promise<T> {
    const reply = await askWithToken(endpoint, path, body, signal)
    if (!reply.ok) {
      const text = hideSecrets(reply.text)
      if (reply.code === grpcCode.permissionDenied) throw refusedError(WHO, text)
      if (user === undefined && isAboutCredentials(reply.code)) throw refusedError(WHO, `${text}; it may ask for a user and a password`)
      throw new Error(text)
    }
    const answer = read(reply.body)
    // Two stores under one name would grant a right twice.
    if (endpoints.length > 1 && answer.clusterId !== (clusterId ??= answer.clusterId)) {
      throw new Error('another cluster answers here: all endpoints must be members of one; after a restore into a new one, start anew')
    }
    return answer.value
  }

  /** A server that repeats what it was sent must not get it into a log. */
  function hideSecrets(text: string): string {
    const secrets = [password ?? '', token ?? ''].filter((secret) => secret !== '')
    return clipDetail(secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text))
  }

  return {
    async call(call) {
      const first = preferred
      const { timeoutMs, signal } = call
      const question = { who: WHO, endpoints, first, timeoutMs, clock, signal }
      try {
        const { answer, endpoint, repeated } = await firstAnswer({ ...question, ask: (at, asking) => ask(at, call, asking) })
        preferred = endpoint
        return { value: answer, repeated }
      } catch (error) {
        // Nothing is known for this one, so another has the first word next time.
        if (preferred === first) preferred = (first + 1) % endpoints.length
        throw error
      }
    },
    async close() {
      closing.abort(new Error('the register was closed'))
      await connections.close()
    },
  }
}

function isAboutCredentials(code: number | undefined): boolean {
  return code === grpcCode.unauthenticated || code === grpcCode.invalidArgument
}
