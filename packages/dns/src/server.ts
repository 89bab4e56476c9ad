import type { Socket as UdpSocket } from 'node:dgram'
import { isIP, type Server } from 'node:net'
import { Emitter, errorText, type EventSource, type Listener } from '@hotspare/core'
import { rcodeName } from '@hotspare/dns-wire'
import { dnsError } from './errors.ts'
import { readName } from './name.ts'
import { parseOptions } from './options.ts'
import type { RecordSet, RecordSetName } from './record-set.ts'
import { Counts, type DnsServerStats } from './server/counts.ts'
import { serverDefaults } from './server/defaults.ts'
import type { DnsServerEvent } from './server/events.ts'
import { adoptTcp, adoptUdp, type UdpPort } from './server/handed-sockets.ts'
import { bindPair } from './server/listening.ts'
import { NameTable } from './server/name-table.ts'
import { NewerElsewhere } from './server/newer-elsewhere.ts'
import { Notifier } from './server/notifier.ts'
import { type DnsServerOptions, type DnsServerSettings, dnsServerOptionsSchema, type Secondary } from './server/options.ts'
import { RateLimit } from './server/rate-limit.ts'
import { Responder } from './server/responder.ts'
import type { ServedSet } from './server/served-set.ts'
import { TcpSide } from './server/tcp-side.ts'
import { UdpSide } from './server/udp-side.ts'
import { wireName } from './server/wire-name.ts'
import { Zone } from './server/zone.ts'

export { embeddedZone } from './server/embedded-zone.ts'
export type { EmbeddedZoneOptions } from './server/embedded-zone.ts'
export type { DnsServerStats } from './server/counts.ts'
export type { DnsServerEvent } from './server/events.ts'
export type {
  DnsListenOptions,
  DnsServerOptions,
  DnsSockets,
  RateLimitOptions,
  SecondaryOptions,
  ServedZoneOptions,
  SoaOptions,
} from './server/options.ts'
export type { ServedSet } from './server/served-set.ts'

/** What became of a change. */
export interface ZoneVersion {
  /** Of the version that is served now. */
  readonly serial: number
  /** The sets that are others than before: `www.example.com A`. None where everything was so already. */
  readonly changed: readonly string[]
}

export interface SetOptions {
  /** Of which nothing is to be left. */
  readonly remove?: readonly { readonly name: string; readonly type: string }[] | undefined
}

/** An authoritative name server in this process; made by {@link createDnsServer}. */
export interface DnsServer extends EventSource<DnsServerEvent>, AsyncDisposable {
  /**
   * Listens, and tells the secondaries. A second call has no effect.
   *
   * @throws HotspareError `HOTSPARE_DNS_LISTEN` when an address is in use, not ours, or not allowed; `HOTSPARE_DNS_STOPPED` after `stop`
   */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Stops listening and closes every connection. */
  stop(): Promise<void>
  /**
   * Replaces sets of a zone, and removes others: with the next question all of it is served, and the secondaries are told. The values
   * are answered in the order in which they are given.
   *
   * @throws HotspareError `HOTSPARE_DNS_VALUE` or `HOTSPARE_DNS_ZONE`; nothing has changed then
   */
  set(zone: string, sets: readonly ServedSet[], options?: SetOptions): ZoneVersion
  /** What is served of a name and type; undefined for none. @throws HotspareError `HOTSPARE_DNS_ZONE` for a zone that is not here */
  get(zone: string, question: RecordSetName): RecordSet | undefined
  /** @throws HotspareError `HOTSPARE_DNS_ZONE` for a zone that is not here */
  serial(zone: string): number
  /** Where it listens, with the ports that were taken where 0 was asked for. */
  readonly addresses: readonly { readonly address: string; readonly port: number }[]
  stats(): DnsServerStats
}

/**
 * Makes an authoritative name server whose answers are made when records change, not when they are asked for. It is for zones that follow
 * the health of something: no recursion, no signatures, no delegations.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS` that names the option; `HOTSPARE_DNS_VALUE` or `HOTSPARE_DNS_ZONE` for a record
 */
export function createDnsServer(options: DnsServerOptions): DnsServer {
  return new EmbeddedServer(parseOptions('dns server', dnsServerOptionsSchema, options))
}

class EmbeddedServer implements DnsServer {
  readonly #settings: DnsServerSettings
  readonly #zones: ReadonlyMap<string, Zone>
  readonly #events: Emitter<DnsServerEvent>
  readonly #counts = new Counts()
  readonly #notifier: Notifier
  readonly #newerElsewhere: NewerElsewhere
  readonly #udpSide: UdpSide
  readonly #tcpSide: TcpSide
  readonly #refusedAtMs = new Map<string, number>()
  #udp: readonly UdpSocket[] = []
  #tcp: readonly Server[] = []
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(settings: DnsServerSettings) {
    const { clock, random, logger, rateLimit, mostSets } = settings
    this.#settings = settings
    this.#events = new Emitter({ logger })
    const names = settings.zones.map(({ name }) => name)
    this.#zones = new Map(settings.zones.map((zone) => [zone.name, new Zone(zone, names, { mostSets, wallMs: clock.wallMs() })]))
    const zones = new NameTable([...this.#zones].map(([name, zone]) => [wireName(name), zone] as const))
    const responder = new Responder({ zones, payloadBytes: settings.payloadBytes })
    const shared = { responder, counts: this.#counts, clock, logger }
    this.#notifier = new Notifier({
      clock,
      random,
      emit: (event) => this.#events.emit(event),
      send: (bytes, to) => this.#send(bytes, to),
      onConfirmed: (zone, by) => this.#newerElsewhere.heard(zone, by),
    })
    this.#newerElsewhere = new NewerElsewhere({
      clock,
      logger,
      serialOf: (zone) => this.serial(zone),
      onNewer: (zone, serial) => this.#overtake(zone, serial),
    })
    this.#udpSide = new UdpSide({
      ...shared,
      rateLimit: rateLimit && new RateLimit(rateLimit, Math.floor(random.next() * 2 ** 32)),
      payloadBytes: settings.payloadBytes,
      amplification: settings.amplification,
      queueBytes: serverDefaults.queueBytes,
      onOther: (bytes, from) => this.#notifier.hear(bytes, from),
    })
    this.#tcpSide = new TcpSide({
      ...shared,
      idleMs: settings.idleMs,
      connections: settings.connections,
      connectionsPerClient: settings.connectionsPerClient,
      questionBytes: serverDefaults.questionBytes,
      unsentBytes: serverDefaults.unsentBytes,
      questionsPerTurn: serverDefaults.questionsPerTurn,
      transfers: serverDefaults.transfers,
      onTransferred: (zone, serial, to) => this.#events.emit({ type: 'zone-transferred', at: clock.wallMs(), zone, serial, to }),
      onRefused: (zone, to, because) => this.#tellRefused(zone, to, because),
    })
  }

  get addresses(): readonly { readonly address: string; readonly port: number }[] {
    return this.#udp.map((socket) => socket.address()).map(({ address, port }) => ({ address, port }))
  }

  subscribe(listener: Listener<DnsServerEvent>): () => void {
    return this.#events.subscribe(listener)
  }

  async start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    options?.signal?.throwIfAborted()
    if (this.#stopping) throw dnsError('HOTSPARE_DNS_STOPPED', 'dns server: start after stop: create a new one')
    this.#starting ??= this.#open()
    try {
      await this.#starting
    } catch (error) {
      // What was wrong may be mended: the next call tries again.
      this.#starting = undefined
      throw error
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  set(zone: string, sets: readonly ServedSet[], { remove = [] }: SetOptions = {}): ZoneVersion {
    const served = this.#zone(zone)
    const changed = served.change(sets, remove, this.#settings.clock.wallMs())
    if (changed.length > 0) this.#announce(served, changed)
    return { serial: served.image.serial, changed }
  }

  get(zone: string, question: RecordSetName): RecordSet | undefined {
    return this.#zone(zone).get(question)
  }

  serial(zone: string): number {
    return this.#zone(zone).image.serial
  }

  stats(): DnsServerStats {
    const { udpQuestions, tcpQuestions, truncated, limited, overrun, ignored, transfers, answers } = this.#counts
    const counted = [...answers].flatMap((count, rcode) => (count > 0 ? [[rcodeName(rcode), count] as const] : []))
    const { connections } = this.#tcpSide
    return {
      udpQuestions,
      tcpQuestions,
      answers: Object.fromEntries(counted),
      truncated,
      limited,
      overrun,
      ignored,
      connections,
      transfers,
    }
  }

  #announce({ name: zone, image, secondaries }: Zone, sets: readonly string[]): void {
    this.#events.emit({ type: 'zone-changed', at: this.#settings.clock.wallMs(), zone, serial: image.serial, sets })
    if (this.#udp.length > 0) this.#notifier.announce(image, secondaries)
  }

  #overtake(name: string, serial: number): void {
    const { clock, logger } = this.#settings
    const zone = this.#zone(name)
    logger.warn({ zone: name, serial, ours: zone.image.serial }, 'a secondary has a newer serial: ours goes past it')
    zone.overtake(serial, clock.wallMs())
    this.#announce(zone, [])
  }

  #zone(name: string): Zone {
    const zone = this.#zones.get(readName(name) ?? '')
    if (zone) return zone
    throw dnsError('HOTSPARE_DNS_ZONE', `dns server: the zone "${name}" is not served here: there is ${[...this.#zones.keys()].join(', ')}`)
  }

  async #open(): Promise<void> {
    const { listen, sockets, logger } = this.#settings
    const udp: UdpPort[] = []
    const tcp: Server[] = []
    try {
      for (const each of sockets?.udp ?? []) udp.push(await adoptUdp(each))
      for (const each of sockets?.tcp ?? []) tcp.push(await adoptTcp(each))
      for (const each of sockets ? [] : listen) {
        const pair = await bindPair(each)
        udp.push({ socket: pair.udp, sendsAtOnce: true })
        tcp.push(pair.tcp)
      }
    } catch (error) {
      for (const { socket } of udp) socket.close()
      for (const server of tcp) server.close()
      throw error
    }
    this.#udp = udp.map(({ socket }) => socket)
    this.#tcp = tcp
    for (const { socket, sendsAtOnce } of udp) this.#udpSide.attach(socket, sendsAtOnce)
    for (const server of tcp) this.#tcpSide.attach(server)
    // A secondary may have an older version, from before we were started anew.
    for (const { image, secondaries } of this.#zones.values()) this.#notifier.announce(image, secondaries)
    logger.info({ addresses: this.addresses, zones: [...this.#zones.keys()] }, 'the dns server listens')
  }

  async #close(): Promise<void> {
    await this.#starting?.catch(() => {})
    this.#notifier.stop()
    this.#newerElsewhere.stop()
    const closed = [
      ...this.#tcp.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      ...this.#udp.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    ]
    this.#udp = []
    this.#tcp = []
    this.#tcpSide.stop()
    await Promise.all(closed)
  }

  /** From a socket of the same family: the port that we answer on is the one that secondaries know. */
  #send(bytes: Uint8Array, { address, port }: Secondary): void {
    const family = isIP(address) === 6 ? 'IPv6' : 'IPv4'
    const socket = this.#udp.find((each) => each.address().family === family)
    const warn = (error: unknown) =>
      this.#settings.logger.warn({ secondary: address, error: errorText(error) }, 'a secondary cannot be told')
    if (!socket) return warn(new Error(`the server has no address of ${family}`))
    socket.send(bytes, port, address, (error) => error && warn(error))
  }

  /** Once a minute for each zone: whoever asks on and on does not fill anybody's timeline. */
  #tellRefused(zone: string, to: string, because: string): void {
    const { clock } = this.#settings
    const nowMs = clock.monotonicMs()
    if (nowMs - (this.#refusedAtMs.get(zone) ?? -Infinity) < REFUSED_EVERY_MS) return
    this.#refusedAtMs.set(zone, nowMs)
    this.#events.emit({ type: 'transfer-refused', at: clock.wallMs(), zone, to, because })
  }
}

const REFUSED_EVERY_MS = 60_000
