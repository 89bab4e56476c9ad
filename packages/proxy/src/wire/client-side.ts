import type { ClientSocket } from './client-socket.ts'
import type { ClientFields } from './head-writer.ts'
import type { Tunnel } from './tunnel.ts'

/** The connection that a request came on. */
export interface ClientSide {
  readonly socket: ClientSocket
  readonly fields: ClientFields
  /** (More of) the body is wanted: look at `body.wanted`. */
  readOn(): void
  /** The client does not take what it is given. */
  limitSilence(): void
  /** The answer has been delivered. @param last nothing more is answered on this connection */
  answered(last: boolean): void
  /** What a tunnel goes on with; the socket is the tunnel's. */
  giveAway(tunnel: Tunnel): Buffer | undefined
  /** The client must see that something is missing. */
  reset(): void
}
