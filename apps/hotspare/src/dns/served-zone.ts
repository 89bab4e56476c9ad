import type { ServedSet, ServedZoneOptions } from '@hotspare/dns/server'
import type { ServedZoneConfig } from '../config/config-dns.ts'

/** A zone of the file as the server takes it. */
export function servedZone(zone: ServedZoneConfig): ServedZoneOptions {
  const { name, nameServers, contact, negativeTtlSeconds, records, secondaries } = zone
  return {
    name,
    nameServers,
    soa: { mailbox: contact, minimumSeconds: negativeTtlSeconds },
    records: records.map((record): ServedSet => record),
    secondaries: secondaries.map(({ host: address, port }) => ({ address, port })),
  }
}
