import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { ProxyTarget } from '../types.ts'
import { END } from './whole-cases.fixture.ts'

/** Of silence, after which a proxy counts as one that waits for more: where that is expected, and where nothing but a stall would be. */
const SHORT_PATIENCE_MS = 300
const PATIENCE_MS = 5_000

/** An origin that writes down what it has read whole, and says so in its answer. */
export interface RecordingOrigin extends ProxyTarget {
  readonly port: number
  /** What has arrived since the last call. */
  readonly take: () => string[]
  readonly close: () => Promise<void>
}

export async function recordingOrigin(): Promise<RecordingOrigin> {
  let arrived: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    let bytes = 0
    incoming.on('data', (piece: Buffer) => (bytes += piece.length))
    incoming.on('error', () => {})
    incoming.on('end', () => {
      const line = `${incoming.method} ${incoming.url}${bytes > 0 ? ` ${bytes}` : ''}`
      arrived.push(line)
      response.end(`<${line}>`)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  // What is no request for Node's parser should never have been sent on. (The end of half a body is told in the same way.)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') arrived.push(`malformed: ${error.code}`)
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const take = () => {
    const taken = arrived
    arrived = []
    return taken
  }
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { id: 'recording', url: `http://127.0.0.1:${port}`, port, take, close }
}

/**
 * Sends the bytes on a connection of their own, with `END` behind them, and listens to the end.
 *
 * @returns the statuses of the final answers, or `waits`
 */
export async function say(
  port: number,
  bytes: string,
  { alone, waits }: { readonly alone: boolean; readonly waits: boolean },
): Promise<string> {
  const { received, waited } = await converse(port, alone ? bytes : bytes + END, waits ? SHORT_PATIENCE_MS : PATIENCE_MS)
  const statuses = [...received.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status))
  const final = statuses.filter((status) => status >= 200).join(' ')
  return waited ? `${final} waits`.trim() : final
}

/** What the next client of that proxy hears. */
export async function next(port: number): Promise<string> {
  const { received } = await converse(port, 'GET /next HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n', PATIENCE_MS)
  return /<[^>]*>/.exec(received)?.[0] ?? received
}

async function converse(port: number, bytes: string, patienceMs: number): Promise<{ readonly received: string; readonly waited: boolean }> {
  const socket = connect(port, '127.0.0.1')
  const pieces: Buffer[] = []
  let waited = false
  const patience = setTimeout(() => {
    waited = true
    socket.destroy()
  }, patienceMs)
  socket.on('data', (piece) => {
    pieces.push(piece)
    patience.refresh()
  })
  socket.on('error', () => {})
  socket.write(Buffer.from(bytes, 'latin1'), () => patience.refresh())
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  clearTimeout(patience)
  return { received: Buffer.concat(pieces).toString('latin1'), waited }
}
