import { isIP, isIPv4 } from 'node:net'
import type { ListenAddress } from './config.ts'

/** A text that was understood, or what is wrong with it; the hint never repeats the text. */
export type Reading<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly hint: string }

/** An http or https origin, or an address of TCP, taken apart. */
export interface OriginAddress {
  /** `http://10.0.0.11:8080`, as URL normalises it. */
  readonly url: string
  readonly protocol: 'http' | 'https' | 'tcp'
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** RFC 1035, section 2.3.4, as a text. */
const LONGEST_HOST = 253
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i

/** Reads `host:port`, `[::1]:8080` and `:8080` (every address of the machine). */
export function readListen(text: string): Reading<ListenAddress> {
  const [, bracketed, plain = '', portText = ''] = /^(?:\[([^\]]*)\]|([^[\]]*)):([^:]*)$/.exec(text.trim()) ?? []
  if (plain.includes('//')) return bad('leave the scheme away: only host and port')
  if (plain.includes(':')) return bad('put an IPv6 address into brackets, like [::1]:8080')
  if (portText === '') return bad('write host:port, like 127.0.0.1:8080 or [::1]:8080, or :8080 for every address')
  if (!/^\d{1,5}$/.test(portText) || Number(portText) > 65_535) return bad('the port is a number from 0 to 65535')
  const port = Number(portText)
  if (bracketed !== undefined) {
    return isIP(bracketed) === 6
      ? good({ host: normalIpv6(bracketed), port })
      : bad('in the brackets goes an IPv6 address, like [::1]:8080')
  }
  if (plain === '') return good({ host: '::', port })
  if (plain === '*') return bad('for every address of the machine write :8080')
  return isHost(plain) ? good({ host: plain.toLowerCase(), port }) : bad('the host is an IP address of this machine or a host name')
}

/** Writes an address as {@link readListen} reads it. */
export function formatListen(address: ListenAddress): string {
  return `${bracket(address.host)}:${address.port}`
}

/** Reads the URL of a target: scheme, host and port, and nothing more. */
export function readOrigin(text: string): Reading<OriginAddress> {
  const trimmed = text.trim()
  if (!/^(?:https?|tcp):\/\//i.test(trimmed)) {
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
      ? bad('the scheme is http://, https:// or tcp://')
      : bad('write the scheme too: http://, https:// or tcp://')
  }
  const isTcp = /^tcp:/i.test(trimmed)
  // As http, so that the host is read and written in one way whatever is spoken to it.
  const url = URL.parse(trimmed.replace(/^tcp:/i, 'http:'))
  if (!url) return bad('the host or the port cannot be read')
  if (url.username || url.password) return bad('a target takes no user and password; the client sends its own')
  if (url.search || trimmed.includes('?')) return bad('a target takes no query; each request brings its own')
  if (url.hash || trimmed.includes('#')) return bad('a target takes no fragment')
  if (url.pathname !== '/') return bad('a target takes no path; each request brings its own, and the health check has `path`')
  if (url.hostname.length > LONGEST_HOST) return bad(`a host name has at most ${LONGEST_HOST} characters`)
  if (url.port === '0') return bad('the port is a number from 1 to 65535')
  if (isTcp) return readTcp(url, trimmed)
  const protocol = url.protocol === 'https:' ? 'https' : 'http'
  const port = Number(url.port) || (protocol === 'https' ? 443 : 80)
  return good({ url: url.origin, protocol, host: url.hostname.replace(/^\[|\]$/g, ''), port })
}

/** There is no usual port; what URL leaves out because it is that of HTTP was written all the same. */
function readTcp(url: URL, text: string): Reading<OriginAddress> {
  const port = Number(url.port) || (/:0*80\/?$/.test(text) ? 80 : 0)
  if (port === 0) return bad('write the port too, like tcp://10.0.0.11:5432')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return good({ url: `tcp://${bracket(host)}:${port}`, protocol: 'tcp', host, port })
}

/** `host:port`, with brackets where the host needs them: what a target is called when the file gives it no name. */
export function hostAndPort(address: { readonly host: string; readonly port: number }): string {
  return `${bracket(address.host)}:${address.port}`
}

/** Whether only this machine itself can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.')) || host.startsWith('::ffff:7f')
}

/** Whether two servers cannot listen on both addresses at once. A free port (0) never collides. */
export function collide(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port !== other.port || one.port === 0) return false
  return sameHost(one.host, other.host) || covers(one.host, other.host) || covers(other.host, one.host)
}

/** Whether a connection to the target ends at the listener, as far as the two texts show. */
export function reaches(target: { readonly host: string; readonly port: number }, listen: ListenAddress): boolean {
  if (target.port !== listen.port) return false
  const atOwnMachine = isLoopback(target.host) || isWildcard(target.host)
  return sameHost(target.host, listen.host) || (atOwnMachine && (covers(listen.host, target.host) || isWildcard(target.host)))
}

function isWildcard(host: string): boolean {
  return host === '::' || host === '0.0.0.0'
}

/** `::` takes IPv4 as well, as Node binds it; `0.0.0.0` takes IPv4 alone. A name may stand for either. */
function covers(wildcard: string, host: string): boolean {
  return wildcard === '::' || (wildcard === '0.0.0.0' && isIP(host) !== 6)
}

function sameHost(one: string, other: string): boolean {
  if (one === other) return true
  if (one !== 'localhost' && other !== 'localhost') return false
  return isLoopbackOfName(one) && isLoopbackOfName(other)
}

/** What `localhost` stands for. */
function isLoopbackOfName(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '::1'
}

function isHost(text: string): boolean {
  // Only digits and dots, but no IPv4 address: a typing error, not a name.
  return isIPv4(text) || (HOST_NAME.test(text) && !/^[\d.]+$/.test(text))
}

/** One spelling of each address; one with a zone (`fe80::1%eth0`) is no URL host and stays as it is. */
export function normalIpv6(text: string): string {
  return URL.parse(`http://[${text}]`)?.hostname.slice(1, -1) ?? text
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

export function good<Value>(value: Value): Reading<Value> {
  return { ok: true, value }
}

export function bad<Value>(hint: string): Reading<Value> {
  return { ok: false, hint }
}
