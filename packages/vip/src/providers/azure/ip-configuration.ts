import { at, CloudError, idPart, listAt, textAt } from '@hotspare/cloud'
import { type AzureClient, azureKeyParts } from '@hotspare/cloud/azure'
import { z } from 'zod'
import { usualTerms } from '../defaults.ts'
import { ipv4Part, parseProvider, type ProviderOptions, providerParts, type ResolvedProviderOptions } from '../options.ts'
import type { AddressProvider, Operation } from '../provider.ts'
import { readFencingToken } from '../reading.ts'
import { NetworkInterfaces } from './network-interfaces.ts'

export interface AzureIpConfigurationOptions extends ProviderOptions {
  readonly subscription: string
  /** That of all network interfaces that may have it. */
  readonly resourceGroup: string
  /** Of the IP configuration; the same on every network interface. */
  readonly name: string
  /** A private address of the subnet. */
  readonly address: string
  /** The resource id of a public address that goes with it. Default: none */
  readonly publicAddress?: string | undefined
  /** Default: the managed identity of the virtual machine, from its metadata service */
  readonly client?: AzureClient | undefined
  /** Default: `http://169.254.169.254` */
  readonly metadataEndpoint?: string | undefined
  /** Default: `https://login.microsoftonline.com` */
  readonly loginEndpoint?: string | undefined
}

interface Resolved extends ResolvedProviderOptions {
  readonly subscription: string
  readonly resourceGroup: string
  readonly name: string
  readonly address: string
  readonly publicAddress: string | undefined
  readonly client: AzureClient | undefined
  readonly metadataEndpoint: string
  readonly loginEndpoint: string
}

export const azureIpConfigurationOptionsSchema: z.ZodType<Resolved, AzureIpConfigurationOptions> = z.strictObject({
  ...providerParts('https://management.azure.com'),
  subscription: z.guid(),
  resourceGroup: idPart('shop').regex(/^[\w.()-]+$/, 'expected the name of a resource group, like shop'),
  name: idPart('shop-entry').regex(/^[\w.-]{1,80}$/, 'expected the name of an IP configuration, like shop-entry'),
  address: ipv4Part,
  publicAddress: z
    .string()
    .regex(/^\/subscriptions\/[\w./-]+$/, 'expected the resource id of a public IP address')
    .optional()
    .transform((value) => value),
  ...azureKeyParts,
})

/**
 * An IP configuration that moves from one network interface to another; targets are names of network interfaces of one resource
 * group. Azure takes half a minute as a rule, and many minutes at times: a load balancer that probes is the quicker way. Its
 * token is a tag of the interface that has it. An interface that was deleted has nothing.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function azureIpConfiguration(options: AzureIpConfigurationOptions): AddressProvider {
  const resolved = parseProvider('azure-ip', azureIpConfigurationOptionsSchema, options)
  const { name, address, publicAddress, resourceGroup, subscription } = resolved
  const id = `azure-ip ${address}`
  const interfaces = new NetworkInterfaces({ ...resolved, who: id })
  const tag = `hotspare-token-${name}`

  const has = (card: unknown) => configurations(card).some(isOurs)
  const isOurs = (each: unknown) => textAt(each, 'name') === name || textAt(each, 'properties', 'privateIPAddress') === address

  async function change(target: string, token: number | undefined, signal: AbortSignal): Promise<Operation | undefined> {
    const wanted = token !== undefined
    const card = await interfaces.find(target, signal)
    if (card === undefined && wanted) throw new CloudError({ who: id, fault: 'refused', why: `there is no network interface ${target}` })
    if (card === undefined || has(card) === wanted) return undefined
    const others = configurations(card).filter((each) => !isOurs(each))
    const subnet = textAt(others[0], 'properties', 'subnet', 'id')
    const ours = {
      name,
      properties: {
        privateIPAddress: address,
        privateIPAllocationMethod: 'Static',
        primary: false,
        subnet: { id: subnet },
        ...(publicAddress === undefined ? {} : { publicIPAddress: { id: publicAddress } }),
      },
    }
    const tags = { ...Object(at(card, 'tags')), ...(wanted ? { [tag]: String(token) } : {}) }
    const properties = { ...Object(at(card, 'properties')), ipConfigurations: wanted ? [...others, ours] : others }
    return interfaces.put(target, { ...card, tags, properties }, signal)
  }

  return {
    id,
    shape: 'release-then-take',
    asksEach: true,
    terms: {
      ...usualTerms,
      typicalMs: 60_000,
      allowedMs: { acquire: 600_000, release: 300_000 },
      // Resource Manager is slow: seconds for a call, half a minute and more for an operation, and a look is a call for each member.
      callMs: 30_000,
      pollMs: 2_000,
      lookEveryMs: 15_000,
      // Token buckets of Azure Resource Manager: 250 reads and 200 writes at once, 25 and 10 more a second.
      rate: { perSecond: 2, burst: 20, source: 'Azure Resource Manager: Understand how requests are throttled' },
    },
    async look(targets, signal) {
      const cards = await Promise.all(targets.map(async (target) => ({ target, card: await interfaces.find(target, signal) })))
      const tokens = cards.flatMap(({ card }) => readFencingToken(textAt(card, 'tags', tag)) ?? [])
      const holder = cards.find(({ card }) => has(card))?.target
      return { places: [{ name: address, holder }], token: tokens.length === 0 ? undefined : Math.max(...tokens) }
    },
    assign: ({ target, token, signal }) => change(target, token, signal),
    unassign: ({ target, signal }) => change(target, undefined, signal),
    instruction(verb, { target, others }) {
      const group = `--subscription ${subscription} --resource-group ${resourceGroup}`
      const configuration = (each: string) => `${group} --nic-name ${each} --name ${name}`
      const look = (each: string) =>
        `az network nic show ${group} --name ${each} --query "ipConfigurations[?name=='${name}'].name" --output tsv`
      const remove = (each: string) => `[ -z "$(${look(each)})" ] || az network nic ip-config delete ${configuration(each)}`
      if (verb === 'acquire') {
        const open = publicAddress === undefined ? '' : ` --public-ip-address ${publicAddress}`
        return {
          what: `Move the IP configuration ${name} with ${address} to ${target}.`,
          manual: [
            ...others.map(remove),
            `az network nic ip-config create ${configuration(target)} --private-ip-address ${address}${open}`,
          ],
          verification: { command: look(target), expect: `^${name.replaceAll('.', String.raw`\.`)}$` },
        }
      }
      return {
        what: `Take the IP configuration ${name} with ${address} off ${target}, if it is there.`,
        manual: [remove(target)],
        verification: { command: look(target), expect: '^$' },
      }
    },
    close: () => interfaces.close(),
  }
}

function configurations(card: unknown): readonly unknown[] {
  return listAt(card, 'properties', 'ipConfigurations')
}
