import { DnsValueError } from './errors.ts'

/** Names and numbers of one registry; what has no name is called by a word and its number. */
class Registry {
  readonly #word: string
  readonly #highest: number
  readonly #numbers: ReadonlyMap<string, number>
  readonly #names: ReadonlyMap<number, string>
  readonly #unnamed: RegExp

  constructor(word: string, highest: number, entries: Readonly<Record<string, number>>) {
    this.#word = word
    this.#highest = highest
    this.#numbers = new Map(Object.entries(entries))
    this.#names = new Map(Object.entries(entries).map(([name, number]) => [number, name]))
    this.#unnamed = new RegExp(`^${word}(0|[1-9]\\d{0,4})$`)
  }

  nameOf(number: number): string {
    return this.#names.get(number) ?? `${this.#word}${number}`
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = Number(this.#unnamed.exec(name)?.[1])
    if (number <= this.#highest) return number
    throw new DnsValueError(`there is no ${this.#word.toLowerCase()} "${name}"`)
  }
}

/** IANA, Domain Name System (DNS) Parameters: Resource Record (RR) TYPEs. */
const types = new Registry('TYPE', 65_535, {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  URI: 256,
  CAA: 257,
})

const classes = new Registry('CLASS', 65_535, { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 })

const opcodes = new Registry('OPCODE', 15, { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 })

const rcodes = new Registry('RCODE', 4_095, {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADCOOKIE: 23,
})

/** 16 is BADVERS in a message and BADSIG in a signature (RFC 8945, 3). */
const tsigErrors = new Registry('RCODE', 65_535, { NOERROR: 0, BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 })

/** @returns `A`; `TYPE65280` for a type without a name (RFC 3597, 5) */
export function typeName(number: number): string {
  return types.nameOf(number)
}

/** @throws DnsValueError where it is neither known nor like `TYPE65280` */
export function typeNumber(name: string): number {
  return types.numberOf(name)
}

/** @returns `IN`, `CH`, `ANY`, ...; `CLASS32` for one without a name */
export function className(number: number): string {
  return classes.nameOf(number)
}

/** @throws DnsValueError */
export function classNumber(name: string): number {
  return classes.numberOf(name)
}

/** @returns `QUERY`, `NOTIFY`, `UPDATE`, ...; `OPCODE7` for one without a name */
export function opcodeName(number: number): string {
  return opcodes.nameOf(number)
}

/** @throws DnsValueError */
export function opcodeNumber(name: string): number {
  return opcodes.numberOf(name)
}

/** @returns `NOERROR`, `NXDOMAIN`, `YXRRSET`, ...; `RCODE3841` for one without a name */
export function rcodeName(number: number): string {
  return rcodes.nameOf(number)
}

/** @throws DnsValueError */
export function rcodeNumber(name: string): number {
  return rcodes.numberOf(name)
}

/** @returns `BADSIG`, ... */
export function tsigErrorName(number: number): string {
  return tsigErrors.nameOf(number)
}

/** @throws DnsValueError */
export function tsigErrorNumber(name: string): number {
  return tsigErrors.numberOf(name)
}
