import { isIP } from 'node:net'
import { type Reference, unknownNames } from './checks-names.ts'
import { servedZoneFindings } from './checks-served-zones.ts'
import { EMBEDDED } from './config-dns.ts'
import type { FileView } from './issues.ts'
import { type Finding, quote } from './problem.ts'
import { absoluteName } from './dns-names.ts'
import type { ParsedDns } from './schema-dns.ts'
import type { ParsedPool } from './schema-pools.ts'

/** What of the file is about DNS, as far as it could be understood. */
export interface DraftDns {
  readonly dns: ParsedDns | undefined
  /** Every place where a record that answers names a provider. */
  readonly dnsReferences: readonly Reference[]
  /** The same of records that follow: what the nodes share, the server of one of them cannot keep. */
  readonly followingReferences: readonly Reference[]
  /** The providers that the file names, whether or not they could be understood. */
  readonly dnsProviders: readonly string[]
  readonly pools: readonly { readonly name: string; readonly pool: ParsedPool | undefined }[]
}

/** Records lead to providers and pools that are there, each once, with an address for every target. */
export function dnsContradictions({ dns, dnsReferences, followingReferences, dnsProviders, pools }: DraftDns, view: FileView): Finding[] {
  return [
    ...unknownNames('DNS provider', dnsReferences, [...dnsProviders, ...(dns?.server ? [EMBEDDED] : [])], view),
    ...unknownNames('DNS provider', followingReferences, dnsProviders, view),
    ...(dnsProviders.includes(EMBEDDED)
      ? [
          {
            path: ['dns', 'providers', EMBEDDED],
            at: 'key' as const,
            message: `${quote(EMBEDDED)} is the server of this file`,
            hint: 'choose another name',
          },
        ]
      : []),
    ...(dns
      ? [
          ...twice(dns),
          ...outsideZones(dns),
          ...servedZoneFindings(dns),
          ...dns.records.flatMap((record, index) => addressFindings(record, index, pools)),
        ]
      : []),
  ]
}

function twice({ records }: ParsedDns): Finding[] {
  const seen = new Map<string, number>()
  return records.flatMap(({ zone, name, family, providers }, index) =>
    providers.flatMap((provider) => {
      const id = `${provider} ${absoluteName(name, zone)} ${family}`
      const before = seen.get(id)
      seen.set(id, before ?? index)
      if (before === undefined) return []
      return [
        { path: ['dns', 'records', index, 'name'], message: `dns.records[${before}] is the same record`, hint: 'a record is written once' },
      ]
    }),
  )
}

/** Of the server of our own we know which zones there are. */
function outsideZones({ records, server }: ParsedDns): Finding[] {
  if (!server) return []
  const zones = server.zones.map(({ name }) => name)
  return records.flatMap(({ zone, providers }, index) =>
    !providers.includes(EMBEDDED) || zones.includes(zone)
      ? []
      : [
          {
            path: ['dns', 'records', index, 'zone'],
            message: 'the server of this file has no such zone',
            hint: `its zones: ${zones.join(', ')}`,
          },
        ],
  )
}

function addressFindings(record: ParsedDns['records'][number], index: number, pools: DraftDns['pools']): Finding[] {
  const pool = pools.find(({ name }) => name === record.pool)?.pool
  if (!pool) return []
  const path = ['dns', 'records', index]
  const names = new Set(pool.targets.map(({ name }) => name))
  const strange = Object.keys(record.addresses).filter((name) => !names.has(name))
  const lacking = pool.targets.filter(({ name, host }) => isIP(record.addresses[name] ?? host) !== record.family).map(({ name }) => name)
  const wrong = Object.entries(record.addresses).filter(([name, address]) => names.has(name) && isIP(address) !== record.family)
  const without = lacking.filter((name) => !wrong.some(([other]) => other === name))
  return [
    ...strange.map((name) => ({
      path: [...path, 'addresses', name],
      at: 'key' as const,
      message: `the pool ${record.pool} has no such target`,
    })),
    ...wrong.map(([name]) => ({ path: [...path, 'addresses', name], message: `no IPv${record.family} address`, hint: 'see `family`' })),
    ...(without.length === 0
      ? []
      : [
          {
            path: [...path, 'answers'],
            message: `no IPv${record.family} address is known of ${without.slice(0, 5).join(', ')}${without.length > 5 ? ', ...' : ''}`,
            hint: 'write it in `addresses`; a host name has none',
          },
        ]),
  ]
}
