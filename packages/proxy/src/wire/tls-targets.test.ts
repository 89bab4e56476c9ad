import { connect } from 'node:net'
import { createServer, type ServerOptions } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { needOpenssl, selfSigned } from '../certificates.fixture.ts'
import { startProxy, until } from '../origins.fixture.ts'

beforeEach(needOpenssl)

/** An https origin that this process believes. */
async function secureOrigin() {
  const certificate: ServerOptions = selfSigned(['localhost'])
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, String(certificate.cert)])
  onTestFinished(() => setDefaultCACertificates(trusted))
  const begun: string[] = []
  const aborted: string[] = []
  const server = createServer(certificate, (incoming, response) => {
    begun.push(incoming.url ?? '')
    incoming.on('error', () => aborted.push(incoming.url ?? ''))
    incoming.resume().on('end', () => response.end('secure'))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return { server, begun, aborted, target: { id: 'secure', url: `https://localhost:${address.port}` } }
}

describe('a target that speaks TLS', () => {
  it('does not take for whole what a client breaks off sending', async () => {
    const { target, begun, aborted } = await secureOrigin()
    const { port, url, of } = await startProxy([target])
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegun')
    await until(() => begun.includes('/cut'), 'the head at the target')
    socket.resetAndDestroy()
    await until(() => aborted.includes('/cut'), 'the target sees the break')
    await until(() => of('request-finished').length === 1, 'the end')
    expect(of('request-finished')).toMatchObject([{ outcome: 'client-gone' }])
    expect(await (await fetch(url)).text()).toBe('secure')
  })

  it('carries a WebSocket whose client vanishes', async () => {
    const { server, target } = await secureOrigin()
    const closed: number[] = []
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => socket.on('close', (code) => closed.push(code)))
    const { port, url } = await startProxy([target])
    const client = new WebSocket(`ws://127.0.0.1:${port}/`)
    await new Promise((resolve) => client.once('open', resolve))
    client.terminate()
    await until(() => closed.length === 1, 'the target sees it')
    expect(closed).toEqual([1_006])
    expect(await (await fetch(url)).text()).toBe('secure')
  })
})
