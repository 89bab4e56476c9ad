import type { Clock, Logger } from '@hotspare/core'

/** What a transport reports. */
export interface TransportHandlers {
  /** @param listen the address of ours at which it arrived, as it was configured */
  onPacket(bytes: Uint8Array, listen: string): void
}

/** Where a packet goes, and from which address of ours; all as configured. */
export interface Route {
  readonly from: string
  readonly to: string
}

/** Carries packets: UDP, or a virtual network in tests. */
export interface DatagramTransport {
  /** Binds every address of ours. @throws HotspareError `HOTSPARE_HEARTBEAT_LISTEN` when not one of them can be bound */
  open(handlers: TransportHandlers, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Never throws. `done` is called once, with the error if the packet could not be sent. */
  send(packet: Uint8Array, route: Route, done: (error: Error | undefined) => void): void
  /** Idempotent. */
  close(): Promise<void>
}

export interface TransportOptions {
  readonly listen: readonly string[]
  readonly receiveBufferBytes: number
  readonly clock: Clock
  readonly logger: Logger
}

export type TransportFactory = (options: TransportOptions) => DatagramTransport
