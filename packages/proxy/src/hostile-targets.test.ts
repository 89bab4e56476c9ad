import { fetch } from 'undici'
import { describe, expect, it } from 'vitest'
import type { Socket } from 'node:net'
import { httpOrigin, rawOrigin, startProxy, until } from './origins.fixture.ts'

const hostile: [string, (socket: Socket) => void, string][] = [
  ['closes at once', (socket) => socket.end(), 'closed'],
  ['resets at once', (socket) => socket.resetAndDestroy(), 'closed'],
  ['answers garbage', (socket) => socket.once('data', () => socket.end('\u0000\u0001\u0002 what is this\r\n\r\n')), 'protocol'],
  ['answers SMTP', (socket) => socket.end('220 mail.example ESMTP\r\n'), 'protocol'],
  ['answers half a head', (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Le')), 'closed'],
  [
    'answers a small body by half',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
    'closed',
  ],
  [
    'answers with two lengths',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nabcde')),
    'protocol',
  ],
  [
    'answers with a length that is no number',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n')),
    'protocol',
  ],
  [
    'answers an endless header',
    (socket) => socket.once('data', () => endless(socket, 'HTTP/1.1 200 OK\r\n', 'X-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n')),
    'header-overflow',
  ],
  [
    'answers one header without an end',
    (socket) => socket.once('data', () => endless(socket, 'HTTP/1.1 200 OK\r\nX: ', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')),
    'header-overflow',
  ],
  [
    'answers with a character that no header may have',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\nok')),
    'protocol',
  ],
  ['says nothing', () => {}, 'timeout'],
]

describe('a hostile target', () => {
  it.each(hostile)('a target that %s fails by name, and the client gets its answer from the next', async (_what, behave, reason) => {
    const bad = await rawOrigin(behave)
    const good = await httpOrigin((_incoming, response) => response.end('good'))
    const { url, of } = await startProxy([bad, good], { firstByteTimeoutMs: 300 })
    expect(await (await fetch(url)).text()).toBe('good')
    expect(of('request-retried')).toMatchObject([{ targetId: bad.id, failure: { reason } }])
  })

  it('a target that sends 100 MB is held at the pace of the client: what is not read is not fetched', async () => {
    const size = 100 * 1024 * 1024
    let sent = () => 0
    const big = await rawOrigin((socket) => {
      socket.once('data', () => endless(socket, `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`, 'x'.repeat(65_536), size))
      sent = () => socket.bytesWritten - socket.writableLength
    })
    const { url } = await startProxy([big])
    const answer = await fetch(url)
    let before = -1
    let standing = 0
    await until(() => {
      standing = sent() === before ? standing + 1 : 0
      before = sent()
      return standing === 20
    }, 'a standstill')
    expect(sent()).toBeLessThan(30 * 1024 * 1024)
    expect((await answer.arrayBuffer()).byteLength).toBe(size)
  })
})

/** Writes `piece` again and again until `total` bytes of it are out or the other side has enough. */
function endless(socket: Socket, start: string, piece: string, total = Number.POSITIVE_INFINITY): void {
  let sent = 0
  const pump = () => {
    while (sent < total && !socket.destroyed) {
      sent += piece.length
      if (!socket.write(piece)) return
    }
    if (sent >= total) socket.end()
  }
  socket.on('drain', pump)
  socket.write(start)
  pump()
}
