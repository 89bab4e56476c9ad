import { createServer } from 'node:http'
import net, { connect, type Server } from 'node:net'
import { systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { bindOrTakeOver, bindSocket, type BoundSocket, type SocketPurpose } from './bound-socket.ts'

const purpose: SocketPurpose = { code: 'HOTSPARE_PROXY_LISTEN', who: 'proxy', way: 'choose another port' }

async function bound(host = '127.0.0.1', port = 0): Promise<BoundSocket> {
  const socket = await bindSocket({ host, port }, purpose)
  onTestFinished(() => socket.close())
  return socket
}

function listening(server: Server, how: object): Promise<void> {
  onTestFinished(() => void server.close())
  return new Promise((resolve) => server.listen(how, resolve))
}

function connects(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true))
    socket.on('error', () => resolve(false))
    onTestFinished(() => void socket.destroy())
  })
}

it.each([
  [
    'a port that another server has',
    async () => portOf(createServer()),
    /cannot listen on 127\.0\.0\.1:\d+: another process listens there; stop it or choose/,
  ],
])('refuses %s, says so, and leaves nothing', async (_what, port, message) => {
  await expect(bindSocket({ host: '127.0.0.1', port: await port() }, purpose)).rejects.toMatchObject({
    code: 'HOTSPARE_PROXY_LISTEN',
    message: expect.stringMatching(message),
  })
})

it('refuses an address that this machine does not have, and a name that is none', async () => {
  await expect(bindSocket({ host: '192.0.2.1', port: 0 }, purpose)).rejects.toThrow('192.0.2.1:0: this machine has no such address')
  await expect(bindSocket({ host: 'no-such-name.invalid', port: 0 }, purpose)).rejects.toMatchObject({ code: 'HOTSPARE_PROXY_LISTEN' })
})

it('waits for nobody where the port is not held by a worker without a guard', async () => {
  const port = await portOf(createServer())
  const asked = bindOrTakeOver({ host: '127.0.0.1', port }, purpose, { clock: systemClock })
  await expect(asked).rejects.toThrow('another process listens there')
})

it('says so on a Node that has no such hook', async () => {
  const hook: unknown = Reflect.get(net, '_createServerHandle')
  onTestFinished(() => void Reflect.set(net, '_createServerHandle', hook))
  Reflect.set(net, '_createServerHandle', undefined)
  await expect(bound()).rejects.toMatchObject({ code: 'HOTSPARE_APP_SOCKETS' })
})

it('holds a free port, tells which, and accepts nothing on it itself', async () => {
  const { address, handle } = await bound()
  expect(address).toMatchObject({ host: '127.0.0.1', port: expect.toSatisfy((port: number) => port > 0) })
  expect(await connects(address.port)).toBe(false)
  await listening(createServer(), handle)
  expect(await connects(address.port)).toBe(true)
})

it('keeps the port while nobody listens: no other can have it, and who connects waits', async () => {
  const socket = await bindSocket({ host: '127.0.0.1', port: 0 }, purpose)
  onTestFinished(() => socket.close())
  const { port } = socket.address
  await listening(createServer(), socket.handle)
  await expect(bindSocket({ host: '127.0.0.1', port }, purpose)).rejects.toThrow('another process listens there')
})

it('takes IPv4 as well where it is bound to every address', async () => {
  const { address, handle } = await bound('::')
  await listening(createServer(), handle)
  expect(await connects(address.port, '127.0.0.1')).toBe(true)
  expect(await connects(address.port, '::1')).toBe(true)
})

it('takes a name of this machine for its address', async () => {
  expect((await bound('localhost')).address.host).toMatch(/^(?:127\.0\.0\.1|::1)$/)
})

async function portOf(server: Server): Promise<number> {
  await listening(server, { host: '127.0.0.1', port: 0 })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
