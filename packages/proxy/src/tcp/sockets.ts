import type { Socket } from 'node:net'

/**
 * Ends a connection so that the other side sees that something is missing. Not by a reset where all was said already: libuv
 * takes none while a FIN is on its way, and whoever goes on sending into a closed connection is reset by the kernel.
 */
export function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy()
  else if (!socket.destroyed) socket.resetAndDestroy()
}

const NOTHING = Buffer.alloc(0)

/** Calls back once all that waits has been written; never where the socket breaks before that. */
export function behindAll(socket: Socket, then: () => void): void {
  socket.write(NOTHING, (error) => void (error || then()))
}

/**
 * Says that no more follows, behind what still waits to be written: while that waits, the socket can be reset, so that a
 * reader who is too slow never takes a part for the whole.
 */
export function endBehind(socket: Socket): void {
  if (socket.writableLength === 0) socket.end()
  else behindAll(socket, () => socket.end())
}

/** Ends an attempt to connect; nobody hears of it any more. */
export function forget(socket: Socket): void {
  socket.removeAllListeners()
  // What was under way may still fail.
  socket.on('error', () => {})
  socket.destroy()
}
