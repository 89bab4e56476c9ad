import { DnsValueError } from './errors.ts'

/** IANA, Service Parameter Keys (SvcParamKeys), by their numbers. */
const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp']

/** @returns `alpn`; `key667` for one without a name (RFC 9460, 2.1) */
export function serviceKeyName(number: number): string {
  return KEYS[number] ?? `key${number}`
}

/** @throws DnsValueError where it is neither known nor like `key667` */
export function serviceKeyNumber(name: string): number {
  const known = KEYS.indexOf(name)
  if (known !== -1) return known
  const number = Number(/^key(0|[1-9]\d{0,4})$/.exec(name)?.[1])
  if (number <= 0xff_ff) return number
  throw new DnsValueError(`there is no parameter of a service "${name}"`)
}
