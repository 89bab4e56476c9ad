import { createHash } from 'node:crypto'
import { Operations, type StandInAnswer, standInOf, StandInServer, type Vendor } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const OVH = { applicationKey: 'app-key', applicationSecret: 'secret-of-the-application', consumerKey: 'secret-of-the-consumer' }
export const OVH_IP = '203.0.113.10'

/** Additional IPs, after the published API of OVHcloud, with a clock of its own. */
export async function ovhStandIn(): Promise<{ readonly url: string; readonly standIn: ProviderStandIn }> {
  const operations = new Operations()
  let holder: string | undefined
  let secret = OVH.applicationSecret
  let aheadSeconds = 1_000_000
  let url = ''
  const nowSeconds = () => Math.floor(Date.now() / 1_000) + aheadSeconds
  const error = (status: number, errorCode: string): StandInAnswer => ({
    status,
    body: { errorCode, httpCode: `${status}`, message: errorCode },
  })
  const base = `/1.0/ip/${encodeURIComponent(`${OVH_IP}/32`)}`

  const vendor: Vendor = {
    limited: { status: 429, body: { message: 'Too many requests' }, headers: { 'retry-after': '1' } },
    beside: ({ path }) => (path === '/1.0/auth/time' ? { status: 200, body: String(nowSeconds()) } : undefined),
    changes: ({ method }) => method !== 'GET',
    credentials({ headers, method, path, body }) {
      const at = Number(headers['x-ovh-timestamp'])
      // Time in tests goes quicker than it does here.
      if (Math.abs(at - nowSeconds()) > 5_000) return error(400, 'QUERY_TIME_OUT')
      const signed = `${secret}+${OVH.consumerKey}+${method}+${url}${path}+${body}+${at}`
      const good = `$1$${createHash('sha1').update(signed).digest('hex')}`
      const isGood = headers['x-ovh-application'] === OVH.applicationKey && headers['x-ovh-consumer'] === OVH.consumerKey
      return isGood && headers['x-ovh-signature'] === good ? undefined : error(403, 'INVALID_SIGNATURE')
    },
    answer({ method, path, body }): StandInAnswer | undefined {
      if (method === 'GET' && path === base) {
        return {
          status: 200,
          body: { ip: `${OVH_IP}/32`, type: 'failover', routedTo: holder === undefined ? null : { serviceName: holder } },
        }
      }
      if (method === 'GET' && path.startsWith(`${base}/task/`)) {
        const state = operations.look(path.split('/').at(-1) ?? '')
        if (state === undefined) return error(404, 'NOT_FOUND')
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
  url = server.url
  const standIn = standInOf(server, {
    holder: () => holder,
    setHolder: (target) => (holder = target),
    token: () => undefined,
    setToken: () => {},
    refuseCredentials: () => (secret = 'another'),
    // Its clock is set.
    expireCredentials: () => (aheadSeconds = 0),
    operations,
  })
  return { url: `${url}/1.0`, standIn }
}
