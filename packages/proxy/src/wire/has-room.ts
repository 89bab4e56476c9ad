import type { Duplex } from 'node:stream'

/**
 * Whether a socket takes more. A piece that is as large as its buffer counts as too much even where the kernel has taken
 * all of it at once, which is the rule while the other side reads.
 *
 * @param written what `write` has answered
 */
export function hasRoom(socket: Duplex, written: boolean): boolean {
  return written || socket.writableLength === 0
}
