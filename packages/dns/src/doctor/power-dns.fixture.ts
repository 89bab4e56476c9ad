import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { DnsProvider, Reading } from '../provider.ts'
import type { RecordSetName } from '../record-set.ts'
import { quoteTxt, unquoteTxt } from '../txt.ts'

/** PowerDNS by its HTTP API, as far as the doctor's probe needs it: TXT, written without a question about serials. */
export interface PowerDnsApi {
  readonly provider: DnsProvider
  /** A call of the API beneath the zone. */
  call(method: string, path: string, body?: object): Promise<unknown>
}

const key = 'api-key-of-a-test'
export { key as apiKeyOfTests }

export function powerDnsApi(url: string, zone: string): PowerDnsApi {
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const outgoing = request(`${url}/api/v1/servers/localhost/zones/${zone}.${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      agent: false,
    })
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    const text = (await answer.toArray()).join('')
    if ((answer.statusCode ?? 0) >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  async function read({ name, type }: RecordSetName): Promise<Reading> {
    const { rrsets } = (await call('GET', `?rrset_name=${name}.&rrset_type=${type}`)) as {
      rrsets: readonly { ttl: number; records: readonly { content: string }[] }[]
    }
    const [found] = rrsets
    return {
      name,
      type,
      set: found && { name, type, ttlSeconds: found.ttl, values: found.records.map(({ content }) => unquoteTxt(content)) },
    }
  }

  const provider: DnsProvider = {
    id: 'powerdns',
    zone,
    capabilities: {
      compareAndSwap: 'none',
      atomicBatch: true,
      types: ['TXT'],
      minimumTtlSeconds: 0,
      typicalPropagationMs: 0,
      rate: { perSecond: 100, burst: 100, source: 'none' },
      proven: 'live',
      source: 'https://doc.powerdns.com/authoritative/http-api/zone.html',
    },
    read,
    async change(replacements) {
      const rrsets = replacements.map(({ expected: { name, type }, next }) => ({
        name: `${name}.`,
        type,
        ...(next
          ? {
              changetype: 'REPLACE',
              ttl: next.ttlSeconds,
              records: next.values.map((text) => ({ content: quoteTxt(text), disabled: false })),
            }
          : { changetype: 'DELETE' }),
      }))
      await call('PATCH', '', { rrsets })
      return { kind: 'applied' }
    },
    waitMs: () => 0,
    close: async () => {},
  }
  return { provider, call }
}
