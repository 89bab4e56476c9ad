import type { Clock, Logger, Random, TargetState } from '@hotspare/core'
import { createDnsServer, type DnsServer, type DnsServerStats } from '@hotspare/dns/server'
import { formatListen } from '../config/addresses.ts'
import { type DnsConfig, type DnsServerConfig, EMBEDDED } from '../config/config-dns.ts'
import type { ListenAddress } from '../config/config.ts'
import { knock } from '../process/handover.ts'
import type { WorkerDnsEvent } from './events.ts'
import { ServedRecords } from './served-records.ts'
import { servedZone } from './served-zone.ts'

export interface WorkerDnsOptions {
  readonly dns: Pick<DnsConfig, 'records'> & { readonly server: DnsServerConfig }
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** What was last known of each target. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
  readonly told: (event: WorkerDnsEvent) => void
}

/** The DNS server of this node: it answers with what it last heard of targets, also while control is dead. */
export interface WorkerDns {
  /** @throws HotspareError `HOTSPARE_DNS_LISTEN`, or what its zones have wrong */
  start(): Promise<void>
  setState(targetId: string, state: TargetState): void
  /** Where it answers, once it does. */
  addresses(): readonly ListenAddress[]
  /** What it has counted; undefined before `start`. */
  stats(): DnsServerStats | undefined
  stop(): Promise<void>
}

/** Two workers may have the port at once while one follows the other, where the system can do that. */
const SHARED = process.platform === 'linux'

export function openWorkerDns({ dns, clock, random, logger, states, told }: WorkerDnsOptions): WorkerDns {
  let server: DnsServer | undefined
  let records: ServedRecords | undefined

  return {
    async start() {
      // A worker that has outlived its guard would go on answering beside us, with what it knew then.
      await Promise.all(dns.server.listen.map((listen) => knock(listen)))
      server = createDnsServer({
        zones: dns.server.zones.map(servedZone),
        listen: dns.server.listen.map(({ host: address, port }) => ({ address, port, shared: SHARED })),
        clock,
        random,
        logger,
      })
      server.subscribe((event) => {
        // What changed, the records themselves tell, with the reason.
        if (event.type !== 'zone-changed') told(event)
      })
      const own = dns.records.filter(({ providers }) => providers.includes(EMBEDDED))
      records = new ServedRecords({ records: own, server, clock, states, told })
      records.start()
      await server.start()
      const zones = dns.server.zones.map(({ name }) => name)
      for (const { address, port } of server.addresses)
        told({ type: 'dns-listening', at: clock.wallMs(), listen: formatListen({ host: address, port }), zones })
    },
    setState: (targetId, state) => records?.setState(targetId, state),
    addresses: () => server?.addresses.map(({ address: host, port }) => ({ host, port })) ?? [],
    stats: () => server?.stats(),
    async stop() {
      records?.stop()
      await server?.stop()
    },
  }
}
