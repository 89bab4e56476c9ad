import type { Duplex } from 'node:stream'
import type { ClientAddress } from './request-facts.ts'

/** What a client is connected by: a socket, plain or of TLS; or one stream of HTTP/2, which looks like one. */
export interface ClientSocket extends Duplex, ClientAddress {
  readonly bytesRead: number
  /** Milliseconds of silence until `timeout`, if that is wanted. */
  readonly timeout?: number | undefined
  setTimeout(timeoutMs: number, onTimeout?: () => void): this
  /** Ends it so that the client sees that something is missing. */
  resetAndDestroy(): this
}
