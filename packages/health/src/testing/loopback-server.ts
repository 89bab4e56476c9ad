import { createServer, type Server, type Socket } from 'node:net'

/** A server on a free port of 127.0.0.1, for a test. */
export interface LoopbackServer extends AsyncDisposable {
  readonly port: number
  /** Bytes that it has put into its sockets. */
  bytesSent(): number
  openConnections(): number
  /** Closes the port and every connection. */
  close(): Promise<void>
}

/** Runs `server`, or a TCP server that does `onConnection`, on a free loopback port. */
export function loopbackServer(onConnection: Server | ((socket: Socket) => void)): Promise<LoopbackServer> {
  const server = typeof onConnection === 'function' ? createServer(onConnection) : onConnection
  const open = new Set<Socket>()
  let finishedBytes = 0
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    // A probe that has seen enough hangs up in the middle: that is no error of the server.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      finishedBytes += socket.bytesWritten
      open.delete(socket)
    })
  })
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address ? address.port : 0,
        bytesSent: () => [...open].reduce((sum, socket) => sum + socket.bytesWritten, finishedBytes),
        openConnections: () => open.size,
        close,
        [Symbol.asyncDispose]: close,
      })
    })
  })
}

/** A loopback port where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await loopbackServer(() => {})
  await server.close()
  return server.port
}
