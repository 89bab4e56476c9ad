import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { silentLogger, systemClock, systemRandom } from '@hotspare/core'
import { closedPort } from '@hotspare/health/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../api-server.fixture.ts'
import type { ServiceCheckConfig, ServiceConfig } from '../../config/config.ts'
import { lookCheck } from '../look-check.ts'
import { ServiceWatch, type ServiceWatchOptions } from './service-watch.ts'

type Told = Parameters<ServiceWatchOptions['tell']>[0]

const timing = { intervalMs: 50, timeoutMs: 5_000, rise: 2, fall: 2 }
const http = (url: string, more: { host?: string; status?: string } = {}): ServiceCheckConfig => {
  return { type: 'http', url, host: undefined, headers: { 'x-probe': 'hotspare' }, status: '200-299', body: undefined, ...timing, ...more }
}
const tcp = (host: string, port: number): ServiceCheckConfig => ({ type: 'tcp', host, port, ...timing })

function service(check: ServiceCheckConfig, address = '127.0.0.1/32'): ServiceConfig {
  return {
    name: 'shop',
    members: ['web-1', 'web-2'],
    onControlLoss: 'keep',
    check,
    resources: [{ type: 'vip', address, interfaces: { 'web-1': 'eth0', 'web-2': 'eth0' } }],
    failback: { type: 'manual' },
    maxFailoversPerHour: 6,
  }
}

interface Site {
  readonly port: number
  readonly seen: IncomingHttpHeaders[]
  status: number
  readonly close: () => Promise<void>
}

async function startSite(host = '127.0.0.1'): Promise<Site> {
  const seen: IncomingHttpHeaders[] = []
  const site = { port: 0, seen, status: 200, close: () => closed(server) }
  const server = createServer((request, response) => {
    seen.push(request.headers)
    response.writeHead(site.status).end('ok')
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  onTestFinished(() => closed(server))
  const address = server.address()
  return Object.assign(site, { port: typeof address === 'object' && address ? address.port : 0 })
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => void server.close(() => resolve()))
}

async function watch(...services: readonly ServiceConfig[]) {
  const told: Told[] = []
  const listeners: ((order: Told) => void)[] = []
  const options = { services, clock: systemClock, random: systemRandom, logger: silentLogger }
  const tell = (order: Told) => {
    told.push(structuredClone(order))
    for (const listener of listeners) listener(order)
  }
  const watching = new ServiceWatch({ ...options, tell })
  onTestFinished(() => watching.stop())
  await watching.start()
  const last = (type: Told['type']) => told.findLast((order) => order.type === type)?.verdict
  const becomes = (type: Told['type'], state: string) => until(() => last(type)?.state === state, `${type} ${state}`)
  return { watching, told, last, becomes, listeners }
}

describe('a service that is watched', () => {
  it('is down where nobody listens, and does not answer at its address', async () => {
    const { becomes, last } = await watch(service(tcp('127.0.0.1', await closedPort())))
    await becomes('check', 'down')
    await becomes('served', 'no')
    expect(last('check')?.because).toContain('connection refused')
  })

  it('goes up and down with its answers, on both looks, with its Host header and its port', async () => {
    const site = await startSite()
    const { becomes, told } = await watch(service(http(`http://localhost:${site.port}/healthz`)))
    await becomes('check', 'up')
    await becomes('served', 'yes')
    // The check, and the look at the address, ask for the same.
    expect(new Set(site.seen.map(({ host }) => host))).toEqual(new Set([`localhost:${site.port}`]))
    expect(new Set(site.seen.map((headers) => headers['x-probe']))).toEqual(new Set(['hotspare']))
    site.status = 503
    // One look is a doubt; the next one is certain.
    await until(() => told.some(({ type, verdict }) => type === 'served' && verdict.because.includes('the last look failed')), 'a doubt')
    await becomes('check', 'down')
    await becomes('served', 'no')
    site.status = 200
    await becomes('check', 'up')
    await becomes('served', 'yes')
  })

  it('is known to have gone with the second look that fails, and not one look later', async () => {
    const address = '127.0.0.78'
    const site = await startSite(address)
    const { becomes, listeners } = await watch(service(http(`http://127.0.0.1:${site.port}/`), `${address}/32`))
    await becomes('served', 'yes')
    const looks: number[] = []
    listeners.push(({ type, verdict }) => {
      if (type === 'served' && verdict.state === 'no') looks.push(site.seen.length)
    })
    site.seen.length = 0
    site.status = 503
    await becomes('served', 'no')
    expect(looks[0]).toBe(2)
  })

  it('has a look at its address that needs not be where the check is', async () => {
    const own = await startSite()
    const { becomes } = await watch(service(http(`http://127.0.0.1:${own.port}/`, { host: 'shop.example' }), '127.0.0.77/32'))
    await becomes('check', 'up')
    await becomes('served', 'no')
    expect(own.seen[0]?.host).toBe('shop.example')
  })

  it('is looked at by TCP, and over IPv6, as well', async () => {
    const site = await startSite('::1')
    const overSix = await watch(service(http(`http://[::1]:${site.port}/`), '::1/128'))
    await overSix.becomes('served', 'yes')
    expect(site.seen[0]?.host).toBe(`[::1]:${site.port}`)
    const server = createTcpServer((socket) => void socket.on('error', () => {}).end())
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const overTcp = await watch(service(tcp('localhost', typeof address === 'object' && address ? address.port : 0)))
    await overTcp.becomes('check', 'up')
    await overTcp.becomes('served', 'yes')
  })

  it('is told of again and again while nothing changes, and no more once the watch has stopped', async () => {
    const { told, becomes, watching } = await watch(service(tcp('127.0.0.1', await closedPort())))
    await becomes('check', 'down')
    const before = told.filter(({ type }) => type === 'check').length
    await until(() => told.filter(({ type }) => type === 'check').length > before + 1, 'two repetitions')
    await watching.stop()
    const after = told.length
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(told.length).toBe(after)
  })
})

describe('the check against the address', () => {
  it.each([
    ['http://127.0.0.1:8080/healthz?a=1', '10.0.0.100/32', 'http://10.0.0.100:8080/healthz?a=1', '127.0.0.1:8080'],
    ['http://127.0.0.1/', '10.0.0.100/24', 'http://10.0.0.100/', '127.0.0.1'],
    ['https://shop.local/', '10.0.0.100/32', 'https://10.0.0.100/', 'shop.local'],
    ['https://127.0.0.1:8443/', 'fd00::100/128', 'https://[fd00::100]:8443/', '127.0.0.1:8443'],
    ['http://[::1]:8080/', 'fd00::100/64', 'http://[fd00::100]:8080/', '[::1]:8080'],
  ])('of %s on %s asks %s for %s', (url, address, asked, host) => {
    expect(lookCheck(service(http(url), address))).toMatchObject({ url: asked, host, status: '200-299' })
  })

  it('keeps the host that the file gives, and the port of a TCP check', () => {
    expect(lookCheck(service(http('http://127.0.0.1/', { host: 'shop.example' })))).toMatchObject({ host: 'shop.example' })
    expect(lookCheck(service(tcp('127.0.0.1', 5_432), 'fd00::100/128'))).toMatchObject({ host: 'fd00::100', port: 5_432 })
  })

  it('is none for a service without an address', () => {
    expect(lookCheck({ ...service(tcp('127.0.0.1', 5_432)), resources: [] })).toBeUndefined()
  })
})
