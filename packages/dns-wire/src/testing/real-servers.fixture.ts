import { systemClock } from '@hotspare/core'
import { askTcp } from '../client/ask-tcp.ts'
import { createDnsClient, type DnsClient } from '../client.ts'
import { decodeMessage } from '../decode-message.ts'
import { encodeMessage } from '../encode-message.ts'
import { type Message, noFlags, type WireRecord } from '../message.ts'
import { presentValue } from '../present-value.ts'
import type { TsigKey } from '../tsig/algorithms.ts'
import { signMessage, type SigningOptions } from '../tsig/sign.ts'
import { type TsigVerdict, verifyMessage } from '../tsig/verify.ts'
import { hasBind, startBind } from './bind.ts'
import { hasKnot, startKnot } from './knot.ts'
import type { TestAddress, TestServer, TestServerOptions } from './name-server.ts'
import { hasPowerDns, startPowerDns } from './power-dns.ts'

export interface RealServer {
  readonly name: 'BIND' | 'Knot' | 'PowerDNS'
  readonly isInstalled: boolean
  /** The Debian packages. */
  readonly install: string
  readonly start: (options: TestServerOptions) => Promise<TestServer>
}

export const realServers: readonly RealServer[] = [
  { name: 'BIND', isInstalled: hasBind(), install: 'bind9', start: startBind },
  { name: 'Knot', isInstalled: hasKnot(), install: 'knot', start: startKnot },
  { name: 'PowerDNS', isInstalled: hasPowerDns(), install: 'pdns-server pdns-backend-sqlite3', start: startPowerDns },
]

export const zone = 'example.test'
export const key: TsigKey = { name: 'hotspare', algorithm: 'hmac-sha256', secret: 'NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=' }

export function client(
  server: TestAddress,
  given: { readonly key?: TsigKey | undefined; readonly secondsOff?: number } = { key },
): DnsClient {
  const { secondsOff = 0 } = given
  const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + secondsOff * 1_000 }
  return createDnsClient({ server, timeoutMs: 15_000, key: given.key, clock })
}

/** @returns the values of one set as texts, sorted, and its TTL */
export async function look(server: TestAddress, name: string, type: string): Promise<{ values: readonly string[]; ttlSeconds?: number }> {
  const { message } = await client(server, {}).query({ name, type, tcp: true })
  const records = message.answers.filter((record) => record.type === type && record.name === name)
  const values = records.map(({ data }) => presentValue(type, data)).toSorted()
  return records[0] ? { values, ttlSeconds: records[0].ttlSeconds } : { values }
}

export async function serialOf(server: TestAddress): Promise<number> {
  const { values } = await look(server, zone, 'SOA')
  return Number(values[0]?.split(' ')[2])
}

/** Sends an update that `encodeUpdate` does not write, or signs it otherwise, and tells what came back. */
export async function sendUpdate(
  server: TestAddress,
  given: Partial<Message>,
  how: Partial<SigningOptions> = {},
): Promise<{ message: Message; verdict: TsigVerdict }> {
  const bytes = encodeMessage({
    id: 4_711,
    flags: { ...noFlags, opcode: 'UPDATE' },
    rcode: 'NOERROR',
    questions: [{ name: zone, type: 'SOA', class: 'IN' }],
    answers: [],
    authorities: [],
    additionals: [],
    ...given,
  })
  const atSeconds = Math.floor(systemClock.wallMs() / 1_000)
  const signed = signMessage(bytes, { key, atSeconds, ...how })
  const run = { signal: AbortSignal.timeout(15_000), phase: '', sent: () => {} }
  const answer = await askTcp(signed.bytes, { server, run })
  return { message: decodeMessage(answer), verdict: verifyMessage(answer, { keys: [key], atSeconds, requestMac: signed.mac }) }
}

export const nothing: WireRecord['data'] = { kind: 'opaque', bytes: new Uint8Array(0) }
