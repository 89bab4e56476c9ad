import { exchange, type HttpAnswer } from '../http-exchange.ts'
import { type Connections, openConnections } from '../http-client.ts'
import { type Credentials, credentialSource } from './credentials.ts'
import { kubernetesDefaults } from './defaults.ts'
import { complaint, type LeaseObject, readLease, saysReason } from './messages.ts'
import type { ResolvedKubernetesRegisterOptions } from './options.ts'

/** What became of a write: done, or something else is there. */
export type Written = 'written' | 'conflict'

/** The Lease objects of one namespace. */
export interface LeaseApi {
  /** @returns null where there is no such object */
  get(name: string, signal: AbortSignal): Promise<LeaseObject | null>
  create(name: string, body: object, signal: AbortSignal): Promise<Written>
  replace(name: string, body: object, signal: AbortSignal): Promise<Written>
  close(): Promise<void>
}

/** Each call throws HotspareError `HOTSPARE_LEASE_REFUSED`; Error for an answer that is of no use; whatever the connection meets. */
export function leaseApi(options: ResolvedKubernetesRegisterOptions): LeaseApi {
  const { server, namespace, dispatcher } = options
  const collection = `${server}/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
  const source = credentialSource(options)
  let open: { readonly ca: string | undefined; readonly connections: Connections } | undefined
  let closed = false

  /** New connections where the certificates have been replaced; what is under way on the old ones is given up and repeated by its caller. */
  async function connectionsWith(ca: string | undefined): Promise<Connections> {
    if (closed) throw new Error('the register was closed')
    if (open && open.ca === ca) return open.connections
    const before = open
    const tls = ca === undefined ? undefined : { ca }
    open = { ca, connections: openConnections({ dispatcher, tls, connections: kubernetesDefaults.connections }) }
    await before?.connections.close()
    return open.connections
  }

  async function send(
    credentials: Credentials,
    method: 'GET' | 'PUT' | 'POST',
    url: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<HttpAnswer> {
    const { dispatcher: way } = await connectionsWith(credentials.ca)
    const headers = {
      authorization: `Bearer ${credentials.token}`,
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    }
    const { maxAnswerBytes } = kubernetesDefaults
    return exchange({ method, url, headers, body: body && JSON.stringify(body), signal, dispatcher: way, maxAnswerBytes })
  }

  async function ask(method: 'GET' | 'PUT' | 'POST', url: string, signal: AbortSignal, body?: object) {
    const credentials = await source.current()
    const answer = await send(credentials, method, url, signal, body)
    if (answer.status !== 401) return { answer, token: credentials.token }
    // Whoever is not known has written nothing, so the question may be put again with a token that was replaced meanwhile.
    source.forget()
    const renewed = await source.current()
    if (renewed.token === credentials.token) return { answer, token: renewed.token }
    return { answer: await send(renewed, method, url, signal, body), token: renewed.token }
  }

  async function write(method: 'PUT' | 'POST', name: string, body: object, signal: AbortSignal): Promise<Written> {
    const url = method === 'POST' ? collection : `${collection}/${name}`
    const { answer, token } = await ask(method, url, signal, body)
    if (answer.status === (method === 'POST' ? 201 : 200)) {
      readLease(answer, name)
      return 'written'
    }
    const isConflict = answer.status === 409 && (saysReason(answer, 'Conflict') || saysReason(answer, 'AlreadyExists'))
    const isGone = method === 'PUT' && answer.status === 404 && saysReason(answer, 'NotFound')
    if (isConflict || isGone) return 'conflict'
    throw complaint(answer, token)
  }

  return {
    async get(name, signal) {
      const { answer, token } = await ask('GET', `${collection}/${name}`, signal)
      if (answer.status === 200) return readLease(answer, name)
      if (answer.status === 404 && saysReason(answer, 'NotFound')) return null
      throw complaint(answer, token)
    },
    create: (name, body, signal) => write('POST', name, body, signal),
    replace: (name, body, signal) => write('PUT', name, body, signal),
    async close() {
      closed = true
      await open?.connections.close()
    },
  }
}
