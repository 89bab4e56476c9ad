import { GoogleTokens, Operations, type StandInAnswer, type StandInRequest, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const GOOGLE = {
  project: 'my-project',
  route: 'shop-entry',
  network: 'default',
  routed: '10.9.9.9',
  alias: '10.0.0.100',
  zone: 'europe-west3-a',
}

/** Compute Engine, a token endpoint and a metadata server, after Google's published references. */
export async function googleStandIn(
  kind: 'route' | 'alias',
): Promise<{ readonly url: string; readonly standIn: ProviderStandIn; readonly granted: string[] }> {
  const operations = new Operations()
  const tokens = new GoogleTokens('https://www.googleapis.com/auth/compute', () => server.url)
  let route: { readonly nextHopInstance: string; readonly description: string } | undefined
  const aliases = new Map([
    [`${GOOGLE.zone}/web-1`, ['10.0.0.7/32']],
    [`${GOOGLE.zone}/web-2`, []],
  ] as [string, string[]][])
  let fingerprint = 1

  const error = (status: number, reason: string): StandInAnswer => ({
    status,
    body: { error: { code: status, message: reason, errors: [{ reason, message: reason }] } },
  })
  const begun = (apply: () => void): StandInAnswer => ({
    status: 200,
    body: { kind: 'compute#operation', name: `operation-${operations.begin(apply)}`, status: 'RUNNING' },
  })
  const project = `/compute/v1/projects/${GOOGLE.project}`

  const vendor: Vendor = {
    limited: error(403, 'rateLimitExceeded'),
    beside: (request) => tokens.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials: (request) => (tokens.areShown(request) ? undefined : error(401, 'authError')),
    answer(request): StandInAnswer | undefined {
      const { method, path } = request
      const operation = /\/operations\/operation-(\d+)$/.exec(path)
      if (method === 'GET' && operation) {
        const state = operations.look(operation[1] ?? '')
        if (state === undefined) return error(404, 'notFound')
        const failed = state === 'failed' ? { error: { errors: [{ code: 'RESOURCE_NOT_READY', message: 'not ready' }] } } : {}
        return { status: 200, body: { status: state === 'running' ? 'RUNNING' : 'DONE', ...failed } }
      }
      return kind === 'route' ? routes(request) : instances(request)
    },
  }

  function routes({ method, path, body }: StandInRequest): StandInAnswer | undefined {
    if (path === `${project}/global/routes/${GOOGLE.route}`) {
      if (!route) return error(404, 'notFound')
      if (method === 'GET') {
        const nextHopInstance = `https://www.googleapis.com/compute/v1/${route.nextHopInstance}`
        return { status: 200, body: { name: GOOGLE.route, ...route, nextHopInstance } }
      }
      return method === 'DELETE' ? begun(() => (route = undefined)) : undefined
    }
    if (method !== 'POST' || path !== `${project}/global/routes`) return undefined
    const asked = JSON.parse(body) as Record<string, string>
    const network = `projects/${GOOGLE.project}/global/networks/${GOOGLE.network}`
    if (asked['name'] !== GOOGLE.route || asked['network'] !== network || asked['destRange'] !== `${GOOGLE.routed}/32`) return undefined
    if (route) return error(409, 'alreadyExists')
    const made = { nextHopInstance: asked['nextHopInstance'] ?? '', description: asked['description'] ?? '' }
    return begun(() => (route = made))
  }

  function instances({ method, path, query, body }: StandInRequest): StandInAnswer | undefined {
    const [, zone, name, action] = new RegExp(`^${project}/zones/([^/]+)/instances/([^/]+)(?:/([^/]+))?$`).exec(path) ?? []
    const id = `${zone}/${name}`
    const own = aliases.get(id)
    if (!own) return error(404, 'notFound')
    if (method === 'GET' && action === undefined) {
      const ranges = own.map((ipCidrRange) => ({ ipCidrRange }))
      return { status: 200, body: { name, networkInterfaces: [{ name: 'nic0', fingerprint: String(fingerprint), aliasIpRanges: ranges }] } }
    }
    if (method !== 'PATCH' || action !== 'updateNetworkInterface' || query.get('networkInterface') !== 'nic0') return undefined
    const asked = JSON.parse(body) as { fingerprint?: string; aliasIpRanges?: { ipCidrRange: string }[] }
    if (asked.fingerprint !== String(fingerprint)) return error(412, 'conditionNotMet')
    const list = (asked.aliasIpRanges ?? []).map((each) => each.ipCidrRange)
    if ([...aliases].some(([other, theirs]) => other !== id && theirs.some((each) => list.includes(each))))
      return error(400, 'IP_IN_USE_BY_ANOTHER_RESOURCE')
    return begun(() => {
      fingerprint += 1
      aliases.set(id, list)
    })
  }

  const server = await new StandInServer(vendor).start()
  const range = `${GOOGLE.alias}/32`
  const standIn = standInOf(server, {
    holder() {
      if (kind === 'alias') return [...aliases].find(([, list]) => list.includes(range))?.[0]
      return route?.nextHopInstance.replace(/^.*\/zones\//, '').replace('/instances/', '/')
    },
    setHolder(target) {
      const [zone, name] = (target ?? '').split('/')
      route =
        target === undefined
          ? undefined
          : { nextHopInstance: `projects/${GOOGLE.project}/zones/${zone}/instances/${name}`, description: '' }
      for (const [id, list] of aliases) aliases.set(id, [...list.filter((each) => each !== range), ...(id === target ? [range] : [])])
    },
    token: () => Number(/=(\d+)$/.exec(route?.description ?? '')?.[1]) || undefined,
    setToken: () => {},
    refuseCredentials: () => tokens.refuse(),
    expireCredentials: () => tokens.expire(),
    operations,
  })
  return { url: server.url, standIn, granted: tokens.granted }
}
