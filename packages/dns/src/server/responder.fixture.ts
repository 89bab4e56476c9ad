import { decodeMessage, encodeQuery, type GivenQuery, type Message, presentValue } from '@hotspare/dns-wire'
import { NameTable } from './name-table.ts'
import { dnsServerOptionsSchema, type ServedZoneOptions } from './options.ts'
import { Responder } from './responder.ts'
import { wireName } from './wire-name.ts'
import { Zone } from './zone.ts'

export const NOW_MS = 1_800_000_000_000

/** Zones without a server around them. */
export class AskedZones {
  readonly responder: Responder
  readonly zones: ReadonlyMap<string, Zone>
  readonly #out = Buffer.alloc(65_535)

  constructor(...given: readonly ServedZoneOptions[]) {
    const { zones } = dnsServerOptionsSchema.parse({ zones: given, listen: [{ address: '127.0.0.1', port: 0 }] })
    const names = zones.map(({ name }) => name)
    this.zones = new Map(zones.map((zone) => [zone.name, new Zone(zone, names, { mostSets: 1_000, wallMs: NOW_MS })]))
    const table = new NameTable([...this.zones].map(([name, zone]) => [wireName(name), zone] as const))
    this.responder = new Responder({ zones: table, payloadBytes: 1_232 })
  }

  zone(name: string): Zone {
    const zone = this.zones.get(name)
    if (!zone) throw new Error(`there is no zone ${name}`)
    return zone
  }

  /** @returns the bytes of the answer; undefined where there is none */
  raw(message: Uint8Array, limit = 65_535): Uint8Array | undefined {
    const finding = this.responder.look(message, message.length)
    if (finding === 'nothing') return undefined
    if (finding === 'transfer') this.responder.refuse(5)
    this.#out.fill(0xaa)
    return Uint8Array.from(this.#out.subarray(0, this.responder.write(this.#out, limit)))
  }

  ask(query: Partial<GivenQuery> & { readonly name: string }, limit?: number): Message {
    const bytes = this.raw(encodeQuery({ id: 4_711, type: 'A', edns: false, ...query }), limit)
    if (!bytes) throw new Error('nobody answers')
    return decodeMessage(bytes)
  }
}

/** An answer in a line: `NOERROR AA www.example.test A 192.0.2.1; SOA`. */
export function inShort({ rcode, flags, answers, authorities }: Message): string {
  const records = answers.map(({ name, type, data }) => `${name} ${type} ${data.kind === 'opaque' ? '?' : presentValue(type, data)}`)
  const parts = [...records, ...authorities.map(({ type }) => type)]
  return [rcode, ...(flags.authoritative ? ['AA'] : []), ...(flags.truncated ? ['TC'] : []), parts.join('; ')].join(' ').trim()
}
