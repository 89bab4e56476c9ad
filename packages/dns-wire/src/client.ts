import { randomInt } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { Calls } from './client/calls.ts'
import type { DnsClient, DnsClientOptions } from './client/contract.ts'
import { Exchange, type Request } from './client/exchange.ts'
import { disbelief, judgeUpdate } from './client/judge.ts'
import { resolveOptions } from './client/options.ts'
import { encodeQuery } from './encode-message.ts'
import { encodeUpdate } from './encode-update.ts'
import { signMessage } from './tsig/sign.ts'
import { verifyMessage } from './tsig/verify.ts'

export type {
  CallOptions,
  ClientQuestion,
  DnsClient,
  DnsClientOptions,
  QueryResult,
  ServerAddress,
  UpdateResult,
} from './client/contract.ts'

/**
 * A client for one server. Nothing is sent before it is asked for.
 *
 * @throws HotspareError `HOTSPARE_DNS_WIRE_OPTIONS`
 */
export function createDnsClient(given: DnsClientOptions): DnsClient {
  const { server, key, clock, random, timeoutMs, attempts } = resolveOptions(given)
  const id = isIPv6(server.address) ? `[${server.address}]:${server.port}` : `${server.address}:${server.port}`
  const calls = new Calls({ who: `dns ${id}`, timeoutMs, clock })
  const exchange = new Exchange({ server, timeoutMs, attempts, clock, calls })
  const newId = () => (random ? Math.floor(random.next() * 65_536) : randomInt(65_536))
  const nowSeconds = () => Math.floor(clock.wallMs() / 1_000)

  const sealed = (unsigned: Uint8Array): Request => {
    if (!key) return { bytes: unsigned }
    const { bytes, mac } = signMessage(unsigned, { key, atSeconds: nowSeconds() })
    return { bytes, verify: (answer) => verifyMessage(answer, { keys: [key], atSeconds: nowSeconds(), requestMac: mac }) }
  }

  return {
    id,
    query: async ({ tcp = key !== undefined, ...question }, { signal } = {}) => {
      const request = sealed(encodeQuery({ ...question, id: newId() }))
      return calls.run(signal, async (run) => {
        const { message, verdict, overTcp } = await (tcp ? exchange.overTcp(request, run) : exchange.overUdp(request, run))
        const unbelieved = verdict && disbelief(message, verdict)
        if (unbelieved) throw calls.error('SIGNATURE', unbelieved.because, unbelieved)
        return { message, overTcp, tookMs: run.tookMs(), signed: verdict !== undefined }
      })
    },
    update: async (change, { signal } = {}) => {
      const request = sealed(encodeUpdate({ ...change, id: newId() }))
      return calls.run(signal, async (run) => {
        const { message, verdict } = await exchange.overTcp(request, run)
        const result = judgeUpdate(message, verdict)
        if (result) return result
        const unbelieved = verdict && disbelief(message, verdict)
        const why = unbelieved?.because ?? `an answer that contradicts itself (${message.rcode})`
        throw calls.error('SIGNATURE', `whether it was done is not known: ${why}`, unbelieved)
      })
    },
    close: () => calls.close(),
  }
}
