import type { ServerOptions } from 'node:https'
import { type StandIn, standIn, type StandInAnswer, type StandInRequest } from '../stand-in.fixture.ts'

type Json = Record<string, unknown>

export interface FakeApiServer extends StandIn {
  /** By name, as they are stored. */
  readonly objects: Map<string, Json>
  /** Tokens that are accepted. */
  readonly tokens: Set<string>
  /** A write past the driver, as `kubectl edit` does it. */
  edit(name: string, change: (object: Json) => Json): void
}

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/ha/leases'
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** The Lease objects of one namespace, with the rules of an API server: versions, uids, names, and what `spec` may hold. */
export async function fakeApiServer(tls?: ServerOptions): Promise<FakeApiServer> {
  const objects = new Map<string, Json>()
  const tokens = new Set(['good-token'])
  let version = 100
  const store = (name: string, object: Json, uid: unknown) => {
    const stored = { ...object, metadata: { ...(object['metadata'] as Json), namespace: 'ha', uid, resourceVersion: String(++version) } }
    objects.set(name, stored)
    return stored
  }

  function serve({ method, target, headers, body }: StandInRequest): StandInAnswer {
    const [, token] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? []
    if (!tokens.has(token ?? '')) return status(401, 'Unauthorized', `Unauthorized ${token}`)
    if (target.startsWith('/apis/coordination.k8s.io/v1/namespaces/closed/'))
      return status(403, 'Forbidden', 'User "x" cannot get resource "leases"')
    const [, name] = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/ha\/leases(?:\/([^/?]+))?$/.exec(target) ?? []
    if (!target.startsWith(COLLECTION)) return { status: 404, body: '404 page not found' }
    if (method === 'POST' && target === COLLECTION) return create(body, headers['content-type'])
    if (name === undefined) return status(405, 'MethodNotAllowed', 'no')
    const found = objects.get(name)
    if (method === 'GET') return found ? json(200, found) : status(404, 'NotFound', `leases "${name}" not found`)
    if (method !== 'PUT') return status(405, 'MethodNotAllowed', 'no')
    const sent = read(body, headers['content-type'])
    if (typeof sent === 'string') return status(422, 'Invalid', sent)
    if (sent.metadata['name'] !== name) return status(400, 'BadRequest', 'the name of the object does not match the name on the URL')
    // A lease can be made by an update, but not under a uid.
    if (!found) return status(409, 'Conflict', 'Precondition failed: UID in precondition')
    const { uid, resourceVersion } = found['metadata'] as Json
    if (sent.metadata['uid'] !== uid) return status(409, 'Conflict', 'Precondition failed: UID in precondition')
    if (sent.metadata['resourceVersion'] !== resourceVersion) return status(409, 'Conflict', 'the object has been modified')
    return json(200, store(name, sent.object, uid))
  }

  function create(body: string, type: string | undefined): StandInAnswer {
    const sent = read(body, type)
    if (typeof sent === 'string') return status(422, 'Invalid', sent)
    const name = String(sent.metadata['name'])
    if (sent.metadata['resourceVersion'] !== undefined)
      return status(400, 'BadRequest', 'resourceVersion should not be set on objects to be created')
    if (objects.has(name)) return status(409, 'AlreadyExists', `leases "${name}" already exists`)
    return json(201, store(name, sent.object, `uid-${++version}`))
  }

  const server = await standIn(serve, tls)
  return Object.assign(server, {
    objects,
    tokens,
    edit(name: string, change: (object: Json) => Json) {
      const before = objects.get(name) ?? {}
      store(name, change(before), (before['metadata'] as Json | undefined)?.['uid'] ?? `uid-${++version}`)
    },
  })
}

/** @returns what is wrong with it, as a text */
function read(body: string, type: string | undefined): { readonly object: Json; readonly metadata: Json } | string {
  if (type !== 'application/json') return 'content-type'
  const object = JSON.parse(body) as Json
  const metadata = object['metadata'] as Json
  const name = String(metadata['name'])
  if (object['apiVersion'] !== 'coordination.k8s.io/v1' || object['kind'] !== 'Lease') return 'kind'
  if (name.length > 253 || !name.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part))) return `metadata.name: ${name}`
  const { holderIdentity, leaseDurationSeconds, leaseTransitions, acquireTime, renewTime } = object['spec'] as Json
  if (holderIdentity !== undefined && (typeof holderIdentity !== 'string' || holderIdentity === '')) return 'spec.holderIdentity'
  if (!isInt32(leaseDurationSeconds) || Number(leaseDurationSeconds) <= 0) return 'spec.leaseDurationSeconds'
  if (!isInt32(leaseTransitions) || Number(leaseTransitions) < 0) return 'spec.leaseTransitions'
  if (![acquireTime, renewTime].every((time) => MICRO_TIME.test(String(time)))) return 'spec.renewTime'
  return { object, metadata }
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) <= 2_147_483_647
}

function json(code: number, body: object): StandInAnswer {
  return { status: code, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function status(code: number, reason: string, message: string): StandInAnswer {
  return json(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code })
}
