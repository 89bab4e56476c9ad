/** An origin in a process of its own, to be killed and stopped; what it does is said to it by messages of its parent. */
import { createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What to do with a request; `big` is for paths that begin so. */
export interface Behaviour {
  readonly kind: 'answer' | 'break' | 'drip'
  readonly bytes: number
  readonly big: 'answer' | 'break'
}

const BIG_BYTES = 1_000_000
const DRIPS = 10
const DRIP_GAP_MS = 100

let behaviour: Behaviour = { kind: 'answer', bytes: 64, big: 'answer' }
const big = Buffer.alloc(BIG_BYTES, 'x')

process.on('message', (message) => {
  behaviour = message as Behaviour
})
process.on('disconnect', () => process.exit())

const server = createServer((socket) => {
  socket.setNoDelay(true).on('error', () => {})
  let heard = ''
  socket.on('data', (data) => {
    heard += data.toString('latin1')
    for (let end = heard.indexOf('\r\n\r\n'); end >= 0; end = heard.indexOf('\r\n\r\n')) {
      const head = heard.slice(0, end)
      heard = heard.slice(end + 4)
      if (head.startsWith('GET /big')) answer(socket, behaviour.big, big)
      else answer(socket, behaviour.kind, big.subarray(0, behaviour.bytes))
    }
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
})

function answer(socket: Socket, kind: Behaviour['kind'], body: Buffer): void {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
  if (kind === 'answer') socket.write(body)
  // The reset must not overtake the bytes.
  else if (kind === 'break') socket.write(body.subarray(0, body.length / 2), () => setTimeout(() => socket.resetAndDestroy(), 10))
  else void drip(socket, body)
}

async function drip(socket: Socket, body: Buffer): Promise<void> {
  const share = Math.ceil(body.length / DRIPS)
  for (let from = 0; from < body.length; from += share) {
    await wait(DRIP_GAP_MS)
    socket.write(body.subarray(from, from + share))
  }
}
