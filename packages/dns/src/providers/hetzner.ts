import { at, type CloudAnswer, CloudError, type CloudHttp, fixedBearer, secretPart, textAt } from '@hotspare/cloud'
import { type Clock, sleep } from '@hotspare/core'
import { z } from 'zod'
import { parseOptions, type ResolvedZoneProviderOptions, type ZoneProviderOptions, zoneProviderParts } from '../options.ts'
import type { CallOptions, ChangeOutcome, DnsCapabilities, DnsProvider, Reading, Replacement } from '../provider.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import { sameSet, sameValues } from '../value.ts'
import { complaintOf, complaintOfAnswer, readSet, readZoneTtl, recordsOf, setBody, setPath } from './hetzner/rrsets.ts'
import { httpZone, readingOf, understood } from './http-zone.ts'
import { Known } from './known.ts'
import { answered, isDone } from './statuses.ts'
import { fromZoneText } from './zone-text.ts'

export interface HetznerZoneOptions extends ZoneProviderOptions {
  /** How long a reading or a change may take as a whole, in milliseconds. Default: 30,000 */
  readonly callMs?: number | undefined
  /** Of the project that has the zone, with the right to write. */
  readonly token: string
}

type Resolved = ResolvedZoneProviderOptions & { readonly token: string }

/** A change is two actions at most and a look before them; a budget that is spent gives a call every three seconds. */
const CALL_MS = 30_000

export const hetznerZoneOptionsSchema: z.ZodType<Resolved, HetznerZoneOptions> = z.strictObject({
  ...zoneProviderParts('https://api.hetzner.cloud/v1', CALL_MS),
  token: secretPart,
})

const capabilities: DnsCapabilities = {
  compareAndSwap: 'none',
  atomicBatch: false,
  types: ['A', 'AAAA', 'CNAME', 'TXT', 'SRV', 'HTTPS'],
  minimumTtlSeconds: 60,
  typicalPropagationMs: 10_000,
  // 3,600 an hour for the whole project, one of which comes back each second: a third of it for each of three nodes.
  rate: { perSecond: 1 / 3, burst: 60, source: 'https://docs.hetzner.cloud/reference/cloud#rate-limiting' },
  proven: 'contract',
  source: 'https://docs.hetzner.cloud/reference/cloud#zone-rrsets',
}

/** Actions on records take a second or so. */
const POLL_MS = 500

/**
 * A zone of Hetzner's Cloud API (not of the former DNS console): a set is put as a whole, and its TTL by a call of its own; each is an
 * action, whose end is waited for. It is looked at once more right before, and what is not as expected is a conflict; what comes
 * between this look and the change is overwritten.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS`
 */
export function hetznerZone(options: HetznerZoneOptions): DnsProvider {
  const { token, ...rest } = parseOptions('hetzner', hetznerZoneOptionsSchema, options)
  return httpZone({
    id: `hetzner zone ${rest.zone}`,
    capabilities,
    options: rest,
    credentials: fixedBearer(token),
    // `RateLimit-Reset` is when all of it is there again; one call comes back much sooner.
    refill: 'steady',
    drive: (http) => new HetznerDriver(http, rest),
  })
}

class HetznerDriver {
  readonly #http: CloudHttp
  readonly #zone: string
  readonly #clock: Clock
  /** Also that there is such a zone: sets that are not there are answered in the same words. */
  readonly #zoneTtl: Known<number>

  constructor(http: CloudHttp, { zone, clock }: Pick<Resolved, 'zone' | 'clock'>) {
    this.#http = http
    this.#zone = zone
    this.#clock = clock
    this.#zoneTtl = new Known<number>(undefined, async (signal) => {
      const ttl = readZoneTtl(answered(http, await http.call({ method: 'GET', path: `/zones/${zone}` }, signal), complaintOfAnswer))
      if (ttl === undefined) throw http.unusable('the answer tells of no zone')
      return ttl
    })
  }

  async read(question: RecordSetName, { signal }: CallOptions): Promise<Reading> {
    const answer = await this.#http.call({ method: 'GET', path: setPath(question, this.#zone) }, signal)
    if (isAbsent(answer)) {
      await this.#zoneTtl.get(signal)
      return readingOf(this.#http, question, undefined)
    }
    const found = readSet(answered(this.#http, answer, complaintOfAnswer))
    if (!found) throw this.#http.unusable('the answer has no set of records')
    const ttlSeconds = found.ttlSeconds ?? (await this.#zoneTtl.get(signal))
    // A name without a dot at its end is relative to the zone here.
    const values = understood(this.#http, () => found.texts.map((text) => fromZoneText(question.type, text, this.#zone)))
    return readingOf(this.#http, question, { ttlSeconds, values })
  }

  async change([replacement]: readonly Replacement[], call: CallOptions): Promise<ChangeOutcome> {
    if (!replacement) return { kind: 'applied' }
    const { expected, next } = replacement
    const current = await this.read(expected, call)
    if (!sameSet(current.set, expected.set)) return { kind: 'conflict', current: [current] }
    const wasDone = await this.#replace(current, next, call.signal)
    return wasDone ? { kind: 'applied' } : { kind: 'conflict', current: [await this.read(expected, call)] }
  }

  /** @returns false where it has come or gone in between, so that nothing was changed */
  async #replace(current: Reading, next: RecordSet | undefined, signal: AbortSignal): Promise<boolean> {
    const path = setPath(current, this.#zone)
    if (!next) return !current.set || (await this.#act('DELETE', path, undefined, signal))
    if (!current.set) return this.#act('POST', `/zones/${this.#zone}/rrsets`, setBody(next, this.#zone), signal)
    // The values first: they are what a takeover waits for.
    if (!sameValues(current.set, next)) {
      const wasThere = await this.#act('POST', `${path}/actions/set_records`, { records: recordsOf(next) }, signal)
      if (!wasThere) return false
    }
    if (current.set.ttlSeconds === next.ttlSeconds) return true
    return this.#act('POST', `${path}/actions/change_ttl`, { ttl: next.ttlSeconds }, signal)
  }

  /** Begins an action and waits for its end. @returns false where the set is there, or is not there, against what was thought */
  async #act(method: 'POST' | 'DELETE', path: string, json: object | undefined, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#http.call({ method, path, json }, signal)
    if (isAbsent(answer) || isThereAlready(answer)) return false
    let action = at(answered(this.#http, answer, complaintOfAnswer), 'action')
    const id = textAt(action, 'id')
    if (id === undefined) throw this.#http.unusable(`${answer.status}, and the answer names no action`)
    while (!this.#hasEnded(action)) {
      await sleep(POLL_MS, { signal, clock: this.#clock })
      const look = await this.#http.call({ method: 'GET', path: `/actions/${id}` }, signal)
      action = at(answered(this.#http, look, complaintOfAnswer), 'action')
    }
    return true
  }

  #hasEnded(action: unknown): boolean {
    const status = textAt(action, 'status')
    if (status === 'running' || status === 'success') return status === 'success'
    if (status !== 'error') throw this.#http.unusable('the answer tells of no action')
    const { code, message, fault = 'busy' } = complaintOf(at(action, 'error'))
    const why = `the action has failed: ${code ?? ''}: ${message ?? ''}`
    throw new CloudError({ who: this.#http.who, fault, why: this.#http.withoutSecrets(why) })
  }
}

function isAbsent(answer: CloudAnswer): boolean {
  return answer.status === 404 && complaintOfAnswer(answer).code === 'not_found'
}

function isThereAlready(answer: CloudAnswer): boolean {
  return complaintOfAnswer(answer).code === 'uniqueness_error' && !isDone(answer)
}
