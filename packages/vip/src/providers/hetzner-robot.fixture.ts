import { type StandInAnswer, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const ROBOT = { user: '#ws+robot', password: 'secret-of-the-web-service' }
export const FAILOVER_IP = '203.0.113.10'

/** The web service of Hetzner Robot, after its published documentation. */
export async function robotStandIn(): Promise<{ readonly url: string; readonly standIn: ProviderStandIn }> {
  let active: string | undefined
  let accepted = ROBOT.password

  const error = (status: number, code: string): StandInAnswer => ({
    status,
    body: { error: { status, code, message: code.toLowerCase() } },
  })
  const shown = (): StandInAnswer => ({
    status: 200,
    body: { failover: { ip: FAILOVER_IP, netmask: '255.255.255.255', server_number: 1, active_server_ip: active ?? null } },
  })

  const vendor: Vendor = {
    limited: {
      status: 403,
      body: { error: { status: 403, code: 'RATE_LIMIT_EXCEEDED', message: 'rate limit exceeded', max_request: 50, interval: 3_600 } },
    },
    changes: ({ method }) => method !== 'GET',
    credentials({ headers }) {
      const said = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString('utf8')
      return said === `${ROBOT.user}:${accepted}` ? undefined : error(401, 'UNAUTHORIZED')
    },
    answer({ method, path, body, headers }): StandInAnswer | undefined {
      if (path !== `/failover/${FAILOVER_IP}`) return undefined
      if (method === 'GET') return shown()
      if (method === 'DELETE') active = undefined
      else if (method === 'POST' && headers['content-type'] === 'application/x-www-form-urlencoded') {
        const next = new URLSearchParams(body).get('active_server_ip') ?? undefined
        if (next === undefined)
          return { status: 400, body: { error: { status: 400, code: 'INVALID_INPUT', missing: ['active_server_ip'] } } }
        if (next === active) return error(409, 'FAILOVER_ALREADY_ROUTED')
        active = next
      } else return undefined
      return shown()
    },
  }
  const server = await new StandInServer(vendor).start()
  const standIn = standInOf(server, {
    holder: () => active,
    setHolder: (target) => (active = target),
    token: () => undefined,
    setToken: () => {},
    refuseCredentials: () => (accepted = 'another'),
  })
  return { url: server.url, standIn }
}
