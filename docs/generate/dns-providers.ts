import type { DnsCapabilities, DnsProvider } from '@hotspare/dns'
import { azureZone } from '@hotspare/dns/azure'
import { bunnyZone } from '@hotspare/dns/bunny'
import { cloudflareZone } from '@hotspare/dns/cloudflare'
import { desecZone } from '@hotspare/dns/desec'
import { digitalOceanZone } from '@hotspare/dns/digitalocean'
import { dnsimpleZone } from '@hotspare/dns/dnsimple'
import { gandiZone } from '@hotspare/dns/gandi'
import { googleZone } from '@hotspare/dns/google'
import { hetznerZone } from '@hotspare/dns/hetzner'
import { memoryZone } from '@hotspare/dns/memory'
import { ns1Zone } from '@hotspare/dns/ns1'
import { ovhZone } from '@hotspare/dns/ovh'
import { powerDnsZone } from '@hotspare/dns/powerdns'
import { rfc2136Zone } from '@hotspare/dns/rfc2136'
import { route53Zone } from '@hotspare/dns/route53'
import { createDnsServer, type DnsServer, embeddedZone } from '@hotspare/dns/server'
import { code, table } from './markdown.ts'

/** A provider of `@hotspare/dns`, as it is after its construction: nothing is asked. */
export interface DocumentedProvider {
  /** What people call it. */
  readonly name: string
  /** The sub-path that it is exported from. */
  readonly subPath: string
  /** The function that makes it. */
  readonly factory: string
  readonly capabilities: DnsCapabilities
}

const zone = 'example.com'
/** Of the form that keys have, and of no account. */
const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA=='

function provider(name: string, subPath: string, factory: string, { capabilities }: DnsProvider): DocumentedProvider {
  return { name, subPath, factory, capabilities }
}

/** A server that does not listen. */
function embedded(): DnsServer {
  return createDnsServer({ zones: [{ name: zone, nameServers: ['ns1.example.com'] }], listen: [{ address: '127.0.0.1', port: 0 }] })
}

/** All of them: what compares first, then by name. */
export const dnsProviders: readonly DocumentedProvider[] = [
  provider('RFC 2136: BIND, Knot, PowerDNS', 'rfc2136', 'rfc2136Zone', rfc2136Zone({ zone, server: '127.0.0.1' })),
  provider('Embedded server', 'server', 'embeddedZone', embeddedZone(embedded(), zone)),
  provider('Memory', 'memory', 'memoryZone', memoryZone({ zone })),
  provider('Amazon Route 53', 'route53', 'route53Zone', route53Zone({ zone })),
  provider(
    'Azure DNS',
    'azure',
    'azureZone',
    azureZone({ zone, subscription: '00000000-0000-4000-8000-000000000001', resourceGroup: 'dns' }),
  ),
  provider('Google Cloud DNS', 'google', 'googleZone', googleZone({ zone, project: 'my-project' })),
  provider('bunny.net', 'bunny', 'bunnyZone', bunnyZone({ zone, accessKey: secret })),
  provider('Cloudflare', 'cloudflare', 'cloudflareZone', cloudflareZone({ zone, token: secret })),
  provider('deSEC', 'desec', 'desecZone', desecZone({ zone, token: secret })),
  provider('DigitalOcean', 'digitalocean', 'digitalOceanZone', digitalOceanZone({ zone, token: secret })),
  provider('DNSimple', 'dnsimple', 'dnsimpleZone', dnsimpleZone({ zone, token: secret })),
  provider('Gandi LiveDNS', 'gandi', 'gandiZone', gandiZone({ zone, token: secret })),
  provider('Hetzner', 'hetzner', 'hetznerZone', hetznerZone({ zone, token: secret })),
  provider('NS1', 'ns1', 'ns1Zone', ns1Zone({ zone, apiKey: secret })),
  provider('OVH', 'ovh', 'ovhZone', ovhZone({ zone, applicationKey: secret, applicationSecret: secret, consumerKey: secret })),
  provider('PowerDNS, by its HTTP API', 'powerdns', 'powerDnsZone', powerDnsZone({ zone, apiKey: secret })),
]

const SWAP: Readonly<Record<DnsCapabilities['compareAndSwap'], string>> = {
  exact: 'yes: the whole set',
  etag: 'yes: its version',
  none: 'no',
}

const PROVEN: Readonly<Record<DnsCapabilities['proven'], string>> = {
  live: 'run against the real thing',
  contract: 'contract-tested, not yet run live',
}

/** What each provider can do, as the driver itself says it. */
export function dnsProviderReference(): string {
  const abilities = dnsProviders.map(
    ({ name, subPath, factory, capabilities: { compareAndSwap, atomicBatch, types, mostValues, proven } }) => [
      name,
      `${code(factory)} of ${code(`@hotspare/dns/${subPath}`)}`,
      SWAP[compareAndSwap],
      atomicBatch ? 'yes' : 'one',
      `${types.join(', ')}${mostValues === undefined ? '' : `; up to ${mostValues} values`}`,
      PROVEN[proven],
    ],
  )
  const limits = dnsProviders.map(({ name, capabilities }) => {
    const { rate, typicalPropagationMs, source } = capabilities
    return [
      linked(name, source),
      shortestTtl(capabilities),
      `${rounded(rate.perSecond)} a second, ${rate.burst} at once`,
      sourceOf(rate.source),
      seconds(typicalPropagationMs),
    ]
  })
  return [
    '## What a change can be {#changes}',
    table(['Provider', 'Driver', 'Compare and swap', 'Sets in one step', 'Types', 'Proven'], abilities),
    '## TTLs and limits {#limits}',
    table(['Provider and its API', 'Shortest TTL', 'Calls of one node', 'Limit by', 'Served after'], limits),
  ].join('\n\n')
}

function shortestTtl({ minimumTtlSeconds, ttlSteps }: DnsCapabilities): string {
  return `${minimumTtlSeconds} s${ttlSteps ? `; only ${ttlSteps.join(', ')}` : ''}`
}

function seconds(ms: number): string {
  return ms < 1_000 ? 'at once' : `${ms / 1_000} s`
}

function rounded(perSecond: number): string {
  return String(Number(perSecond.toPrecision(2)))
}

function linked(text: string, source: string): string {
  return /^https:\/\/\S+$/.test(source) ? `[${text}](${source})` : text
}

/** A page, with what is said of it. */
function sourceOf(source: string): string {
  const [, url, rest] = /^(https:\/\/\S+)(.*)$/.exec(source) ?? []
  return url === undefined ? source : `[${new URL(url).hostname}](${url})${rest}`
}
