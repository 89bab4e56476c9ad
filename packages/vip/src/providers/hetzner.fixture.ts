import { Operations, type StandInAnswer, StandInServer, type Vendor } from '@hotspare/cloud/testing'
import { standInOf } from './stand-in.fixture.ts'
import type { ProviderStandIn } from './testing/provider-fixture.ts'

export const HETZNER_TOKEN = 'hcloud-secret-of-the-project'
export const FLOATING_IP = '4711'
export const NETWORK = '815'
export const ALIAS = '10.0.0.100'

/** Floating IPs and private networks, after the published API of Hetzner Cloud. */
export async function hetznerStandIn(kind: 'floating' | 'alias'): Promise<{ readonly url: string; readonly standIn: ProviderStandIn }> {
  const operations = new Operations()
  let accepted = HETZNER_TOKEN
  let server: number | null = null
  let labels: Record<string, string> = { team: 'shop' }
  const aliases = new Map<string, string[]>([
    ['101', ['10.0.0.7']],
    ['102', []],
  ])

  const error = (status: number, code: string): StandInAnswer => ({ status, body: { error: { code, message: code.replaceAll('_', ' ') } } })
  const begun = (apply: () => void): StandInAnswer => ({
    status: 201,
    body: { action: { id: Number(operations.begin(apply)), status: 'running', error: null } },
  })

  const vendor: Vendor = {
    limited: {
      status: 429,
      body: { error: { code: 'rate_limit_exceeded', message: 'limit reached' } },
      headers: { 'ratelimit-reset': '1' },
    },
    changes: ({ method }) => method !== 'GET',
    credentials: ({ headers }) => (headers.authorization === `Bearer ${accepted}` ? undefined : error(401, 'unauthorized')),
    answer({ method, path, body }): StandInAnswer | undefined {
      const [, , collection, id = '', , action] = path.split('/')
      const json = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)
      if (method === 'GET' && collection === 'actions') {
        const state = operations.look(id)
        if (state === undefined) return error(404, 'not_found')
        const status = { running: 'running', done: 'success', failed: 'error' }[state]
        return {
          status: 200,
          body: { action: { id, status, error: state === 'failed' ? { code: 'action_failed', message: 'no' } : null } },
        }
      }
      if (kind === 'alias' && collection === 'servers') return alias({ method, id, action, json })
      if (collection !== 'floating_ips' || id !== FLOATING_IP) return undefined
      if (method === 'PUT' && action === undefined) {
        labels = json['labels'] as Record<string, string>
        return { status: 200, body: { floating_ip: { id: 4711, server, labels } } }
      }
      if (method === 'GET' && action === undefined)
        return { status: 200, body: { floating_ip: { id: 4711, ip: '203.0.113.10', server, labels } } }
      const next = json['server']
      if (method === 'POST' && action === 'assign' && typeof next === 'number') return begun(() => (server = next))
      if (method === 'POST' && action === 'unassign')
        return server === null ? error(422, 'floating_ip_not_assigned') : begun(() => (server = null))
      return undefined
    },
  }

  function alias(asked: {
    method: string
    id: string
    action: string | undefined
    json: Record<string, unknown>
  }): StandInAnswer | undefined {
    const { method, id, action, json } = asked
    const own = aliases.get(id)
    if (!own) return error(404, 'not_found')
    if (method === 'GET' && action === undefined) {
      return { status: 200, body: { server: { id: Number(id), private_net: [{ network: 815, ip: '10.0.0.2', alias_ips: own }] } } }
    }
    const { network, alias_ips: wanted } = json
    if (method !== 'POST' || action !== 'change_alias_ips' || network !== 815 || !Array.isArray(wanted)) return undefined
    const list = wanted.map(String)
    const taken = [...aliases].some(([other, theirs]) => other !== id && theirs.some((each) => list.includes(each)))
    // It is one server's at a time.
    return taken ? error(409, 'conflict') : begun(() => aliases.set(id, list))
  }

  const running = await new StandInServer(vendor).start()
  const others = (list: readonly string[]) => list.filter((each) => each !== ALIAS)
  const standIn = standInOf(running, {
    holder: () => (kind === 'floating' ? (server?.toString() ?? undefined) : [...aliases].find(([, list]) => list.includes(ALIAS))?.[0]),
    setHolder(target) {
      server = target === undefined ? null : Number(target)
      for (const [id, list] of aliases) aliases.set(id, id === target ? [...others(list), ALIAS] : others(list))
    },
    token: () => Number(labels['hotspare-token']) || undefined,
    setToken: (token) => (labels = { ...labels, 'hotspare-token': String(token) }),
    refuseCredentials: () => (accepted = 'another'),
    operations,
  })
  return { url: `${running.url}/v1`, standIn }
}
