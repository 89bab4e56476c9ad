import type { Clock } from '@hotspare/core'
import { systemClock } from '@hotspare/core'
import type { Socket } from 'node:net'

/** What a bad target does with a connection; give one to `loopbackServer`. Each speaks as soon as it is connected. */
export type HostileBehaviour = (socket: Socket) => void

/** Targets gone bad, each in its way. */
export const hostileBehaviours: Readonly<
  Record<
    | 'garbage'
    | 'silence'
    | 'emptyReply'
    | 'reset'
    | 'halfResponse'
    | 'halfChunk'
    | 'halfHeader'
    | 'resetInBody'
    | 'endlessHeader'
    | 'endlessInterim'
    | 'longPhrase'
    | 'twoLengths'
    | 'uninvitedUpgrade',
    HostileBehaviour
  >
> = {
  /** Bytes that are no HTTP. */
  garbage: (socket) => {
    socket.resume().end('\u0000\u0001 SSH-2.0-not what you came for\r\n\r\n')
  },
  /** Accepts, and never says anything. */
  silence: (socket) => {
    socket.resume()
  },
  /** Hangs up without a byte. */
  emptyReply: afterRequest((socket) => socket.end()),
  /** Tears the connection down with a RST. */
  reset: afterRequest((socket) => socket.resetAndDestroy()),
  /** Promises 100 bytes, sends 5, hangs up. */
  halfResponse: afterRequest((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')),
  /** A chunked body that stops in the middle of a chunk. */
  halfChunk: afterRequest((socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhello')),
  /** Hangs up in the middle of the header. */
  halfHeader: afterRequest((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')),
  /** Tears the connection down in the middle of the body. */
  resetInBody: afterRequest((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello', () => socket.resetAndDestroy())
  }),
  /** A header that never ends, as fast as the line takes it. */
  endlessHeader: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    pour(socket, Number.POSITIVE_INFINITY, Buffer.from(`X-Filler: ${'a'.repeat(1_000)}\r\n`))
  },
  /** Interim answers without end. */
  endlessInterim: (socket) => {
    pour(socket, Number.POSITIVE_INFINITY, Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'))
  },
  /** A status line with a phrase of 8,000 characters. */
  longPhrase: afterRequest((socket) => socket.end(`HTTP/1.1 503 ${'x'.repeat(8_000)}\r\nContent-Length: 0\r\n\r\n`)),
  /** Two lengths that contradict each other. */
  twoLengths: afterRequest((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello')),
  /** Agrees to a protocol that nobody asked for. */
  uninvitedUpgrade: afterRequest((socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
  ),
}

/** A good answer of `totalBytes`, with or without saying so beforehand. */
export function hugeBody(totalBytes: number, announced: boolean): HostileBehaviour {
  return afterRequest((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${announced ? `Content-Length: ${totalBytes}\r\n` : ''}\r\n`)
    pour(socket, totalBytes, Buffer.alloc(65_536, 'a'))
  })
}

/** One byte of a good answer every `everyMs` milliseconds: each is progress, the whole is none. */
export function slowDrip(everyMs: number, text: string, clock: Clock = systemClock): HostileBehaviour {
  return afterRequest((socket) => {
    const drip = (index: number) => {
      if (socket.destroyed) return
      socket.write(text.charAt(index))
      if (index + 1 < text.length) clock.schedule(everyMs, () => drip(index + 1), { unref: true })
      else socket.end()
    }
    drip(0)
  })
}

/** Waits for the first bytes: closing a socket with unread bytes would send a RST instead of what the server means. */
function afterRequest(speak: HostileBehaviour): HostileBehaviour {
  return (socket) => {
    socket.once('data', () => speak(socket))
  }
}

/** Sends `piece` again and again until `totalBytes` are out, no faster than the other side reads. */
function pour(socket: Socket, totalBytes: number, piece: Buffer): void {
  let leftBytes = totalBytes
  const more = () => {
    while (leftBytes > 0 && !socket.destroyed) {
      const next = leftBytes < piece.length ? piece.subarray(0, leftBytes) : piece
      leftBytes -= next.length
      if (!socket.write(next)) {
        socket.once('drain', more)
        return
      }
    }
    socket.end()
  }
  socket.resume()
  more()
}
