import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, TLSSocket } from 'node:tls'
import type { ProbeTlsOptions } from './connection-options.ts'
import { firstPhase, followPhases } from './phases.ts'
import type { ProbeRun } from './run-probe.ts'

/** Where a probe connects to. Name, SNI, protocol list and address family are independent of each other. */
export interface ConnectionTarget {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Which addresses of a name are used; default: whichever answers first. */
  readonly family?: 4 | 6 | undefined
  readonly tls?: ConnectionTls | undefined
}

/** How TLS is spoken. */
export interface ConnectionTls extends ProbeTlsOptions {
  /** Protocols offered (ALPN), the best first. */
  readonly alpn?: readonly string[] | undefined
}

/**
 * Opens a connection of the probe's own, and keeps its phases. When the run's signal aborts, the connection is gone; the one that opened
 * it destroys it when it has seen enough.
 *
 * @returns when it is open, with TLS agreed on where that is asked for
 * @throws what Node reports
 */
export async function openConnection(target: ConnectionTarget, run: ProbeRun): Promise<Socket> {
  run.phase = firstPhase(target.host)
  const socket = begin(target)
  // Never taken back: the signal lasts no longer than the run.
  run.signal.addEventListener('abort', () => socket.destroy(), { once: true })
  if (run.signal.aborted) socket.destroy()
  followPhases(socket, run)
  await opened(socket, target.tls ? 'secureConnect' : 'connect')
  if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') await outlastItsHandshake(socket)
  return socket
}

/**
 * A connection that is reset in the same read in which its handshake comes to its end says so a turn later, and to nobody
 * once HTTP/2 has taken it over: the probe would wait for its deadline.
 */
async function outlastItsHandshake(socket: TLSSocket): Promise<void> {
  await setImmediate()
  if (socket.destroyed) throw socket.errored ?? earlyEnd()
}

/** Speaks TLS on a connection that is open: STARTTLS. */
export async function upgradeConnection(socket: Socket, { host, tls = {} }: ConnectionTarget, run: ProbeRun): Promise<TLSSocket> {
  run.phase = 'agreeing on TLS'
  const secure = connectTls({ socket, ...tlsOptions(host, tls) })
  await opened(secure, 'secureConnect')
  run.ended('tls')
  run.phase = 'waiting for the answer'
  return secure
}

function begin({ host, port, family, tls }: ConnectionTarget): Socket {
  const to = { host, port, ...(family === undefined ? {} : { family }) }
  return tls ? connectTls({ ...to, ...tlsOptions(host, tls) }) : connectTcp(to)
}

function tlsOptions(host: string, { rejectUnauthorized = true, servername = host, ca, alpn }: ConnectionTls): ConnectionOptions {
  return {
    rejectUnauthorized,
    // An address is no name to ask for (RFC 6066, section 3), and is checked in the certificate all the same.
    ...(isIP(servername) === 0 ? { servername } : {}),
    checkServerIdentity: (_name, certificate) => checkServerIdentity(servername, certificate),
    ...(ca === undefined ? {} : { ca }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  }
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOpen = false
    socket.once(event, () => {
      isOpen = true
      resolve()
    })
    // Stays for good: a socket may report an error after it was given up.
    socket.on('error', reject)
    socket.once('close', () => {
      // An error with its stack is too dear to be made for each good end.
      if (!isOpen) reject(earlyEnd())
    })
  })
}

/** What Node itself reports where the other side hangs up too early. */
export function earlyEnd(): Error {
  return Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })
}
