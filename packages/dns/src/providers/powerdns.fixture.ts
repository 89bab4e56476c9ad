import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { StandInFault } from '@hotspare/cloud/testing'
import { request as send } from 'undici'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import type { DnsProviderFixture, DnsStandIn } from '../testing/index.ts'
import { recordSet } from '../value.ts'
import { powerDnsZone, type PowerDnsZoneOptions } from './powerdns.ts'
import { fromZoneText, zoneText } from './zone-text.ts'

export const POWERDNS_KEY = 'powerdns-secret-api-key'

export interface PowerDnsFixture extends DnsProviderFixture {
  readonly zone: string
  readonly standIn: DnsStandIn
  /** What the API tells of the zone. */
  look(): Promise<Record<string, unknown>>
  /** Any call past the driver, and past what stands before the server. */
  call(
    method: 'GET' | 'PUT' | 'PATCH' | 'POST',
    path: string,
    json?: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string }>
}

let zones = 0

/** A new zone in a PowerDNS that runs, and something before its API that breaks answers when told to. */
export async function powerDnsFixture(
  apiUrl: string,
  { zoneFields = {}, ...options }: Partial<PowerDnsZoneOptions> & { readonly zoneFields?: object } = {},
): Promise<PowerDnsFixture> {
  const zone = `z${++zones}.example.test`
  const api = '/api/v1/servers/localhost/zones'
  const gate = await Gate.open(apiUrl)

  const call: PowerDnsFixture['call'] = async (method, path, json, headers = {}) => {
    const body = json ? JSON.stringify(json) : null
    const answer = await send(`${apiUrl}${api}${path}`, { method, body, headers: { 'x-api-key': POWERDNS_KEY, ...headers } })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
  const done = async (...asked: Parameters<typeof call>) => {
    const { status, text } = await call(...asked)
    if (status > 299) throw new Error(`powerdns: ${status} ${text}`)
    return text
  }
  const patch = (rrset: object) => done('PATCH', `/${zone}.`, { rrsets: [rrset] })
  const look = async () => JSON.parse(await done('GET', `/${zone}.`)) as Record<string, unknown>

  const created = { name: `${zone}.`, kind: 'Native', nameservers: ['ns1.example.test.'], soa_edit_api: 'DEFAULT', ...zoneFields }
  await done('POST', '', created)

  return {
    zone,
    standIn: gate,
    look,
    call,
    open: (clock) => powerDnsZone({ zone, apiKey: POWERDNS_KEY, endpoint: gate.url, clock, ...options }),
    async seed({ name, type, ttlSeconds, values }: RecordSet) {
      const records = values.map((value) => ({ content: zoneText(type, value), disabled: false }))
      await patch({ name: `${name}.`, type, ttl: ttlSeconds, changetype: 'REPLACE', records })
    },
    async remove({ name, type }: RecordSetName) {
      await patch({ name: `${name}.`, type, changetype: 'DELETE' })
    },
    async peek({ name, type }: RecordSetName) {
      const { rrsets } = (await look()) as { rrsets: { name: string; type: string; ttl: number; records: { content: string }[] }[] }
      const found = rrsets.find((each) => each.name === `${name}.` && each.type === type)
      const values = found?.records.map(({ content }) => fromZoneText(type, content))
      return found && recordSet({ name, type, ttlSeconds: found.ttl, values: values ?? [] })
    },
    secrets: [POWERDNS_KEY],
    close: () => gate.close(),
  }
}

/** Passes requests on to a real server, and breaks them when told to. */
class Gate implements DnsStandIn {
  readonly asked: string[] = []
  readonly objections: readonly string[] = []
  readonly #target: string
  readonly #server = createServer()
  readonly #faults: { fault: StandInFault; times: number; changes: boolean }[] = []
  #listener: (() => void | Promise<void>) | undefined
  #isBelieved = true
  hung = 0
  busy = 0
  url = ''

  private constructor(target: string) {
    this.#target = target
  }

  static async open(target: string): Promise<Gate> {
    const gate = new Gate(target)
    gate.#server.on('request', (request, response) => void gate.#handle(request, response))
    gate.#server.listen(0, '127.0.0.1')
    await once(gate.#server, 'listening')
    const address = gate.#server.address()
    gate.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    return gate
  }

  fail: DnsStandIn['fail'] = (fault, { times = 1, changes = false } = {}) => {
    this.#faults.push({ fault, times, changes })
  }

  onChange(listener: (() => void | Promise<void>) | undefined): void {
    this.#listener = listener
  }

  refuseCredentials(): void {
    this.#isBelieved = false
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.closeAllConnections()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const changes = request.method !== 'GET'
    this.asked.push(`${changes ? 'change' : 'question'} ${request.method} ${request.url}`)
    const fault = this.#faults.find((each) => each.times > 0 && each.changes === changes)
    if (fault) fault.times -= 1
    if (fault && fault.fault !== 'late-reset') return this.#break(fault.fault, response)
    this.busy += 1
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (changes) await this.#listener?.()
      const key = this.#isBelieved ? request.headers['x-api-key'] : 'not-the-key'
      const answer = await send(`${this.#target}${request.url}`, {
        method: request.method as 'GET',
        headers: { 'x-api-key': String(key), 'content-type': request.headers['content-type'] ?? 'text/plain' },
        body: chunks.length > 0 ? Buffer.concat(chunks) : null,
      })
      const text = await answer.body.text()
      if (fault) response.destroy()
      else response.writeHead(answer.statusCode).end(text)
    } catch {
      response.destroy()
    } finally {
      this.busy -= 1
    }
  }

  #break(fault: StandInFault, response: ServerResponse): void {
    if (fault === '500') response.writeHead(500).end('the server repeats: x-api-key: powerdns-secret-api-key')
    else if (fault === 'limited') response.writeHead(429, { 'retry-after': '7' }).end('slow down')
    else if (fault === 'garbage') response.writeHead(200).end('<html>a proxy was here')
    else if (fault === 'huge') response.writeHead(200).end('x'.repeat(3_000_000))
    else if (fault === 'reset') response.destroy()
    else this.hung += 1
  }
}
