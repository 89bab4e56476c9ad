import { Operations, type StandInAnswer, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { type Holds, standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const DIGITALOCEAN_TOKEN = 'dop_v1_secret-of-the-account'
const ADDRESS = '203.0.113.10'

/** Reserved IPs, after DigitalOcean's published API. */
export async function digitalOceanStandIn(): Promise<{ readonly url: string; readonly standIn: ProviderStandIn }> {
  const holds: Holds = { holder: undefined, token: undefined }
  const operations = new Operations()
  let accepted = DIGITALOCEAN_TOKEN
  const base = `/v2/reserved_ips/${ADDRESS}`

  const vendor: Vendor = {
    limited: { status: 429, body: { id: 'too_many_requests', message: 'API Rate limit exceeded.' }, headers: { 'retry-after': '1' } },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) =>
      headers.authorization === `Bearer ${accepted}`
        ? undefined
        : { status: 401, body: { id: 'Unauthorized', message: `Unable to authenticate you: ${headers.authorization}` } },
    answer({ method, path, body, headers }): StandInAnswer | undefined {
      if (method === 'GET' && path === base) {
        const droplet = holds.holder === undefined ? null : { id: Number(holds.holder), name: 'web' }
        return { status: 200, body: { reserved_ip: { ip: ADDRESS, droplet, locked: false } } }
      }
      if (method === 'GET' && path.startsWith(`${base}/actions/`)) {
        const state = operations.look(path.split('/').at(-1) ?? '')
        if (state === undefined)
          return { status: 404, body: { id: 'not_found', message: 'The resource you requested could not be found.' } }
        const status = { running: 'in-progress', done: 'completed', failed: 'errored' }[state]
        return { status: 200, body: { action: { id: 1, status } } }
      }
      if (method !== 'POST' || path !== `${base}/actions` || headers['content-type'] !== 'application/json') return undefined
      const asked = JSON.parse(body) as { type?: unknown; droplet_id?: unknown }
      if (asked.type === 'assign' && typeof asked.droplet_id === 'number') {
        const next = String(asked.droplet_id)
        const id = operations.begin(() => (holds.holder = next))
        return { status: 201, body: { action: { id: Number(id), status: 'in-progress', type: 'assign_ip' } } }
      }
      if (asked.type === 'unassign' && holds.holder === undefined) {
        return { status: 422, body: { id: 'unprocessable_entity', message: 'The reserved IP is not assigned to a Droplet.' } }
      }
      if (asked.type !== 'unassign') return undefined
      const id = operations.begin(() => (holds.holder = undefined))
      return { status: 201, body: { action: { id: Number(id), status: 'in-progress', type: 'unassign_ip' } } }
    },
  }
  const server = await new StandInServer(vendor).start()
  const standIn = standInOf(server, {
    holder: () => holds.holder,
    setHolder: (target) => (holds.holder = target),
    token: () => undefined,
    setToken: () => {},
    refuseCredentials: () => (accepted = 'another'),
    operations,
  })
  return { url: `${server.url}/v2`, standIn }
}
