import { type BlockList, isIP } from 'node:net'
import { dnsError } from '../errors.ts'
import { canonicalName } from '../name.ts'
import type { RecordSet, RecordSetName } from '../record-set.ts'
import type { ServedZoneSettings } from './options.ts'
import type { Served } from './responder.ts'
import { nextSerial } from './next-serial.ts'
import { asRecordSet, storedAs, type ServedSet, storedSet } from './served-set.ts'
import { changedContent, type ContentRules, type SetRemoval, type ZoneContent } from './zone-content.ts'
import type { AnswerMemory } from './node-answers.ts'
import { type ZoneImage, zoneImage } from './zone-image.ts'
import { TYPE } from './protocol.ts'

/** One zone, with the version of it that is served. */
export class Zone implements Served {
  readonly name: string
  readonly secondaries: ServedZoneSettings['secondaries']
  readonly #soa: ServedZoneSettings['soa']
  readonly #rules: ContentRules
  readonly #allowed: BlockList
  readonly #memory: AnswerMemory = new WeakMap()
  #image: ZoneImage

  /**
   * @param others the zones that are served too
   * @throws HotspareError `HOTSPARE_DNS_VALUE`, `HOTSPARE_DNS_ZONE`
   */
  constructor(settings: ServedZoneSettings, others: readonly string[], limits: { readonly mostSets: number; readonly wallMs: number }) {
    const { name, nameServers, soa, records } = settings
    this.name = name
    this.secondaries = settings.secondaries
    this.#soa = soa
    this.#allowed = settings.allowed
    this.#rules = { zone: name, below: others.filter((other) => other !== name && other.endsWith(`.${name}`)), mostSets: limits.mostSets }
    const servers = storedAs({ name, type: 'NS', ttlSeconds: soa.ttlSeconds, values: [...new Set(nameServers)] }, TYPE.NS)
    const bare: ZoneContent = new Map([[name, new Map([['NS', servers]])]])
    checkTwins(name, records)
    const content = changedContent(bare, records.map(storedSet), [], this.#rules)
    this.#image = this.#make(content, nextSerial(soa.leastSerial, limits.wallMs))
  }

  get image(): ZoneImage {
    return this.#image
  }

  /**
   * Replaces some sets and removes others, all at once.
   *
   * @returns the sets that are others now, as `www.example.com A`; none where everything was so already, and the serial stays
   * @throws HotspareError `HOTSPARE_DNS_VALUE`, `HOTSPARE_DNS_ZONE`; nothing has changed then
   */
  change(sets: readonly ServedSet[], removals: readonly SetRemoval[], wallMs: number): readonly string[] {
    checkTwins(this.name, [...sets, ...removals])
    const removed = removals.map(({ name, type }) => ({ name: canonicalName(name), type: type.toUpperCase() }))
    const own = removed.find(({ name, type }) => name === this.name && type === 'NS')
    if (own) throw dnsError('HOTSPARE_DNS_ZONE', `zone ${this.name}: its name servers cannot be removed`)
    const before = this.#image.content
    const content = changedContent(before, sets.map(storedSet), removed, this.#rules)
    if (content === before) return []
    this.#image = this.#make(content, nextSerial(this.#image.serial, wallMs), this.#image)
    return [...sets.map(({ name, type }) => ({ name: canonicalName(name), type: type.toUpperCase() })), ...removed]
      .filter(({ name, type }) => before.get(name)?.get(type) !== content.get(name)?.get(type))
      .map(({ name, type }) => `${name} ${type}`)
  }

  /** The same once more, with a serial that is newer than one that somebody else has. */
  overtake(serial: number, wallMs: number): void {
    this.#image = this.#make(this.#image.content, nextSerial(serial, wallMs), this.#image)
  }

  /** What is served of a name and type; undefined for none. */
  get({ name, type }: RecordSetName): RecordSet | undefined {
    const set = this.#image.content.get(canonicalName(name))?.get(type)
    return set && asRecordSet(set)
  }

  /** Whether a client may have all of it. */
  mayTransfer(address: string): boolean {
    const [bare = ''] = address.split('%')
    return this.#allowed.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4')
  }

  #make(content: ZoneContent, serial: number, before?: ZoneImage): ZoneImage {
    return zoneImage({ content, serial, soa: this.#soa, rules: this.#rules, memory: this.#memory }, before)
  }
}

/** What is named twice in a change could be either. */
function checkTwins(zone: string, named: readonly SetRemoval[]): void {
  const seen = new Set<string>()
  for (const { name, type } of named) {
    const key = `${canonicalName(name)} ${type.toUpperCase()}`
    if (seen.has(key)) throw dnsError('HOTSPARE_DNS_ZONE', `zone ${zone}: ${key} is there twice: give all its values in one set`)
    seen.add(key)
  }
}
