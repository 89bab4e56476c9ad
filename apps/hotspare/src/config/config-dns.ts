import type { AnswerPolicy, RecordType } from '@hotspare/dns'
import type { AzureZoneOptions } from '@hotspare/dns/azure'
import type { BunnyZoneOptions } from '@hotspare/dns/bunny'
import type { CloudflareZoneOptions } from '@hotspare/dns/cloudflare'
import type { DesecZoneOptions } from '@hotspare/dns/desec'
import type { DigitalOceanZoneOptions } from '@hotspare/dns/digitalocean'
import type { DnsimpleZoneOptions } from '@hotspare/dns/dnsimple'
import type { GandiZoneOptions } from '@hotspare/dns/gandi'
import type { GoogleZoneOptions } from '@hotspare/dns/google'
import type { HetznerZoneOptions } from '@hotspare/dns/hetzner'
import type { Ns1ZoneOptions } from '@hotspare/dns/ns1'
import type { OvhZoneOptions } from '@hotspare/dns/ovh'
import type { PowerDnsZoneOptions } from '@hotspare/dns/powerdns'
import type { Rfc2136ZoneOptions } from '@hotspare/dns/rfc2136'
import type { Route53ZoneOptions } from '@hotspare/dns/route53'
import type { PeerAddress } from './config.ts'

/** Names that answer by the health of pools, who keeps them, and the server of our own. */
export interface DnsConfig {
  readonly providers: readonly DnsProviderConfig[]
  readonly records: readonly AnsweringRecordConfig[]
  /** Undefined: this node serves no zone. */
  readonly server: DnsServerConfig | undefined
}

/** The options of each kind of provider, by its type in the file. */
export interface DnsProviderOptions {
  readonly rfc2136: Rfc2136ZoneOptions
  readonly powerdns: PowerDnsZoneOptions
  readonly route53: Route53ZoneOptions
  readonly cloudflare: CloudflareZoneOptions
  readonly google: GoogleZoneOptions
  readonly azure: AzureZoneOptions
  readonly hetzner: HetznerZoneOptions
  readonly digitalocean: DigitalOceanZoneOptions
  readonly ovh: OvhZoneOptions
  readonly gandi: GandiZoneOptions
  readonly desec: DesecZoneOptions
  readonly dnsimple: DnsimpleZoneOptions
  readonly ns1: Ns1ZoneOptions
  readonly bunny: BunnyZoneOptions
}

export type DnsProviderType = keyof DnsProviderOptions

/** Who keeps zones: an account, a server. Which zone is said by what uses it. */
export type DnsProviderConfig = { readonly [Type in DnsProviderType]: NamedProvider<Type> }[DnsProviderType]

interface NamedProvider<Type extends DnsProviderType> {
  readonly name: string
  readonly type: Type
  /** Those of the package, without what the app adds. */
  readonly options: Omit<DnsProviderOptions[Type], 'zone' | 'clock' | 'dispatcher'>
}

/** The name of the server of our own, where a provider is named. */
export const EMBEDDED = 'embedded'

/** Where a record stands. Names are absolute, in lower case, without a dot at their end. */
export interface RecordPlaceConfig {
  readonly zone: string
  readonly name: string
  readonly ttlSeconds: number
}

/** A name that answers with the addresses of those targets of a pool that are well. It needs no lease. */
export interface AnsweringRecordConfig extends RecordPlaceConfig {
  readonly type: 'A' | 'AAAA'
  /** Names of providers of this file, or {@link EMBEDDED}; each keeps the same. */
  readonly providers: readonly string[]
  readonly pool: string
  readonly targets: readonly AnsweredTarget[]
  readonly policy: AnswerPolicy
  /** What is done where somebody has edited it. */
  readonly drift: 'repair' | 'report'
  readonly verify: VerifyConfig
}

/** Whether it is looked for at the name servers after a change, and at which. */
export type VerifyConfig =
  | { readonly type: 'off' }
  /** Those that the zone has. */
  | { readonly type: 'all'; readonly withinMs: number }
  /** `192.0.2.53:53` */
  | { readonly type: 'servers'; readonly servers: readonly string[]; readonly withinMs: number }

/** A target as it is answered. */
export interface AnsweredTarget {
  /** `pool/name` */
  readonly id: string
  readonly address: string
  readonly weight: number
  readonly tier: number
}

/** A record that follows the active member of a service, under its lease and token. */
export interface DnsResourceConfig extends RecordPlaceConfig {
  readonly type: 'dns'
  /** Of the record: what the values are. */
  readonly recordType: RecordType
  /** The name of one of this file. */
  readonly provider: string
  /** What stands under that name: its options are as the file has them. */
  readonly account: DnsProviderConfig
  /** What it holds while a member is active, by member. */
  readonly follows: Readonly<Record<string, readonly string[]>>
  /** Whether a record that is there and nobody's may be taken over. */
  readonly adopt: boolean
  readonly verify: VerifyConfig
}

export interface DnsServerConfig {
  /** Where it answers, by UDP and TCP: IP addresses of this machine. */
  readonly listen: readonly PeerAddress[]
  readonly zones: readonly ServedZoneConfig[]
}

export interface ServedZoneConfig {
  readonly name: string
  /** Host names of its servers, absolute. */
  readonly nameServers: readonly string[]
  /** The mailbox of who is responsible, as a name of DNS. */
  readonly contact: string
  /** How long "there is no such name" may be kept, in seconds. */
  readonly negativeTtlSeconds: number
  /** What it holds besides what answers. */
  readonly records: readonly StaticRecordConfig[]
  /** Who is told of changes and may have a copy. */
  readonly secondaries: readonly PeerAddress[]
}

export interface StaticRecordConfig {
  readonly name: string
  /** Of whatever type the server knows. */
  readonly type: string
  readonly ttlSeconds: number
  /** In the form of a zone file. */
  readonly values: readonly string[]
}
