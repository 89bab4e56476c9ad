import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

/**
 * An address for NOTIFY that is known before the secondary runs, whose port the kernel gives: it hands on what comes, and the
 * answers back.
 */
export interface NotifyRelay extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Where messages go from now on. */
  to(port: number): void
}

export async function notifyRelay(): Promise<NotifyRelay> {
  const socket = createSocket('udp4')
  const listening = once(socket, 'listening')
  socket.bind(0, '127.0.0.1')
  await listening
  let secondary: number | undefined
  let asker: RemoteInfo | undefined
  socket.on('message', (message, from) => {
    if (from.port === secondary) {
      if (asker) socket.send(message, asker.port, asker.address)
      return
    }
    asker = from
    if (secondary !== undefined) socket.send(message, secondary, '127.0.0.1')
  })
  // An answer of a secondary that is gone.
  socket.on('error', () => {})
  return {
    address: '127.0.0.1',
    port: socket.address().port,
    to: (port) => void (secondary = port),
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
