import { Operations, OvhClock, ovhError, type StandInAnswer, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const OVH = { applicationKey: 'app-key', applicationSecret: 'secret-of-the-application', consumerKey: 'secret-of-the-consumer' }
export const OVH_IP = '203.0.113.10'

/** Additional IPs, after the published API of OVHcloud, with a clock of its own. */
export async function ovhStandIn(): Promise<{ readonly url: string; readonly standIn: ProviderStandIn }> {
  const operations = new Operations()
  let holder: string | undefined
  const clock = new OvhClock(OVH, () => server.url)
  const base = `/1.0/ip/${encodeURIComponent(`${OVH_IP}/32`)}`

  const vendor: Vendor = {
    limited: { status: 429, body: { message: 'Too many requests' }, headers: { 'retry-after': '1' } },
    beside: (request) => clock.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials: (request) => clock.refusal(request),
    answer({ method, path, body }): StandInAnswer | undefined {
      if (method === 'GET' && path === base) {
        return {
          status: 200,
          body: { ip: `${OVH_IP}/32`, type: 'failover', routedTo: holder === undefined ? null : { serviceName: holder } },
        }
      }
      if (method === 'GET' && path.startsWith(`${base}/task/`)) {
        const state = operations.look(path.split('/').at(-1) ?? '')
        if (state === undefined) return ovhError(404, 'NOT_FOUND')
        return { status: 200, body: { taskId: 1, status: { running: 'doing', done: 'done', failed: 'ovhError' }[state] } }
      }
      const { to } = JSON.parse(body === '' ? '{}' : body) as { to?: unknown }
      if (method === 'POST' && path === `${base}/move` && typeof to === 'string') {
        return {
          status: 200,
          body: { taskId: Number(operations.begin(() => (holder = to))), function: 'genericMoveFloatingIp', status: 'todo' },
        }
      }
      if (method === 'POST' && path === `${base}/park`) {
        return {
          status: 200,
          body: { taskId: Number(operations.begin(() => (holder = undefined))), function: 'arinBlockReassign', status: 'todo' },
        }
      }
      return undefined
    },
  }
  const server = await new StandInServer(vendor).start()
  const standIn = standInOf(server, {
    holder: () => holder,
    setHolder: (target) => (holder = target),
    token: () => undefined,
    setToken: () => {},
    refuseCredentials: () => clock.refuse(),
    // Its clock is set.
    expireCredentials: () => clock.set(),
    operations,
  })
  return { url: `${server.url}/1.0`, standIn }
}
