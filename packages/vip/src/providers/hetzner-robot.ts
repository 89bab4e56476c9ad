import { at, type CloudAnswer, CloudError, type CloudFault, CloudHttp, parseJson, secretPart, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { ipv4Part, parseProvider, type ProviderOptions, providerParts, type ResolvedProviderOptions } from './options.ts'
import type { AddressProvider } from './provider.ts'
import { anythingBut, escaped } from './reading.ts'

export interface RobotFailoverIpOptions extends ProviderOptions {
  /** The failover IP, or the first address of a failover subnet. */
  readonly address: string
  /** Of the web service, as it is made in Robot's settings. */
  readonly user: string
  readonly password: string
}

type Resolved = ResolvedProviderOptions & { readonly address: string; readonly user: string; readonly password: string }

export const robotFailoverIpOptionsSchema: z.ZodType<Resolved, RobotFailoverIpOptions> = z.strictObject({
  ...providerParts('https://robot-ws.your-server.de'),
  address: ipv4Part,
  user: secretPart,
  password: secretPart,
})

/** By the error codes of the web service; what is not here is judged by its status. */
const FAULTS: Readonly<Record<string, CloudFault>> = {
  RATE_LIMIT_EXCEEDED: 'limited',
  FAILOVER_LOCKED: 'busy',
  FAILOVER_FAILED: 'unavailable',
  FAILOVER_NOT_COMPLETE: 'unavailable',
}
/** The limit is for an hour, and when one call comes back is not said: within the time of a takeover it is asked again. */
const LIMITED_MS = 15_000

/**
 * A failover IP of Hetzner's dedicated servers; targets are the main addresses of servers. A switch takes 40 to 60 s, and 50 are
 * allowed in an hour. The web service works over IPv4 only, and locks an address out for ten minutes after three wrong
 * passwords: after one, nothing is asked for five. Hetzner keeps no token for it.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function robotFailoverIp(options: RobotFailoverIpOptions): AddressProvider {
  const { address, user, password, endpoint, dispatcher, clock } = parseProvider(
    'hetzner-failover-ip',
    robotFailoverIpOptionsSchema,
    options,
  )
  const id = `hetzner-failover-ip ${address}`
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  const credentials = { headers: async () => ({ authorization: `Basic ${basic}` }), secrets: () => [password, basic] }
  const http = new CloudHttp({ who: id, endpoint, credentials: () => credentials, dispatcher, clock })
  const path = `/failover/${encodeURIComponent(address)}`

  function read(answer: CloudAnswer, accepted: readonly string[] = []): unknown {
    if (answer.status >= 200 && answer.status < 300) return http.json(answer)
    const error = at(parseJson(answer.text), 'error')
    const code = textAt(error, 'code')
    if (code !== undefined && accepted.includes(code)) return undefined
    const fault = FAULTS[code ?? '']
    if (fault === 'limited') throw new CloudError({ who: id, fault, why: `${answer.status} ${code}`, retryAfterMs: LIMITED_MS })
    throw http.failure(answer, { code, message: textAt(error, 'message'), ...(fault ? { fault } : {}) })
  }

  return {
    id,
    shape: 'atomic',
    terms: {
      typicalMs: 60_000,
      allowedMs: { acquire: 240_000, release: 240_000 },
      // The answer to a switch comes when it is done.
      callMs: 120_000,
      pollMs: 5_000,
      lookEveryMs: 180_000,
      credentialsPauseMs: 300_000,
      // 50 switches and 100 questions an hour: some 20 looks an hour for each node, and the rest for takeovers.
      rate: { perSecond: 1 / 120, burst: 12, source: 'Hetzner Robot Webservice documentation: Failover' },
    },
    async look(_, signal) {
      const found = at(read(await http.call({ method: 'GET', path }, signal)), 'failover')
      if (found === undefined) throw new CloudError({ who: id, fault: 'unavailable', why: 'the answer does not tell of it' })
      return { places: [{ name: address, holder: textAt(found, 'active_server_ip') }] }
    },
    async assign({ target, signal }) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const body = new URLSearchParams({ active_server_ip: target }).toString()
      read(await http.call({ method: 'POST', path, headers, body }, signal), ['FAILOVER_ALREADY_ROUTED'])
      return undefined
    },
    async unassign({ signal }) {
      read(await http.call({ method: 'DELETE', path }, signal))
      return undefined
    },
    instruction(verb, { target }) {
      // Read from a configuration on standard input: an argument would show the password to every user of the machine.
      const curl = `printf 'user = "%s"\\n' "$ROBOT_USER:$ROBOT_PASSWORD" | curl -fsS -4 -K -`
      const look = `${curl} ${endpoint}${path} | jq -r '.failover.active_server_ip'`
      if (verb === 'acquire') {
        return {
          what: `Switch the failover IP ${address} to the server ${target}: it takes up to a minute.`,
          manual: [`${curl} -d active_server_ip=${target} ${endpoint}${path}`],
          verification: { command: look, expect: `^${escaped(target)}$` },
        }
      }
      return {
        what: `Remove the route of the failover IP ${address}, if it leads to ${target}.`,
        manual: [`[ "$(${look})" != ${target} ] || ${curl} -X DELETE ${endpoint}${path}`],
        verification: { command: look, expect: anythingBut(target) },
      }
    },
    close: () => http.close(),
  }
}
