import { at, type CloudAnswer, CloudError, CloudHttp, fixedBearer, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { usualTerms } from './defaults.ts'
import { ipv4Part, parseProvider, type ProviderOptions, providerParts, type ResolvedProviderOptions } from './options.ts'
import type { AddressProvider, Operation } from './provider.ts'
import { anythingBut } from './reading.ts'

export interface ReservedIpOptions extends ProviderOptions {
  /** A reserved IPv4 address: `203.0.113.10`. */
  readonly address: string
  /** A personal access token that may read and update reserved IPs. */
  readonly token: string
}

type Resolved = ResolvedProviderOptions & { readonly address: string; readonly token: string }

export const reservedIpOptionsSchema: z.ZodType<Resolved, ReservedIpOptions> = z.strictObject({
  ...providerParts('https://api.digitalocean.com/v2'),
  address: ipv4Part,
  token: secretPart,
})

/**
 * A reserved IP of DigitalOcean; targets are the numbers of Droplets in its datacenter, each of which can have one. DigitalOcean
 * keeps no token for it.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function reservedIp(options: ReservedIpOptions): AddressProvider {
  const { address, token, endpoint, dispatcher, clock } = parseProvider('digitalocean-reserved-ip', reservedIpOptionsSchema, options)
  const id = `digitalocean-reserved-ip ${address}`
  const http = new CloudHttp({ who: id, endpoint, credentials: () => fixedBearer(token), dispatcher, clock })
  const path = `/reserved_ips/${encodeURIComponent(address)}`

  function read(answer: CloudAnswer): unknown {
    if (answer.status >= 200 && answer.status < 300) return http.json(answer)
    const said = parseJson(answer.text)
    const message = textAt(said, 'message')
    // "The reserved IP already has a pending event": another action is under way.
    const isBusy = answer.status === 422 && /pending|in progress|locked/i.test(message ?? '')
    throw http.failure(answer, { code: textAt(said, 'id'), message, ...(isBusy ? { fault: 'busy' as const } : {}) })
  }

  async function act(json: object, signal: AbortSignal): Promise<Operation | undefined> {
    const headers = { 'content-type': 'application/json' }
    const begun = read(await http.call({ method: 'POST', path: `${path}/actions`, headers, body: JSON.stringify(json) }, signal))
    const action = textAt(begun, 'action', 'id')
    if (action === undefined) throw new CloudError({ who: id, fault: 'unavailable', why: 'the answer names no action' })
    if (hasEnded(begun)) return undefined
    return { hasEnded: async (own) => hasEnded(read(await http.call({ method: 'GET', path: `${path}/actions/${action}` }, own))) }
  }

  function hasEnded(answer: unknown): boolean {
    const status = textAt(answer, 'action', 'status')
    if (status === 'errored') throw new CloudError({ who: id, fault: 'busy', why: 'the action has failed' })
    return status === 'completed'
  }

  return {
    id,
    shape: 'atomic',
    terms: {
      ...usualTerms,
      typicalMs: 5_000,
      allowedMs: { acquire: 60_000, release: 60_000 },
      // 0.3 calls a second are all there is.
      pollMs: 1_000,
      // 5,000 an hour and 250 a minute for the whole account.
      rate: { perSecond: 0.3, burst: 30, source: 'DigitalOcean API reference: Rate Limit' },
    },
    async look(_, signal) {
      const found = at(read(await http.call({ method: 'GET', path }, signal)), 'reserved_ip')
      if (found === undefined) throw new CloudError({ who: id, fault: 'unavailable', why: 'the answer does not tell of it' })
      return { places: [{ name: address, holder: textAt(found, 'droplet', 'id') }] }
    },
    assign: ({ target, signal }) => act({ type: 'assign', droplet_id: Number(target) }, signal),
    unassign: ({ signal }) => act({ type: 'unassign' }, signal),
    instruction(verb, { target }) {
      const look = `doctl compute reserved-ip get ${address} --format DropletID --no-header`
      const doctl = 'doctl compute reserved-ip-action'
      if (verb === 'acquire') {
        return {
          what: `Give the reserved IP ${address} to the Droplet ${target}.`,
          manual: [`${doctl} assign ${address} ${target}`],
          verification: { command: look, expect: `^${target}$` },
        }
      }
      return {
        what: `Take the reserved IP ${address} off the Droplet ${target}, if it is there.`,
        manual: [`[ "$(${look})" != ${target} ] || ${doctl} unassign ${address}`],
        verification: { command: look, expect: anythingBut(target) },
      }
    },
    close: () => http.close(),
  }
}
