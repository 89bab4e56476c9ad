import { type CloudAnswer, CloudError, CloudHttp, textAt } from '@hotspare/cloud'
import { isOvhStale, ovhComplaint, ovhCredentials, ovhKeyParts, type OvhKeys } from '@hotspare/cloud/ovh'
import { z } from 'zod'
import { ipv4Part, parseProvider, type ProviderOptions, providerParts, type ResolvedProviderOptions } from './options.ts'
import type { AddressProvider, Operation } from './provider.ts'
import { anythingBut, escaped } from './reading.ts'

export interface OvhIpOptions extends ProviderOptions, OvhKeys {
  /** An Additional IP: `203.0.113.10`. */
  readonly address: string
  /** With the rights GET and POST on `/ip/*`. */
  readonly consumerKey: string
}

interface Resolved extends ResolvedProviderOptions, OvhKeys {
  readonly address: string
}

export const ovhIpOptionsSchema: z.ZodType<Resolved, OvhIpOptions> = z.strictObject({
  ...providerParts('https://eu.api.ovh.com/1.0'),
  address: ipv4Part,
  ...ovhKeyParts,
})

const OVER: ReadonlySet<string> = new Set(['done'])
const FAILED: ReadonlySet<string> = new Set(['cancelled', 'customerError', 'ovhError'])

/**
 * An Additional IP of OVHcloud; targets are names of services (`ns1234.ip-203-0-113.eu`). It moves by a task, which takes half a
 * minute to two. OVH keeps no token for it.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function ovhIp(options: OvhIpOptions): AddressProvider {
  const resolved = parseProvider('ovh-ip', ovhIpOptionsSchema, options)
  const { address, endpoint, dispatcher, clock } = resolved
  const id = `ovh-ip ${address}`
  const http = new CloudHttp({
    who: id,
    endpoint,
    credentials: (ways) => ovhCredentials({ ...resolved, who: id, ways }),
    areStale: isOvhStale,
    dispatcher,
    clock,
  })
  const block = `${address}/32`
  const path = `/ip/${encodeURIComponent(block)}`

  function read(answer: CloudAnswer): unknown {
    if (answer.status >= 200 && answer.status < 300) return http.json(answer)
    throw http.failure(answer, ovhComplaint(answer))
  }

  async function begin(verb: 'move' | 'park', json: object, signal: AbortSignal): Promise<Operation | undefined> {
    const headers = { 'content-type': 'application/json' }
    const task = read(await http.call({ method: 'POST', path: `${path}/${verb}`, headers, body: JSON.stringify(json) }, signal))
    const taskId = textAt(task, 'taskId')
    if (taskId === undefined) throw new CloudError({ who: id, fault: 'unavailable', why: 'the answer names no task' })
    return {
      hasEnded: async (own) => {
        const status = textAt(read(await http.call({ method: 'GET', path: `${path}/task/${taskId}` }, own)), 'status') ?? ''
        if (FAILED.has(status)) throw new CloudError({ who: id, fault: 'busy', why: `the task has ended with ${status}` })
        return OVER.has(status)
      },
    }
  }

  return {
    id,
    shape: 'atomic',
    terms: {
      typicalMs: 60_000,
      allowedMs: { acquire: 180_000, release: 180_000 },
      // A task takes half a minute and more, and nothing is hurried by asking.
      callMs: 15_000,
      pollMs: 2_000,
      lookEveryMs: 30_000,
      credentialsPauseMs: 60_000,
      // Nothing is written down; answers of 429 are honoured.
      rate: { perSecond: 0.5, burst: 30, source: 'no published limit' },
    },
    async look(_, signal) {
      const found = read(await http.call({ method: 'GET', path }, signal))
      return { places: [{ name: address, holder: textAt(found, 'routedTo', 'serviceName') }] }
    },
    assign: ({ target, signal }) => begin('move', { to: target }, signal),
    unassign: ({ signal }) => begin('park', {}, signal),
    instruction(verb, { target }) {
      const look = `${signedCurl('GET', `${endpoint}${path}`)} | jq -r '.routedTo.serviceName'`
      if (verb === 'acquire') {
        return {
          what: `Move ${address} to ${target}: it takes up to two minutes.`,
          manual: [signedCurl('POST', `${endpoint}${path}/move`, JSON.stringify({ to: target }))],
          verification: { command: look, expect: `^${escaped(target)}$` },
        }
      }
      return {
        what: `Park ${address}, if it is on ${target}.`,
        manual: [`[ "$(${look})" != ${target} ] || ${signedCurl('POST', `${endpoint}${path}/park`, '{}')}`],
        verification: { command: look, expect: anythingBut(target) },
      }
    },
    close: () => http.close(),
  }

  /** By hand, with the secrets as variables. */
  function signedCurl(method: string, url: string, body = ''): string {
    const signed = `printf %s "$OVH_APPLICATION_SECRET+$OVH_CONSUMER_KEY+${method}+${url}+${body.replaceAll('"', String.raw`\"`)}+$now" | sha1sum | cut -d' ' -f1`
    const headers = [
      '-H "X-Ovh-Application: $OVH_APPLICATION_KEY" -H "X-Ovh-Consumer: $OVH_CONSUMER_KEY" -H "X-Ovh-Timestamp: $now"',
      `-H "X-Ovh-Signature: \\$1\\$$(${signed})"`,
      ...(body === '' ? [] : [`-H 'content-type: application/json' -d '${body}'`]),
    ].join(' ')
    return `{ now=$(curl -fsS ${endpoint}/auth/time); curl -fsS -X ${method} ${headers} ${url}; }`
  }
}
