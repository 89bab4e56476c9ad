import type { Socket } from 'node:net'
import { createServer, type SecureContext, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'
import { type Clock, HotspareError, LONGEST_DELAY_MS } from '@hotspare/core'
import type { Deadlines } from '../deadlines.ts'
import type { CertificateFacts, ServerCertificate } from './certificate.ts'
import { type Contexts, makeContexts, sharedOptions } from './contexts.ts'
import { type Handshake, Handshakes } from './handshakes.ts'
import type { TlsSettings } from './options.ts'

/** What a client and we have agreed on (RFC 7301). */
export type Protocol = 'h2' | 'http/1.1'

export interface TlsFrontOptions {
  readonly settings: TlsSettings
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Takes a connection whose handshake is done. */
  readonly accept: (socket: TLSSocket, protocol: Protocol) => void
}

/** The first byte of a client that speaks TLS: a record of the handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16

/**
 * TLS in front of the engine: from a connection to one that is secure. It never listens itself; what has been accepted is
 * given to it.
 */
export class TlsFront {
  readonly #options: TlsFrontOptions
  readonly #shared: SecureContextOptions
  readonly #handshakes: Handshakes
  readonly #server: Server
  #contexts: Contexts

  /** @throws HotspareError `HOTSPARE_PROXY_CERTIFICATE` */
  constructor(options: TlsFrontOptions) {
    const { settings, deadlines } = options
    this.#options = options
    this.#shared = sharedOptions(settings)
    this.#contexts = makeContexts(settings.certificates, this.#shared)
    this.#handshakes = new Handshakes(deadlines, settings)
    this.#server = createServer({
      ...this.#contexts.first,
      ALPNProtocols: settings.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      SNICallback: this.#choose,
      requestCert: settings.clientCa !== undefined,
      rejectUnauthorized: settings.requireClientCertificate,
      // The deadlines are ours.
      handshakeTimeout: LONGEST_DELAY_MS,
    })
    this.#server.on('secureConnection', (secure) => this.#secured(secure))
    // Clients that do not want our certificate, and those that speak nonsense: the socket is gone.
    this.#server.on('tlsClientError', (_error, secure) => void this.#handshakes.finished(secure)?.destroy())
  }

  get certificates(): readonly CertificateFacts[] {
    return this.#contexts.certificates
  }

  /** Handshakes in progress. */
  get size(): number {
    return this.#handshakes.size
  }

  /**
   * Takes others for the handshakes that come. Where one of them cannot be used, all stays as it is.
   *
   * @throws HotspareError `HOTSPARE_PROXY_CERTIFICATE` that names it
   */
  setCertificates(list: readonly ServerCertificate[]): void {
    const { first, ...contexts } = makeContexts(list, this.#shared, { before: this.certificates, atMs: this.#options.clock.wallMs() })
    this.#server.setSecureContext(first)
    this.#contexts = { first, ...contexts }
  }

  take(socket: Socket): void {
    socket.on('error', () => {})
    const handshake = this.#handshakes.add(socket)
    if (handshake) socket.once('data', (first) => this.#begin(handshake, first))
  }

  cut(): void {
    this.#handshakes.cut()
  }

  #begin(handshake: Handshake, first: Buffer): void {
    const { socket } = handshake
    this.#handshakes.begun(handshake)
    if (first[0] !== HANDSHAKE) return this.#refusePlain(handshake, first)
    socket.pause()
    socket.unshift(first)
    this.#server.emit('connection', socket)
  }

  /** Somebody who wrote `http://`: as nginx, an answer that they can read. */
  #refusePlain(handshake: Handshake, first: Buffer): void {
    if (!/^[A-Z]{3}/.test(first.toString('latin1', 0, 3))) return void handshake.socket.destroy()
    handshake.endWith(PLAIN_REFUSAL)
  }

  #secured(secure: TLSSocket): void {
    const beneath = this.#handshakes.finished(secure)
    const { settings, accept } = this.#options
    if (!beneath || (settings.clientCa !== undefined && !secure.authorized && sentCertificate(secure))) return void secure.destroy()
    // A client must not take the end of TLS for the end of an answer: the connection beneath is reset.
    secure.resetAndDestroy = () => {
      beneath.resetAndDestroy()
      return secure.destroy()
    }
    accept(secure, secure.alpnProtocol === 'h2' ? 'h2' : 'http/1.1')
  }

  readonly #choose = (serverName: string, choose: (error: Error | null, context?: SecureContext) => void): void => {
    const found = this.#contexts.byName.find(serverName)
    if (found || this.#options.settings.unknownServerName === 'default') return choose(null, found)
    choose(
      new HotspareError({ code: 'HOTSPARE_PROXY_SERVER_NAME', message: 'proxy: no certificate has the name that the client asks for' }),
    )
  }
}

const PLAIN_REFUSAL_BODY = 'hotspare: 400 Bad Request: https is spoken here, and this was http\n'
const PLAIN_REFUSAL = `HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${PLAIN_REFUSAL_BODY.length}\r\nconnection: close\r\n\r\n${PLAIN_REFUSAL_BODY}`

function sentCertificate(secure: TLSSocket): boolean {
  return Object.keys(secure.getPeerCertificate()).length > 0
}
