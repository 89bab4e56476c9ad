import type { Clock, Logger, Random, TargetState } from '@hotspare/core'
import { type Answering, type AnsweringEvent, type AnsweringSnapshot, createAnsweringSet } from '@hotspare/dns/answering'
import { type AnsweringRecordConfig, type DnsConfig, EMBEDDED } from '../config/config-dns.ts'
import { servedCheck } from './served-check.ts'
import { Zones } from './zones.ts'

export interface ControlDnsOptions {
  readonly dns: DnsConfig
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** What is known of a target now. */
  readonly stateOf: (targetId: string) => TargetState | undefined
  readonly told: (event: AnsweringEvent) => void
  /** Whether this node writes, before anything is known of others. */
  readonly isWriter: boolean
}

/** Keeps records at providers as the health of pools wants them. */
export interface ControlDns {
  /** Begins, if this node is the one that writes; what is not known by then is not written. No effect after `stop`. */
  start(): Promise<void>
  /** From now on this node writes, or another one does. */
  setWriter(isWriter: boolean): void
  report(targetId: string, state: TargetState): void
  /** What is refused since too much would change at once is done. @returns whether this node writes at all */
  force(): boolean
  /** Undefined while another node writes. */
  snapshot(): readonly AnsweringSnapshot[] | undefined
  /** Idempotent; the records stay as they are. */
  stop(): Promise<void>
}

/** Records that others keep, which share zone and providers, are written by one engine: its calls go one after the other. */
export function openControlDns(options: ControlDnsOptions): ControlDns | undefined {
  const { dns, clock, random, logger, stateOf, told } = options
  const groups = groupsOf(dns.records)
  if (groups.length === 0) return undefined
  const zones = new Zones(clock)
  const accounts = new Map(dns.providers.map((provider) => [provider.name, provider]))
  let engines: readonly Answering[] = []
  let isWriter = options.isWriter
  let isRunning = false
  let hasEnded = false
  /** One change of who writes after the other. */
  let changing: Promise<void> = Promise.resolve()

  async function begin(): Promise<void> {
    engines = groups.map(({ zone, providers, drift, verify, records }) =>
      createAnsweringSet({
        providers: Object.fromEntries(
          providers.flatMap((name) => {
            const account = accounts.get(name)
            return account ? [[name, zones.zone(account, zone)]] : []
          }),
        ),
        records: records.map(({ name, type, ttlSeconds, targets, policy }) => ({
          name,
          type,
          ttlSeconds,
          policy,
          targets: targets.map(({ id, address, weight, tier }) => ({ id, values: [address], weight, tier })),
        })),
        drift,
        adopt: true,
        served: servedCheck(zone, verify),
        events: told,
        clock,
        random,
        logger,
      }),
    )
    for (const engine of engines) await engine.start()
    for (const id of new Set(dns.records.flatMap(({ targets }) => targets.map((target) => target.id)))) {
      const state = stateOf(id)
      if (state !== undefined) for (const engine of engines) engine.report(id, state)
    }
  }

  async function end(): Promise<void> {
    const last = engines
    engines = []
    await Promise.all(last.map((engine) => engine.stop()))
  }

  function follow(): Promise<void> {
    const changed = changing.then(async () => {
      const shouldWrite = isRunning && isWriter
      if (shouldWrite === engines.length > 0) return
      await (shouldWrite ? begin() : end())
    })
    // One that fails is told to whoever asked for it, and must not keep those after it from being made.
    changing = changed.catch(() => {})
    return changed
  }

  return {
    start() {
      isRunning = !hasEnded
      return follow()
    },
    setWriter(now) {
      if (now === isWriter) return
      isWriter = now
      follow().catch((error: unknown) => logger.error({ error }, 'dns: the change of who writes has failed'))
    },
    report(targetId, state) {
      for (const engine of engines) engine.report(targetId, state)
    },
    force() {
      for (const engine of engines) engine.force()
      return engines.length > 0
    },
    snapshot: () => (engines.length > 0 ? engines.map((engine) => engine.snapshot()) : undefined),
    async stop() {
      hasEnded = true
      isRunning = false
      await follow()
      await zones.close()
    },
  }
}

interface Group extends Pick<AnsweringRecordConfig, 'zone' | 'providers' | 'drift' | 'verify'> {
  readonly records: readonly AnsweringRecordConfig[]
}

/** Those whose writes go one after the other. */
function groupsOf(records: readonly AnsweringRecordConfig[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const record of records) {
    const providers = record.providers.filter((name) => name !== EMBEDDED)
    if (providers.length === 0) continue
    const { zone, drift, verify } = record
    const key = JSON.stringify([zone, providers, drift, verify])
    groups.set(key, { zone, providers, drift, verify, records: [...(groups.get(key)?.records ?? []), record] })
  }
  return [...groups.values()]
}
