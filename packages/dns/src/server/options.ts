import { clockPart } from '@hotspare/cloud'
import { BlockList, isIP, SocketAddress } from 'node:net'
import type { Clock, Logger, Random } from '@hotspare/core'
import { z } from 'zod'
import { durationPart, loggerPart, namePart, randomPart } from '../schema-parts.ts'
import { serverDefaults } from './defaults.ts'
import type { ResolvedRateLimit } from './rate-limit.ts'
import type { ServedSet } from './served-set.ts'
import type { ResolvedSoa } from './soa.ts'

export interface DnsListenOptions {
  /** One of this machine's. A machine with several listens on each of them: from `0.0.0.0`, an answer may leave from another. */
  readonly address: string
  /** 0: any free one. Default: 53 */
  readonly port?: number | undefined
  /** Another process may listen there at the same time, as one that takes over from it does (SO_REUSEPORT). Default: false */
  readonly shared?: boolean | undefined
}

/**
 * Sockets that another process has bound and handed down, instead of `listen`: what came with its messages, sockets and servers of Node
 * or their bare handles.
 */
export interface DnsSockets {
  readonly udp: readonly object[]
  readonly tcp: readonly object[]
}

export interface SoaOptions {
  /** Where the zone is made. Default: the first of the name servers */
  readonly primary?: string | undefined
  /** The mailbox of whoever answers for the zone, as a name. Default: `hostmaster` in the zone */
  readonly mailbox?: string | undefined
  /** Of the SOA and of the name servers. Default: 3600 */
  readonly ttlSeconds?: number | undefined
  /** How often secondaries ask by themselves. Default: 300 */
  readonly refreshSeconds?: number | undefined
  /** Default: 60 */
  readonly retrySeconds?: number | undefined
  /** Default: 1209600, two weeks */
  readonly expireSeconds?: number | undefined
  /** How long resolvers remember that a name is not there. Default: 60 */
  readonly minimumSeconds?: number | undefined
  /** A serial that was served before, by somebody else: ours are newer. Serials are times in seconds. */
  readonly leastSerial?: number | undefined
}

export interface SecondaryOptions {
  /** Is told of changes, and may have the zone. */
  readonly address: string
  /** Default: 53 */
  readonly port?: number | undefined
}

export interface ServedZoneOptions {
  /** `example.com` */
  readonly name: string
  /** The names of the servers that answer for it, this one and others. */
  readonly nameServers: readonly string[]
  readonly soa?: SoaOptions | undefined
  /** What is in it at first, and what just stands there, such as MX and CAA. Default: nothing */
  readonly records?: readonly ServedSet[] | undefined
  /** Servers that follow it: they are told of every change (NOTIFY) and may have it (AXFR). Default: none */
  readonly secondaries?: readonly SecondaryOptions[] | undefined
  /** Who else may have it: addresses and networks. Default: nobody */
  readonly transferTo?: readonly string[] | undefined
}

export interface RateLimitOptions {
  /** Answers about one name to one network (/24, /56) a second. Default: 200 */
  readonly perSecond?: number | undefined
  /** Of the answers above it, one in so many says "ask by TCP", and the others are dropped; 0: all of them. Default: 2 */
  readonly slip?: number | undefined
}

export interface DnsServerOptions {
  readonly zones: readonly ServedZoneOptions[]
  /** Where it answers, by UDP and TCP. Not needed with `sockets`. */
  readonly listen?: readonly DnsListenOptions[] | undefined
  readonly sockets?: DnsSockets | undefined
  /** False: none. Default: 200 a second, slip 2 */
  readonly rateLimit?: RateLimitOptions | false | undefined
  /** The longest answer by UDP, in bytes, 512 to 4096. Default: 1232 */
  readonly payloadBytes?: number | undefined
  /** Answers by UDP longer than so many times their question are given by TCP. Default: 16 */
  readonly amplification?: number | undefined
  /** Silence after which a connection is closed, in milliseconds. Default: 10,000 */
  readonly idleMs?: number | undefined
  /** Open connections at most; past it the most silent one is closed. Default: 512 */
  readonly connections?: number | undefined
  /** Of one client address. Default: 64 */
  readonly connectionsPerClient?: number | undefined
  /** How many sets a zone may have. Default: 10,000 */
  readonly mostSets?: number | undefined
  /** Default: the system's */
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
}

export interface Secondary {
  readonly address: string
  readonly port: number
}

/** A zone's options, checked and complete. */
export interface ServedZoneSettings {
  readonly name: string
  readonly nameServers: readonly string[]
  readonly soa: ResolvedSoa & { readonly leastSerial?: number | undefined }
  readonly records: readonly ServedSet[]
  readonly secondaries: readonly Secondary[]
  readonly allowed: BlockList
}

export interface ListenSettings {
  readonly address: string
  readonly port: number
  readonly shared: boolean
}

export interface DnsServerSettings {
  readonly zones: readonly ServedZoneSettings[]
  readonly listen: readonly ListenSettings[]
  readonly sockets: DnsSockets | undefined
  readonly rateLimit: ResolvedRateLimit | undefined
  readonly payloadBytes: number
  readonly amplification: number
  readonly idleMs: number
  readonly connections: number
  readonly connectionsPerClient: number
  readonly mostSets: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** As the kernel writes it, so that it can be compared with where something comes from. */
const addressPart = z
  .string()
  .refine((text) => isIP(text) !== 0, { message: 'expected an IP address', abort: true })
  .transform((text) => new SocketAddress({ address: text, family: family(text) }).address)
const portPart = z.number().int().min(0).max(65_535)
const secondsPart = z.number().int().min(0).max(2_147_483_647)

const networkPart = z.string().transform((text, context) => {
  const [address = '', prefix, ...rest] = text.split('/')
  const longest = { 4: 32, 6: 128 }[isIP(address)]
  const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : undefined
  if (longest !== undefined && bits !== undefined && bits <= longest && rest.length === 0) return { address, bits }
  context.addIssue({ code: 'custom', message: 'expected an address or a network, like 192.0.2.0/24' })
  return z.NEVER
})

const servedSetPart = z.strictObject({ name: z.string(), type: z.string(), ttlSeconds: z.number(), values: z.array(z.string()).readonly() })

const soaPart = z.strictObject({
  primary: namePart.optional(),
  mailbox: namePart.optional(),
  ttlSeconds: secondsPart.default(serverDefaults.soaTtlSeconds),
  refreshSeconds: secondsPart.min(1).default(serverDefaults.refreshSeconds),
  retrySeconds: secondsPart.min(1).default(serverDefaults.retrySeconds),
  expireSeconds: secondsPart.min(1).default(serverDefaults.expireSeconds),
  minimumSeconds: secondsPart.default(serverDefaults.minimumSeconds),
  leastSerial: z.number().int().min(0).max(0xffff_ffff).optional(),
})

const zonePart: z.ZodType<ServedZoneSettings, ServedZoneOptions> = z
  .strictObject({
    name: namePart,
    nameServers: z.array(namePart).min(1, 'expected the name of at least one server').readonly(),
    soa: soaPart.prefault({}),
    records: z.array(servedSetPart).readonly().default([]),
    secondaries: z
      .array(z.strictObject({ address: addressPart, port: portPart.min(1).default(53) }))
      .readonly()
      .default([]),
    transferTo: z.array(networkPart).readonly().default([]),
  })
  .transform(({ soa, transferTo, ...zone }) => {
    const allowed = new BlockList()
    for (const { address, bits } of transferTo) allowed.addSubnet(address, bits, family(address))
    for (const { address } of zone.secondaries) allowed.addAddress(address, family(address))
    const primary = soa.primary ?? zone.nameServers[0] ?? zone.name
    return { ...zone, allowed, soa: { ...soa, primary, mailbox: soa.mailbox ?? `hostmaster.${zone.name}` } }
  })

const rateLimitPart = z.strictObject({
  perSecond: z.number().min(1).default(serverDefaults.answersPerSecond),
  slip: z.number().int().min(0).max(10).default(serverDefaults.slip),
})

const socketsPart = z.custom<DnsSockets>(
  (value) => typeof value === 'object' && value !== null && ['udp', 'tcp'].every((key) => Array.isArray(Reflect.get(value, key))),
  'expected { udp: [...], tcp: [...] }',
)

export const dnsServerOptionsSchema: z.ZodType<DnsServerSettings, DnsServerOptions> = z
  .strictObject({
    zones: z
      .array(zonePart)
      .min(1, 'expected at least one zone')
      .readonly()
      .refine((zones) => new Set(zones.map(({ name }) => name)).size === zones.length, 'a zone is there twice'),
    listen: z
      .array(z.strictObject({ address: addressPart, port: portPart.default(53), shared: z.boolean().default(false) }))
      .readonly()
      .default([]),
    sockets: socketsPart.optional(),
    rateLimit: z.union([z.literal(false), rateLimitPart]).prefault({}),
    payloadBytes: z.number().int().min(512).max(4_096).default(serverDefaults.payloadBytes),
    amplification: z.number().min(2).default(serverDefaults.amplification),
    idleMs: durationPart(100).default(serverDefaults.idleMs),
    connections: z.number().int().min(1).default(serverDefaults.connections),
    connectionsPerClient: z.number().int().min(1).default(serverDefaults.connectionsPerClient),
    mostSets: z.number().int().min(1).default(serverDefaults.mostSets),
    clock: clockPart,
    random: randomPart,
    logger: loggerPart,
  })
  .refine(({ listen, sockets }) => listen.length > 0 || sockets !== undefined, {
    path: ['listen'],
    message: 'expected at least one address',
  })
  .transform(({ rateLimit, sockets, ...settings }) => ({
    ...settings,
    sockets,
    rateLimit: rateLimit === false ? undefined : { ...rateLimit, entries: serverDefaults.rateEntries },
  }))

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
