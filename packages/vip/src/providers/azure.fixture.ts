import { AzureTokens, Operations, type StandInAnswer, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const AZURE = {
  subscription: '00000000-0000-4000-8000-000000000001',
  resourceGroup: 'shop',
  name: 'shop-entry',
  address: '10.0.0.100',
  client: { tenant: 'contoso.example', id: 'hotspare', secret: 'secret-of-the-client' },
}

interface Card {
  etag: number
  tags: Record<string, string>
  ipConfigurations: { name: string; properties: Record<string, unknown> }[]
}

/** Azure Resource Manager, a login endpoint and a metadata service, after Microsoft's published references. */
export async function azureStandIn(): Promise<{ readonly url: string; readonly standIn: ProviderStandIn; readonly granted: string[] }> {
  const operations = new Operations()
  const tokens = new AzureTokens(AZURE.client)
  const primary = (ip: string) => ({ name: 'ipconfig1', properties: { privateIPAddress: ip, primary: true, subnet: { id: '/subnets/a' } } })
  const cards = new Map<string, Card>([
    ['nic-1', { etag: 1, tags: { team: 'shop' }, ipConfigurations: [primary('10.0.0.1')] }],
    ['nic-2', { etag: 1, tags: {}, ipConfigurations: [primary('10.0.0.2')] }],
  ])

  const error = (status: number, code: string): StandInAnswer => ({ status, body: { error: { code, message: code } } })
  const has = (card: Card) => card.ipConfigurations.some((each) => each.properties['privateIPAddress'] === AZURE.address)
  const group = `/subscriptions/${AZURE.subscription}/resourceGroups/${AZURE.resourceGroup}/providers/Microsoft.Network`

  const vendor: Vendor = {
    limited: { status: 429, body: { error: { code: 'TooManyRequests', message: 'slow down' } }, headers: { 'retry-after': '1' } },
    beside: (request) => tokens.answer(request),
    changes: ({ method }) => method !== 'GET',
    credentials: (request) => (tokens.areShown(request) ? undefined : error(401, 'ExpiredAuthenticationToken')),
    answer({ method, path, query, body, headers }): StandInAnswer | undefined {
      if (query.get('api-version') === null) return undefined
      const operation = /\/locations\/germanywestcentral\/operations\/(\d+)$/.exec(path)
      if (method === 'GET' && operation) {
        const state = operations.look(operation[1] ?? '')
        if (state === undefined) return error(404, 'NotFound')
        const failed = state === 'failed' ? { error: { code: 'Canceled', message: 'another operation came first' } } : {}
        return { status: 200, body: { status: { running: 'InProgress', done: 'Succeeded', failed: 'Canceled' }[state], ...failed } }
      }
      const name = path.startsWith(`${group}/networkInterfaces/`) ? (path.split('/').at(-1) ?? '') : ''
      const card = cards.get(name)
      if (!card) return error(404, 'ResourceNotFound')
      if (method === 'GET') return { status: 200, body: shown(name, card) }
      if (method !== 'PUT' || headers['content-type'] !== 'application/json') return undefined
      if (headers['if-match'] !== `W/"${card.etag}"`) return error(412, 'PreconditionFailed')
      const asked = JSON.parse(body) as { tags: Record<string, string>; location?: string; properties: Pick<Card, 'ipConfigurations'> }
      if (asked.location === undefined) return error(400, 'LocationRequired')
      const next: Card = { etag: card.etag + 1, tags: asked.tags, ipConfigurations: asked.properties.ipConfigurations }
      if (has(next) && [...cards].some(([other, theirs]) => other !== name && has(theirs))) return error(400, 'PrivateIPAddressInUse')
      const id = operations.begin(() => cards.set(name, next))
      const under = `${server.url}/subscriptions/${AZURE.subscription}/providers/Microsoft.Network/locations/germanywestcentral/operations/${id}?api-version=2024-05-01`
      return {
        status: 200,
        body: { ...shown(name, card), properties: { provisioningState: 'Updating' } },
        headers: { 'azure-asyncoperation': under },
      }
    },
  }

  function shown(name: string, { etag, tags, ipConfigurations }: Card): object {
    const properties = { provisioningState: 'Succeeded', ipConfigurations, enableAcceleratedNetworking: true }
    return { name, id: `${group}/networkInterfaces/${name}`, etag: `W/"${etag}"`, location: 'germanywestcentral', tags, properties }
  }

  const server = await new StandInServer(vendor).start()
  const standIn = standInOf(server, {
    holder: () => [...cards].find(([, card]) => has(card))?.[0],
    setHolder(target) {
      for (const [name, card] of cards) {
        const others = card.ipConfigurations.filter((each) => each.name !== AZURE.name)
        const ours = { name: AZURE.name, properties: { privateIPAddress: AZURE.address, subnet: { id: '/subnets/a' } } }
        cards.set(name, { ...card, etag: card.etag + 1, ipConfigurations: name === target ? [...others, ours] : others })
      }
    },
    token: () => Math.max(0, ...[...cards.values()].map(({ tags }) => Number(tags[`hotspare-token-${AZURE.name}`] ?? 0))) || undefined,
    setToken: () => {},
    refuseCredentials: () => tokens.refuse(),
    expireCredentials: () => tokens.expire(),
    operations,
  })
  return { url: server.url, standIn, granted: tokens.granted }
}
