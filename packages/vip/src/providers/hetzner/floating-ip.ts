import { at, CloudError, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { parseProvider } from '../options.ts'
import type { AddressProvider } from '../provider.ts'
import { anythingBut, readFencingToken } from '../reading.ts'
import { HetznerCloud, type HetznerOptions, hetznerParts, hetznerTerms, type ResolvedHetznerOptions } from './cloud.ts'

export interface FloatingIpOptions extends HetznerOptions {
  /** The number of the floating IP: `4711`. */
  readonly floatingIp: string
}

const LABEL = 'hotspare-token'

export const floatingIpOptionsSchema: z.ZodType<ResolvedHetznerOptions & { readonly floatingIp: string }, FloatingIpOptions> =
  z.strictObject({
    ...hetznerParts,
    floatingIp: z.string().regex(/^\d{1,15}$/, 'expected the number of a floating IP, like 4711'),
  })

/**
 * A floating IP of Hetzner Cloud; targets are the numbers of servers, each of which has the address on an interface already. Its
 * token is the label `hotspare-token`.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function hetznerFloatingIp(options: FloatingIpOptions): AddressProvider {
  const { floatingIp, ...hetzner } = parseProvider('hetzner-floating-ip', floatingIpOptionsSchema, options)
  const id = `hetzner-floating-ip ${floatingIp}`
  const cloud = new HetznerCloud(id, hetzner)
  const path = `/floating_ips/${floatingIp}`

  async function find(signal: AbortSignal): Promise<unknown> {
    const found = at(await cloud.find(path, signal), 'floating_ip')
    if (found !== undefined) return found
    throw new CloudError({ who: id, fault: 'refused', why: 'there is no such floating IP in the project of the token' })
  }

  return {
    id,
    shape: 'atomic',
    terms: { ...hetznerTerms, typicalMs: 3_000 },
    async look(_, signal) {
      const found = await find(signal)
      return { places: [{ name: floatingIp, holder: textAt(found, 'server') }], token: readFencingToken(textAt(found, 'labels', LABEL)) }
    },
    assign: ({ target, signal }) => cloud.act(`${path}/actions/assign`, { server: Number(target) }, signal),
    unassign: ({ signal }) => cloud.act(`${path}/actions/unassign`, {}, signal),
    async writeToken(token, signal) {
      // Labels are put as a whole.
      const labels = { ...Object(at(await find(signal), 'labels')), [LABEL]: String(token) }
      await cloud.send('PUT', path, { labels }, signal)
    },
    instruction(verb, { target }) {
      const look = `hcloud floating-ip describe ${floatingIp} --output json | jq -r '.server'`
      if (verb === 'acquire') {
        return {
          what: `Give the floating IP ${floatingIp} to the server ${target}.`,
          manual: [`hcloud floating-ip assign ${floatingIp} ${target}`],
          verification: { command: look, expect: `^${target}$` },
        }
      }
      return {
        what: `Take the floating IP ${floatingIp} off the server ${target}, if it is there.`,
        manual: [`[ "$(${look})" != ${target} ] || hcloud floating-ip unassign ${floatingIp}`],
        verification: { command: look, expect: anythingBut(target) },
      }
    },
    close: () => cloud.close(),
  }
}
