import { CloudError, listAt, textAt } from '@hotspare/cloud'
import { z } from 'zod'
import { ipv4Part, parseProvider } from '../options.ts'
import type { AddressProvider, Operation } from '../provider.ts'
import { HetznerCloud, type HetznerOptions, hetznerParts, hetznerTerms, type ResolvedHetznerOptions } from './cloud.ts'

export interface HetznerAliasIpOptions extends HetznerOptions {
  /** The number of the private network: `815`. */
  readonly network: string
  /** An address of it that no server has as its own. */
  readonly address: string
}

type Resolved = ResolvedHetznerOptions & { readonly network: string; readonly address: string }

export const hetznerAliasIpOptionsSchema: z.ZodType<Resolved, HetznerAliasIpOptions> = z.strictObject({
  ...hetznerParts,
  network: z.string().regex(/^\d{1,15}$/, 'expected the number of a network, like 815'),
  address: ipv4Part,
})

/**
 * An alias IP in a private network of Hetzner Cloud; targets are the numbers of servers. It is taken off one and set on another.
 * Hetzner keeps no token for it. A server that was deleted has nothing.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function hetznerAliasIp(options: HetznerAliasIpOptions): AddressProvider {
  const { network, address, ...hetzner } = parseProvider('hetzner-alias-ip', hetznerAliasIpOptionsSchema, options)
  const id = `hetzner-alias-ip ${address}`
  const cloud = new HetznerCloud(id, hetzner)

  async function aliasesOf(server: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const nets = listAt(await cloud.find(`/servers/${server}`, signal), 'server', 'private_net')
    const net = nets.find((each) => textAt(each, 'network') === network)
    return net === undefined ? undefined : listAt(net, 'alias_ips').filter((each) => typeof each === 'string')
  }

  async function change(server: string, wanted: boolean, signal: AbortSignal): Promise<Operation | undefined> {
    const aliases = await aliasesOf(server, signal)
    if (aliases === undefined && wanted) {
      throw new CloudError({ who: id, fault: 'refused', why: `the server ${server} is not in the network ${network}, or not there` })
    }
    if (aliases === undefined || aliases.includes(address) === wanted) return undefined
    const others = aliases.filter((each) => each !== address)
    const json = { network: Number(network), alias_ips: wanted ? [...others, address] : others }
    return cloud.act(`/servers/${server}/actions/change_alias_ips`, json, signal)
  }

  return {
    id,
    shape: 'release-then-take',
    asksEach: true,
    terms: { ...hetznerTerms, typicalMs: 6_000 },
    async look(targets, signal) {
      const found = await Promise.all(targets.map(async (each) => ((await aliasesOf(each, signal))?.includes(address) ? [each] : [])))
      return { places: [{ name: address, holder: found.flat()[0] }] }
    },
    assign: ({ target, signal }) => change(target, true, signal),
    unassign: ({ target, signal }) => change(target, false, signal),
    instruction(verb, { target, others }) {
      const look = (each: string) => `${aliasesCommand(network, each)} | grep -Fx ${address} || echo none`
      const rest = (each: string) => `${aliasesCommand(network, each)} | grep -vFx ${address} | paste -sd , -`
      const drop = (each: string) =>
        `[ "$(${look(each)})" = none ] || { others="$(${rest(each)})"; if [ "$others" ]; then ${setCommand(network, each, '--alias-ips "$others"')}; else ${setCommand(network, each, '--clear')}; fi; }`
      if (verb === 'acquire') {
        const add = `others="$(${rest(target)})"; ${setCommand(network, target, `--alias-ips "\${others:+$others,}${address}"`)}`
        return {
          what: `Set the alias IP ${address} on the server ${target}, after it was taken off whoever has it.`,
          manual: [...others.map(drop), add],
          verification: { command: look(target), expect: `^${address.replaceAll('.', String.raw`\.`)}$` },
        }
      }
      return {
        what: `Take the alias IP ${address} off the server ${target}, if it is there.`,
        manual: [drop(target)],
        verification: { command: look(target), expect: '^none$' },
      }
    },
    close: () => cloud.close(),
  }
}

function aliasesCommand(network: string, server: string): string {
  return `hcloud server describe ${server} --output json | jq -r '.private_net[] | select(.network == ${network}) | .alias_ips[]'`
}

function setCommand(network: string, server: string, list: string): string {
  return `hcloud server change-alias-ips ${server} --network ${network} ${list}`
}
