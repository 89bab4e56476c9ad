import type { AwsRoutesOptions, ElasticIpOptions, PrivateIpOptions } from '@hotspare/vip/aws'
import type { AzureIpConfigurationOptions } from '@hotspare/vip/azure'
import type { ReservedIpOptions } from '@hotspare/vip/digitalocean'
import type { AliasIpOptions, GoogleRouteOptions } from '@hotspare/vip/google'
import type { FloatingIpOptions, HetznerAliasIpOptions } from '@hotspare/vip/hetzner'
import type { RobotFailoverIpOptions } from '@hotspare/vip/hetzner-robot'
import type { OvhIpOptions } from '@hotspare/vip/ovh'

/** The options of each provider of addresses, by the type that a resource has in the file. */
export interface CloudOptions {
  readonly 'aws-elastic-ip': ElasticIpOptions
  readonly 'aws-private-ip': PrivateIpOptions
  readonly 'aws-route': AwsRoutesOptions
  readonly 'google-route': GoogleRouteOptions
  readonly 'google-alias-ip': AliasIpOptions
  readonly 'azure-ip': AzureIpConfigurationOptions
  readonly 'hetzner-floating-ip': FloatingIpOptions
  readonly 'hetzner-alias-ip': HetznerAliasIpOptions
  readonly 'hetzner-failover-ip': RobotFailoverIpOptions
  readonly 'digitalocean-reserved-ip': ReservedIpOptions
  readonly 'ovh-ip': OvhIpOptions
}

export type CloudType = keyof CloudOptions

/** An address that a cloud or hoster moves by its API. */
export type CloudResourceConfig = { readonly [Type in CloudType]: CloudResource<Type> }[CloudType]

interface CloudResource<Type extends CloudType> {
  readonly type: Type
  /** Those of the package, without what the app adds. */
  readonly options: CloudOptions[Type]
  /** What it is given to on each member and no other node, as the provider calls it; each once. */
  readonly targets: Readonly<Record<string, string>>
}

/** Of the options, what nodes need not agree on: how they show who they are, and where they ask. */
const OWN: ReadonlySet<string> = new Set(
  ['keys', 'key', 'client', 'token', 'user', 'password', 'applicationKey', 'applicationSecret', 'consumerKey'].concat([
    'endpoint',
    'metadataEndpoint',
    'loginEndpoint',
  ]),
)

/** Whether a resource is moved by a provider, and is on no interface as far as we know. */
export function isCloud<Each extends { readonly type: string }>(resource: Each): resource is Extract<Each, { readonly targets: unknown }> {
  return 'targets' in resource
}

/** What nodes have to agree on, without a secret. */
export function sharedCloud({ type, options, targets }: CloudResourceConfig): object {
  return { type, targets, options: Object.fromEntries(Object.entries(options).filter(([name]) => !OWN.has(name))) }
}

/** As its provider names it: unique in a file. */
export function cloudName({ type, options }: Pick<CloudResourceConfig, 'type' | 'options'>): string {
  const named = ['allocation', 'floatingIp', 'name', 'address'].find((key) => Object.hasOwn(options, key)) ?? ''
  // An IP configuration at Azure has a name too; what moves is its address.
  return `${type} ${String(Reflect.get(options, type === 'azure-ip' ? 'address' : named))}`
}
