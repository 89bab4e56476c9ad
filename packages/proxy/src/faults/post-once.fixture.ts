import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Random, seededRandom } from '@hotspare/core'
import { createProxy } from '../index.ts'

export interface PostsReport {
  readonly posts: number
  /** Connections that were reset or closed on purpose, on either side. */
  readonly resets: number
  /** Requests that came on a connection that had carried one before, at the origins. */
  readonly reused: number
  /** Ids that were seen by an origin, once or more often. */
  readonly seen: number
  readonly seenTwice: readonly string[]
  /** Answers that clients have got whole. */
  readonly answered: number
  /** Those that were answered whole and that no origin has seen. */
  readonly invented: readonly string[]
  /** How many of the proxy's attempts were repeated, as they may where nothing was sent. */
  readonly retried: number
  /** Each request ended in one event. */
  readonly ended: number
  readonly active: number
}

/** Where an origin resets a connection, if it does. */
const POINTS = [
  'none',
  'at once',
  'behind the head',
  'in the body',
  'before the answer',
  'in the answer',
  'when idle',
  'never answers again',
] as const

const AT_ONCE = 24
const LAST_WORD_MS = 3
const CLIENT_LEAVES = 0.15
const PATIENCE_MS = 10_000

/** Sends POSTs, each with an id of its own, through a proxy whose targets and clients reset connections at random points. */
export async function sendPosts(count: number, seed: number): Promise<PostsReport> {
  const random = seededRandom(seed)
  const seen = new Map<string, number>()
  const answeredIds: string[] = []
  const tally = { resets: 0, reused: 0, posts: 0 }
  const hear = (id: string, again: boolean) => {
    seen.set(id, (seen.get(id) ?? 0) + 1)
    if (again) tally.reused += 1
  }
  const reset = (socket: Socket) => {
    if (socket.destroyed) return
    tally.resets += 1
    socket.resetAndDestroy()
  }
  const origins = await Promise.all(['one', 'two', 'three'].map(async (id) => startOrigin(id, { random, hear, reset })))
  let turn = 0
  const proxy = createProxy({
    port: 0,
    lameDuckMs: 0,
    retryRatio: 1,
    minimumRetriesPerSecond: 10_000,
    firstByteTimeoutMs: 1_000,
    pick: ({ exclude }) => {
      turn += 1
      const left = origins.filter(({ target }) => !exclude.has(target.id))
      const target = left[turn % left.length]?.target
      return target && { target, reason: 'its turn', done: () => {} }
    },
  })
  let retried = 0
  let ended = 0
  proxy.subscribe((event) => {
    if (event.type === 'request-retried') retried += 1
    if (event.type === 'request-finished') ended += 1
  })
  await proxy.start()
  const port = proxy.address?.port ?? 0
  const client = async () => {
    let socket: Socket | undefined
    while (tally.posts < count) {
      tally.posts += 1
      const id = `id-${seed}-${tally.posts}`
      if (!socket || socket.destroyed) socket = connect(port, '127.0.0.1').on('error', () => {})
      if (await post(socket, id, { random, reset })) answeredIds.push(id)
      else socket.destroy()
    }
    socket?.destroy()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  const deadlineMs = performance.now() + PATIENCE_MS
  while (proxy.active > 0 && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 10))
  const active = proxy.active
  await proxy.stop()
  await Promise.all(origins.map(async ({ close }) => close()))
  return {
    ...tally,
    seen: seen.size,
    seenTwice: [...seen].filter(([, times]) => times > 1).map(([id]) => id),
    answered: answeredIds.length,
    invented: answeredIds.filter((id) => !seen.has(id)),
    retried,
    ended,
    active,
  }
}

interface Chaos {
  readonly random: Random
  readonly reset: (socket: Socket) => void
}

/** @returns whether the answer came whole */
async function post(socket: Socket, id: string, { random, reset }: Chaos): Promise<boolean> {
  const body = 'x'.repeat(Math.floor(random.next() * 200))
  const half = Math.floor(body.length * random.next())
  // Small bodies are kept and go with the head; chunks go as they come.
  const isChunked = random.next() < 0.5
  const head = `POST /${id} HTTP/1.1\r\nHost: a\r\n${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`
  const chunk = (text: string) => (text === '' ? '' : `${text.length.toString(16)}\r\n${text}\r\n`)
  const [first, second] = isChunked
    ? [head + chunk(body.slice(0, half)), `${chunk(body.slice(half))}0\r\n\r\n`]
    : [head + body.slice(0, half), body.slice(half)]
  const leaves = random.next() < CLIENT_LEAVES
  const leavesAfterMs = random.next() * LAST_WORD_MS
  return new Promise<boolean>((resolve) => {
    let heard = ''
    const settle = (whole: boolean) => {
      socket.off('data', onData).off('close', onClose)
      clearTimeout(timer)
      resolve(whole)
    }
    const onData = (data: Buffer) => {
      heard += data.toString('latin1')
      if (heard.endsWith(`<${id}>`)) settle(heard.startsWith('HTTP/1.1 200 '))
      else if (/^HTTP\/1\.1 5\d\d [\s\S]*\r\n\r\n[\s\S]*\n$/.test(heard)) settle(false)
    }
    const onClose = () => settle(false)
    const timer = setTimeout(() => (leaves ? reset(socket) : socket.destroy()), leaves ? leavesAfterMs : PATIENCE_MS)
    socket.on('data', onData).on('close', onClose)
    socket.write(first)
    setImmediate(() => socket.write(second))
  })
}

interface OriginChaos extends Chaos {
  readonly hear: (id: string, again: boolean) => void
}

async function startOrigin(id: string, chaos: OriginChaos) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    serve(socket, chaos)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { target: { id, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }, close }
}

/** Counts an id as soon as the line with it has come, whatever follows. */
function serve(socket: Socket, { random, reset, hear }: OriginChaos): void {
  let heard = ''
  let counted = false
  let before = 0
  let point = choose(random)
  if (point === 'at once') return reset(socket)
  socket.on('data', (data) => {
    heard += data.toString('latin1')
    const id = /^POST \/(\S+) /.exec(heard)?.[1]
    if (id === undefined) return
    if (!counted) hear(id, before > 0)
    counted = true
    if (point === 'at once') return reset(socket)
    const headEnd = heard.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    if (point === 'behind the head') return reset(socket)
    const length = Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? -1)
    const whole = length >= 0 ? heard.length >= headEnd + 4 + length : heard.endsWith('0\r\n\r\n')
    if (point === 'in the body' && heard.length > headEnd + 4) return reset(socket)
    if (!whole || point === 'never answers again') return
    if (point === 'before the answer') return reset(socket)
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${id.length + 2}\r\n\r\n<${id}>`
    if (point === 'in the answer') {
      // The reset must not overtake the bytes.
      return void socket.write(answer.slice(0, Math.floor(random.next() * answer.length)), () => setTimeout(() => reset(socket), 2))
    }
    socket.write(answer)
    if (point === 'when idle') setTimeout(() => (random.next() < 0.5 ? reset(socket) : socket.end()), random.next() * LAST_WORD_MS)
    heard = ''
    counted = false
    before += 1
    point = choose(random)
  })
}

function choose(random: Random): (typeof POINTS)[number] {
  // One that never answers costs a timeout: seldom.
  const chance = random.next()
  if (chance < 0.35) return 'none'
  if (chance < 0.36) return 'never answers again'
  return POINTS[1 + Math.floor(random.next() * (POINTS.length - 2))] ?? 'none'
}
