import { isIP } from 'node:net'
import { bad, good, normalIpv6, type Reading, readListen } from './addresses.ts'

/** Where a probe connects. */
export interface HostAddress<Port> {
  /** A host name, or an IP address without brackets. */
  readonly host: string
  readonly port: Port
}

/** Reads `127.0.0.1:5432`: a host and a port to connect to. */
export function readHostAndPort(text: string): Reading<HostAddress<number>> {
  const reading = readListen(text)
  if (!reading.ok) {
    return bad(text.includes(':') ? reading.hint.replace(/, or :8080 for every address/, '') : 'write host:port, like 127.0.0.1:5432')
  }
  if (/^\s*:/.test(text)) return bad('write the host too, like 127.0.0.1:5432')
  return reading.value.port === 0 ? bad('the port is a number from 1 to 65535') : reading
}

/** Reads `127.0.0.1:5432`, and a host alone where the protocol has a port of its own. */
export function readHostAddress(text: string): Reading<HostAddress<number | undefined>> {
  return /:\d*\s*$/.test(text) && isIP(text.trim()) !== 6 ? readHostAndPort(text) : readHost(text)
}

/** Reads a host name or an IP address, with or without brackets. */
export function readHost(text: string): Reading<HostAddress<undefined>> {
  const host = text.trim().replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) === 6 && !host.includes('%')) return good({ host: normalIpv6(host), port: undefined })
  // What is understood with a port is a host without it.
  const reading = host.includes(':') ? undefined : readListen(`${host}:1`)
  return reading?.ok && host !== '' && host !== '*'
    ? good({ host: reading.value.host, port: undefined })
    : bad('write a host name or an IP address, like 10.0.0.11')
}
