/** A record of an answer, as far as judging it needs. */
export interface AnswerRecord {
  /** In lower case, without a dot at its end. */
  readonly name: string
  /** `A`, `NS`, `RRSIG`, ... */
  readonly type: string
  readonly ttlSeconds: number
  /** As `canonicalValue` writes it. */
  readonly value: string
  /** Of an RRSIG. */
  readonly signature?: Signature | undefined
}

/** What an RRSIG says of the set that it signs. RFC 4034, 3.1. */
export interface Signature {
  /** The type that it signs. */
  readonly covers: string
  /** The TTL that the zone had when it was signed, in seconds. */
  readonly originalTtlSeconds: number
  /** Both in seconds since the Unix epoch, modulo 2^32. */
  readonly startsAtSeconds: number
  readonly endsAtSeconds: number
}

/** What a server answered. */
export interface Answer {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, ... */
  readonly rcode: string
  /** Whether the server speaks for the zone itself (AA). */
  readonly authoritative: boolean
  readonly answers: readonly AnswerRecord[]
  readonly authorities: readonly AnswerRecord[]
  readonly additionals: readonly AnswerRecord[]
}

/** How asking ended. */
export type Asked =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** No usable answer; `here` where this machine could not even ask: it has no IPv6, or no free socket. */
  | { readonly kind: 'silent'; readonly because: string; readonly here: boolean }

/** Where a question goes. */
export interface ServerAddress {
  readonly address: string
  readonly port: number
}

/** What is asked, of whom. */
export interface AskedQuestion {
  readonly server: ServerAddress
  readonly name: string
  readonly type: string
  /** Whether a resolver is asked to find it out; never of an authoritative server. */
  readonly recursion?: boolean | undefined
  /** Whether signatures are wanted too. */
  readonly dnssec?: boolean | undefined
}

/** Puts one question to one server; whatever comes is a value. It rejects with the reason of the signal alone. */
export type Ask = (question: AskedQuestion, options: { readonly signal?: AbortSignal | undefined }) => Promise<Asked>

/** What an SOA record says that matters here. */
export interface Soa {
  readonly serial: number
  /** How long resolvers keep the answer that there is no such name, in seconds: RFC 2308, 5. */
  readonly negativeTtlSeconds: number
}

/** The records of a name and type, in one section. */
export function recordsOf(section: readonly AnswerRecord[], name: string, type: string): readonly AnswerRecord[] {
  return section.filter((record) => record.type === type && record.name === name)
}

/** @returns undefined where the answer has no SOA record of the zone that can be read */
export function soaOf(answer: Answer, zone: string): Soa | undefined {
  const record = recordsOf(answer.answers, zone, 'SOA')[0]
  const fields = record?.value.split(' ') ?? []
  const [serial, minimum] = [Number(fields[2]), Number(fields[6])]
  if (!record || fields.length !== 7 || !Number.isInteger(serial) || !Number.isInteger(minimum)) return undefined
  return { serial, negativeTtlSeconds: Math.min(minimum, record.ttlSeconds) }
}

/** As people write it: `192.0.2.53`, or `192.0.2.53:5353` and `[2001:db8::53]:5353` where the port is not the usual one. */
export function addressText({ address, port }: ServerAddress): string {
  if (port === DNS_PORT) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

export const DNS_PORT = 53
