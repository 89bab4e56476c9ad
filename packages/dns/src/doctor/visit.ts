import { abortReason, errorCode, errorText } from '@hotspare/core'
import { createDnsClient } from '@hotspare/dns-wire/client'
import { failoverBudget, spreadOf } from '../budget.ts'
import type { RecordSet } from '../record-set.ts'
import { addressText, type Asked, soaOf } from '../verify/answer.ts'
import { type Place, placeText } from '../verify/board.ts'
import { type Delegation, findNameServers } from '../verify/name-servers.ts'
import type { ServedReport } from '../verify/report.ts'
import { verifyServed } from '../verify.ts'
import { aboutSigning, checkSignatures, isSigned } from './check-dnssec.ts'
import { checkName, lookedAtTypes, type NameLook } from './check-names.ts'
import { checkServers, serialOf, type ServerLook } from './check-servers.ts'
import { checkExpressible, checkNegativeTtl, checkServedTtl } from './check-times.ts'
import { judgeTrial, type UpdateTrial } from './check-update.ts'
import { type Finding, sortFindings } from './finding.ts'
import type { ResolvedDnsDoctorOptions } from './options.ts'
import { writeProbe } from './probe.ts'
import type { DnsDoctorReport } from './report.ts'
import { impossibleUpdate } from './trial.ts'

/** One look at one zone. */
export class Visit {
  readonly #options: ResolvedDnsDoctorOptions
  readonly #signal: AbortSignal
  readonly #findings: Finding[] = []
  readonly #skipped: { what: string; because: string }[] = []
  #places: readonly Place[] = []
  #looks: readonly ServerLook[] = []
  #served: ServedReport | undefined

  constructor(options: ResolvedDnsDoctorOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  async make(): Promise<void> {
    const { zone, sets, provider } = this.#options
    if (provider) this.#add(sets.flatMap((set) => checkExpressible(set, provider.capabilities)))
    else this.#skip('what the provider can express', 'no provider was given')
    const delegation = await this.#findServers()
    this.#looks = await Promise.all(this.#places.map(async (place) => ({ place, soa: await this.#ask(place, zone, 'SOA') })))
    this.#add(checkServers(zone, this.#looks, delegation))
    await this.#lookAtNames()
    await this.#tryUpdate()
    await this.#writeProbe()
    this.#foretell()
  }

  report(tookMs: number): DnsDoctorReport {
    const findings = sortFindings(this.#findings)
    return { zone: this.#options.zone, findings, skipped: this.#skipped, servers: this.#places, served: this.#served, tookMs }
  }

  async #findServers(): Promise<Delegation | undefined> {
    const { servers, zone, ask, resolvers, parent, port } = this.#options
    if (servers) {
      this.#places = servers.map((server) => ({ ...server, from: 'option' as const }))
      this.#skip('the delegation', 'the servers were given')
      return undefined
    }
    const delegation = await findNameServers({ zone, ask, resolvers, parent, port }, { signal: this.#signal })
    this.#places = delegation.places
    if (this.#places.length > 0) for (const gap of delegation.gaps) this.#skip('the delegation', gap)
    return delegation
  }

  /** Everything about names is asked of one server: whether the others say the same is for the probe to tell. */
  async #lookAtNames(): Promise<void> {
    const { zone, sets, clock } = this.#options
    const speaker = this.#looks.find(({ soa }) => serialOf(zone, soa) !== undefined)
    if (!speaker) return this.#skip('the names', 'no server speaks for the zone')
    this.#add(checkNegativeTtl(zone, sets, speaker.soa.kind === 'answer' ? soaOf(speaker.soa.answer, zone) : undefined))
    const signed = isSigned(zone, await this.#ask(speaker.place, zone, 'DNSKEY'))
    if (signed) this.#add([aboutSigning(zone)])
    if (sets.length === 0) this.#skip('the names', 'no sets were given')
    for (const set of sets) {
      const look = await this.#lookAtName(speaker.place, set)
      const managed = new Set<string>(sets.filter(({ name }) => name === set.name).map(({ type }) => type))
      this.#add(checkName(zone, set, managed, look))
      this.#add(checkServedTtl(set, look.get(set.type)))
      if (signed) this.#add(checkSignatures(set, look.get(set.type), clock.wallMs() / 1_000))
    }
  }

  async #lookAtName(place: Place, set: RecordSet): Promise<NameLook> {
    const types = [...new Set([...lookedAtTypes, set.type])]
    return new Map(await Promise.all(types.map(async (type) => [type, await this.#ask(place, set.name, type)] as const)))
  }

  async #tryUpdate(): Promise<void> {
    const { zone, update, clock } = this.#options
    if (!update) return this.#skip('signed updates', 'no server for them was given')
    const client = createDnsClient({ server: update.server, key: update.key, clock })
    let trial: UpdateTrial
    try {
      trial = await client.update(impossibleUpdate(zone, this.#options.sets), { signal: this.#signal })
    } catch (error) {
      if (this.#signal.aborted) throw abortReason(this.#signal)
      trial = { kind: 'failed', because: errorText(error), unsigned: errorCode(error) === 'HOTSPARE_DNS_WIRE_SIGNATURE' }
    } finally {
      await client.close()
    }
    this.#add(judgeTrial(zone, addressText(update.server), update.key !== undefined, trial))
  }

  async #writeProbe(): Promise<void> {
    const { zone, provider, write, clock, servedWithinMs, ask } = this.#options
    if (!provider || !write) return this.#skip('whether a change is served', 'nothing may be written (`write`)')
    const serials = this.#looks.flatMap(({ place, soa }) => {
      const serial = serialOf(zone, soa)
      return serial === undefined ? [] : [[placeText(place), serial] as const]
    })
    // What this machine cannot reach is no server that has missed the change.
    const places = this.#looks.flatMap(({ place, soa }) => (soa.kind === 'silent' && soa.here ? [] : [place]))
    const verify = async (set: RecordSet): Promise<ServedReport> => {
      const servers = places.map(addressText)
      if (servers.length === 0) return nobodyAsked
      const { servers: reports, ...rest } = await verifyServed(
        { zone, set, servers, ask, clock, budgetMs: servedWithinMs },
        { signal: this.#signal },
      )
      // With the names that were found before.
      return { ...rest, servers: reports.map((report, index) => ({ ...report, ...places[index] })) }
    }
    const probe = await writeProbe({
      provider,
      verify,
      serialsBefore: new Map(serials),
      wallMs: () => clock.wallMs(),
      signal: this.#signal,
    })
    this.#add(probe.findings)
    this.#served = probe.served
  }

  /** How long a failover would take, by what was just measured where it was. */
  #foretell(): void {
    const { failover, sets } = this.#options
    if (!failover) return this.#skip('the time of a failover', 'how a death is noticed was not given')
    const lags = this.#served?.servers.flatMap(({ lagMs }) => lagMs ?? []) ?? []
    const propagationMs = failover.propagationMs ?? (lags.length > 0 ? spreadOf(lags) : 0)
    for (const { name, type, ttlSeconds } of sets) {
      const { p50Ms, worstMs, tail } = failoverBudget({ ...failover, propagationMs, ttlSeconds })
      const what =
        `a failover reaches half of the resolvers within ${seconds(p50Ms)} and all that keep to the TTL within ${seconds(worstMs)}; ` +
        `${Number((tail.ratio * 100).toFixed(2))} % do not`
      const fix = 'a shorter TTL or quicker checks shorten it; a virtual address needs no resolver at all'
      this.#add([{ code: 'failover-time', severity: 'info', where: `${name} ${type}`, what, fix }])
    }
  }

  #ask(server: Place, name: string, type: string): Promise<Asked> {
    return this.#options.ask({ server, name, type, dnssec: true }, { signal: this.#signal })
  }

  #add(findings: readonly Finding[]): void {
    this.#findings.push(...findings)
  }

  #skip(what: string, because: string): void {
    this.#skipped.push({ what, because })
  }
}

function seconds(timeMs: number): string {
  return `${Math.round(timeMs / 100) / 10} s`
}

const nobodyAsked: ServedReport = {
  stage: 'applied',
  serving: 0,
  of: 0,
  servers: [],
  delegation: undefined,
  tookMs: 0,
  because: 'no name server was found',
}
