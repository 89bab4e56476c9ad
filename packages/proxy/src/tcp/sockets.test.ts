import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { Relay } from './relay.ts'
import { endBehind, reset } from './sockets.ts'
import { until } from './tcp.fixture.ts'

/** A socket to which more was written than its reader and the kernel have taken, and how the reader sees it end. */
async function fullSocket(): Promise<{ readonly socket: Socket; readonly reader: Socket; readonly ended: () => string | undefined }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const reader = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  let ended: string | undefined
  reader.on('end', () => (ended ??= 'end')).on('error', () => (ended ??= 'reset'))
  reader.pause()
  onTestFinished(() => {
    reader.destroy()
    socket.destroy()
    server.close()
  })
  const chunk = Buffer.alloc(1_048_576)
  while (socket.writableLength === 0) socket.write(chunk)
  return { socket, reader, ended: () => ended }
}

it('a socket that has something left to say is reset, though it was told to end', async () => {
  const { socket, reader, ended } = await fullSocket()
  endBehind(socket)
  reset(socket)
  reader.resume()
  await until(() => ended() !== undefined, 'the end')
  expect(ended()).toBe('reset')
})

it('a socket that is left alone says all, and ends', async () => {
  const { socket, reader, ended } = await fullSocket()
  endBehind(socket)
  reader.resume()
  await until(() => ended() !== undefined, 'the end')
  expect(ended()).toBe('end')
})

it('what a client does not take at once, however little, stops the target until it is gone', () => {
  let written: (() => void) | undefined
  const client = {
    writableLength: 0,
    write(_piece: Buffer, then?: () => void) {
      this.writableLength = 10
      written = then
      return true
    },
  }
  let resumed = 0
  const target = { resume: () => (resumed += 1) }
  const owner = { moved() {}, ended() {}, broke() {}, gone() {} }
  const relay = new Relay(client as unknown as Socket, target as unknown as Socket, Buffer.alloc(100), owner)
  expect(relay.fromTarget(10)).toBe(false)
  expect(resumed).toBe(0)
  written?.()
  expect(resumed).toBe(1)
})
