import { createServer } from 'node:net'
import { systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import type { BoundSocket } from './bound-socket.ts'
import type { ProxyConfig } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { bindNextPorts, bindPorts, closePorts, type Ports } from './held-ports.ts'
import { planPorts } from './port-plan.ts'

const options = { clock: systemClock, signal: new AbortController().signal }
const anyPort = { host: '127.0.0.1', port: 0 }
const api = { listen: anyPort, token: undefined }

async function proxiesOf(listens: Readonly<Record<string, string>>): Promise<readonly ProxyConfig[]> {
  const proxies = Object.entries(listens).map(([name, listen]) => `{ name: ${name}, listen: "${listen}", pool: site }`)
  const yaml = `pools: { site: { targets: ["http://10.0.0.1"] } }\nproxies: [ ${proxies.join(', ')} ]`
  return (await parseConfig(yaml, { file: 'x.yaml', env: {}, hostname: 'web-1' })).config.proxies
}

async function held(listens: Readonly<Record<string, string>>): Promise<Ports> {
  const ports = await bindPorts({ proxies: await proxiesOf(listens), api }, systemClock)
  onTestFinished(() => closePorts(ports))
  return ports
}

async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** By the handle itself: to bind its port again would work all the same, as nobody listens. */
function isOpen(socket: BoundSocket | undefined): boolean {
  const fd: unknown = socket && Reflect.get(socket.handle, 'fd')
  return typeof fd === 'number' && fd >= 0
}

it('does not begin where another daemon answers for names', async () => {
  const port = await takenPort()
  const server = { listen: [{ host: '127.0.0.1', port }], zones: [] }
  const binding = bindPorts({ proxies: [], api, dns: { providers: [], records: [], server } }, systemClock)
  await expect(binding).rejects.toMatchObject({ code: 'HOTSPARE_DNS_LISTEN', message: expect.stringContaining(`127.0.0.1:${port}`) })
})

it('binds none where one is taken', async () => {
  const taken = await takenPort()
  const proxies = await proxiesOf({ a: '127.0.0.1:0', b: `127.0.0.1:${taken}` })
  await expect(bindPorts({ proxies, api }, systemClock)).rejects.toMatchObject({ code: 'HOTSPARE_PROXY_LISTEN' })
})

it('keeps what goes on, also under another name, and gives new ones up where they are not needed after all', async () => {
  const before = await held({ a: '127.0.0.1:0', b: '127.0.0.2:0' })
  const [was, is] = [await proxiesOf({ a: '127.0.0.1:0', b: '127.0.0.2:0' }), await proxiesOf({ c: '127.0.0.1:0', d: '127.0.0.3:0' })]
  const next = await bindNextPorts(before, { ports: planPorts(was, is), apiMoves: false }, { proxies: is, api }, options)
  expect(next.api).toBe(before.api)
  expect(next.proxies.get('c')).toBe(before.proxies.get('a'))
  const bound = next.proxies.get('d')
  expect(bound?.address).toMatchObject({ host: '127.0.0.3', port: expect.toSatisfy((port: number) => port > 0) })
  expect(isOpen(bound)).toBe(true)
  next.giveUp()
  expect([bound, ...before.proxies.values(), before.api].map(isOpen)).toEqual([false, true, true, true])
})

it('closes what is not needed any more once it is told to, and the API where it has moved', async () => {
  const before = await held({ a: '127.0.0.1:0', b: '127.0.0.2:0' })
  const [was, is] = [await proxiesOf({ a: '127.0.0.1:0', b: '127.0.0.2:0' }), await proxiesOf({ b: '127.0.0.2:0' })]
  const next = await bindNextPorts(before, { ports: planPorts(was, is), apiMoves: true }, { proxies: is, api }, options)
  onTestFinished(() => closePorts(next))
  expect(isOpen(before.proxies.get('a'))).toBe(true)
  next.closeOld()
  expect([before.proxies.get('a'), before.api, next.api, next.proxies.get('b')].map(isOpen)).toEqual([false, false, true, true])
})

it('refuses a port that somebody else has, and keeps what was there', async () => {
  const before = await held({ a: '127.0.0.1:0' })
  const taken = await takenPort()
  const was = await proxiesOf({ a: '127.0.0.1:0' })
  const is = await proxiesOf({ a: '127.0.0.1:0', b: `127.0.0.1:${taken}` })
  const attempt = bindNextPorts(before, { ports: planPorts(was, is), apiMoves: false }, { proxies: is, api }, options)
  await expect(attempt).rejects.toThrow(`cannot listen on 127.0.0.1:${taken}: another process listens there`)
  expect(isOpen(before.proxies.get('a'))).toBe(true)
})

it('says that the daemon has a port itself, on another address', async () => {
  const before = await held({ a: '127.0.0.1:0' })
  const port = before.proxies.get('a')?.address.port ?? 0
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(before.proxies.get('a')?.handle, resolve))
  const [was, is] = [await proxiesOf({ a: '127.0.0.1:0' }), await proxiesOf({ a: `0.0.0.0:${port}` })]
  const attempt = bindNextPorts(before, { ports: planPorts(was, is), apiMoves: false }, { proxies: is, api }, options)
  await expect(attempt).rejects.toThrow(`this daemon itself has that port, on 127.0.0.1:${port}: choose another one, or restart the daemon`)
})
