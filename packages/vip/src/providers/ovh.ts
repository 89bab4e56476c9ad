import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type CloudAnswer, type CloudCredentials, CloudHttp, type CloudRequest, type CloudWays, fetchText } from './cloud-http.ts'
import { Granted } from './credentials.ts'
import { ProviderError, type ProviderFault } from './errors.ts'
import { parseJson } from './json-text.ts'
import { ipv4Part, parseProvider, type ProviderOptions, providerParts, type ResolvedProviderOptions, secretPart } from './options.ts'
import type { AddressProvider, Operation } from './provider.ts'
import { anythingBut, escaped, textAt } from './reading.ts'

export interface OvhIpOptions extends ProviderOptions {
  /** An Additional IP: `203.0.113.10`. */
  readonly address: string
  readonly applicationKey: string
  readonly applicationSecret: string
  /** With the rights GET and POST on `/ip/*`. */
  readonly consumerKey: string
}

interface Resolved extends ResolvedProviderOptions {
  readonly address: string
  readonly applicationKey: string
  readonly applicationSecret: string
  readonly consumerKey: string
}

export const ovhIpOptionsSchema: z.ZodType<Resolved, OvhIpOptions> = z.strictObject({
  ...providerParts('https://eu.api.ovh.com/1.0'),
  address: ipv4Part,
  applicationKey: secretPart,
  applicationSecret: secretPart,
  consumerKey: secretPart,
})

/** How long a comparison with the server's clock is believed, in milliseconds. */
const TIME_MS = 3_600_000

const FAULTS: Readonly<Record<string, ProviderFault>> = {
  INVALID_CREDENTIAL: 'credentials',
  INVALID_KEY: 'credentials',
  INVALID_SIGNATURE: 'credentials',
  NOT_CREDENTIAL: 'credentials',
  QUERY_TIME_OUT: 'unavailable',
}
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
    credentials: (ways) => ovhCredentials(id, resolved, ways),
    // The clocks have drifted apart.
    areStale: (answer) => textAt(parseJson(answer.text), 'errorCode') === 'QUERY_TIME_OUT',
    dispatcher,
    clock,
  })
  const block = `${address}/32`
  const path = `/ip/${encodeURIComponent(block)}`

  function read(answer: CloudAnswer): unknown {
    if (answer.status >= 200 && answer.status < 300) return http.json(answer)
    const said = parseJson(answer.text)
    const code = textAt(said, 'errorCode')
    const fault = FAULTS[code ?? '']
    throw http.failure(answer, { code, message: textAt(said, 'message'), ...(fault ? { fault } : {}) })
  }

  async function begin(verb: 'move' | 'park', json: object, signal: AbortSignal): Promise<Operation | undefined> {
    const headers = { 'content-type': 'application/json' }
    const task = read(await http.call({ method: 'POST', path: `${path}/${verb}`, headers, body: JSON.stringify(json) }, signal))
    const taskId = textAt(task, 'taskId')
    if (taskId === undefined) throw new ProviderError({ who: id, fault: 'unavailable', why: 'the answer names no task' })
    return {
      hasEnded: async (own) => {
        const status = textAt(read(await http.call({ method: 'GET', path: `${path}/task/${taskId}` }, own)), 'status') ?? ''
        if (FAILED.has(status)) throw new ProviderError({ who: id, fault: 'busy', why: `the task has ended with ${status}` })
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

/** `$1$` and the SHA-1 of secrets, request and time, by the server's clock. (OVHcloud: First steps with the API.) */
export function ovhSignature(parts: {
  readonly applicationSecret: string
  readonly consumerKey: string
  readonly method: CloudRequest['method']
  readonly url: string
  readonly body: string
  readonly timestamp: number
}): string {
  const { applicationSecret, consumerKey, method, url, body, timestamp } = parts
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join('+')
  return `$1$${createHash('sha1').update(signed).digest('hex')}`
}

function ovhCredentials(
  who: string,
  { applicationKey, applicationSecret, consumerKey, endpoint, clock }: Resolved,
  { out: dispatcher }: CloudWays,
): CloudCredentials {
  const ahead = new Granted(async (signal) => {
    const { status, text } = await fetchText({ url: new URL(`${endpoint}/auth/time`), request: { method: 'GET' }, signal, dispatcher })
    const seconds = Number(text)
    if (status !== 200 || !Number.isSafeInteger(seconds))
      throw new ProviderError({ who, fault: 'unavailable', why: `${status}, and no time` })
    return { value: seconds - Math.floor(clock.wallMs() / 1_000), lastsMs: TIME_MS }
  }, clock)
  return {
    async headers({ method, url, body = '' }, signal) {
      const timestamp = Math.floor(clock.wallMs() / 1_000) + (await ahead.get(signal))
      const signature = ovhSignature({ applicationSecret, consumerKey, method, url: url.href, body, timestamp })
      return {
        'x-ovh-application': applicationKey,
        'x-ovh-consumer': consumerKey,
        'x-ovh-timestamp': String(timestamp),
        'x-ovh-signature': signature,
      }
    },
    forget() {
      ahead.forget(() => true)
      return true
    },
    secrets: () => [applicationSecret, consumerKey],
  }
}
