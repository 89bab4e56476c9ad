import { assertNever, type Clock } from '@hotspare/core'
import type { DnsProvider } from '@hotspare/dns'
import { azureZone } from '@hotspare/dns/azure'
import { bunnyZone } from '@hotspare/dns/bunny'
import { cloudflareZone } from '@hotspare/dns/cloudflare'
import { desecZone } from '@hotspare/dns/desec'
import { digitalOceanZone } from '@hotspare/dns/digitalocean'
import { dnsimpleZone } from '@hotspare/dns/dnsimple'
import { gandiZone } from '@hotspare/dns/gandi'
import { googleZone } from '@hotspare/dns/google'
import { hetznerZone } from '@hotspare/dns/hetzner'
import { ns1Zone } from '@hotspare/dns/ns1'
import { ovhZone } from '@hotspare/dns/ovh'
import { powerDnsZone } from '@hotspare/dns/powerdns'
import { rfc2136Zone } from '@hotspare/dns/rfc2136'
import { route53Zone } from '@hotspare/dns/route53'
import type { DnsProviderConfig } from '../config/config-dns.ts'

/** The zones that this process has to do with: one client for each, whoever uses it, so that its budget counts once. */
export class Zones {
  readonly #clock: Clock
  readonly #open = new Map<string, DnsProvider>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws HotspareError `HOTSPARE_DNS_OPTIONS` */
  zone(provider: DnsProviderConfig, zone: string): DnsProvider {
    const id = `${provider.name} ${zone}`
    const known = this.#open.get(id) ?? openZone(provider, zone, this.#clock)
    this.#open.set(id, known)
    return known
  }

  /** Lets go of connections. Idempotent. */
  async close(): Promise<void> {
    const open = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(open.map((each) => each.close()))
  }
}

/** The choice by type. */
export function openZone({ type, options }: DnsProviderConfig, zone: string, clock: Clock): DnsProvider {
  switch (type) {
    case 'rfc2136':
      return rfc2136Zone({ ...options, zone, clock })
    case 'powerdns':
      return powerDnsZone({ ...options, zone, clock })
    case 'route53':
      return route53Zone({ ...options, zone, clock })
    case 'cloudflare':
      return cloudflareZone({ ...options, zone, clock })
    case 'google':
      return googleZone({ ...options, zone, clock })
    case 'azure':
      return azureZone({ ...options, zone, clock })
    case 'hetzner':
      return hetznerZone({ ...options, zone, clock })
    case 'digitalocean':
      return digitalOceanZone({ ...options, zone, clock })
    case 'ovh':
      return ovhZone({ ...options, zone, clock })
    case 'gandi':
      return gandiZone({ ...options, zone, clock })
    case 'desec':
      return desecZone({ ...options, zone, clock })
    case 'dnsimple':
      return dnsimpleZone({ ...options, zone, clock })
    case 'ns1':
      return ns1Zone({ ...options, zone, clock })
    case 'bunny':
      return bunnyZone({ ...options, zone, clock })
    default:
      return assertNever(type)
  }
}
