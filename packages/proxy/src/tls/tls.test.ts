import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { request } from 'undici'
import { beforeEach, describe, expect, it } from 'vitest'
import { needOpenssl, selfSigned } from '../certificates.fixture.ts'
import { createProxy, type TlsOptions } from '../index.ts'
import { exchangeRaw, httpOrigin, startProxy, until } from '../origins.fixture.ts'
import { agent, SHOP, startTlsProxy, type TlsClient, tlsClient } from '../tls.fixture.ts'

beforeEach(needOpenssl)

const hasCurl = spawnSync('curl', ['-V']).status === 0
const GET = 'GET / HTTP/1.1\r\nhost: shop.example\r\n\r\n'

describe('the options of TLS', () => {
  const certificate = () => selfSigned([SHOP])
  it.each<[what: string, tls: () => object, code: string, says: RegExp]>([
    ['no certificate', () => ({ certificates: [] }), 'HOTSPARE_PROXY_OPTIONS', /tls\.certificates/],
    ['a certificate without a key', () => ({ certificates: [{ cert: 'x' }] }), 'HOTSPARE_PROXY_OPTIONS', /tls\.certificates\.0\.key/],
    [
      'ticket keys that are too short',
      () => ({ certificates: [certificate()], ticketKeys: Buffer.alloc(16) }),
      'HOTSPARE_PROXY_OPTIONS',
      /48 bytes/,
    ],
    ['a TLS of old', () => ({ certificates: [certificate()], minVersion: 'TLSv1.1' }), 'HOTSPARE_PROXY_OPTIONS', /minVersion/],
    ['an unknown key', () => ({ certificates: [certificate()], alpn: 1 }), 'HOTSPARE_PROXY_OPTIONS', /alpn/],
    [
      'clients that nobody could know',
      () => ({ certificates: [certificate()], requireClientCertificate: true }),
      'HOTSPARE_PROXY_OPTIONS',
      /clientCa/,
    ],
    [
      'the key of another certificate',
      () => ({ certificates: [certificate(), { ...certificate(), key: selfSigned(['b.example']).key }] }),
      'HOTSPARE_PROXY_CERTIFICATE',
      /certificates\[1\] \(shop\.example\): the key belongs/,
    ],
  ])('%s is refused, and named', (_what, tls, code, says) => {
    const options = { port: 0, pick: () => undefined, tls: tls() as TlsOptions }
    expect(() => createProxy(options)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says) }))
  })
})

describe('who speaks no TLS', () => {
  it('is told so where it is HTTP', async () => {
    const { port } = await startTlsProxy([])
    expect(await exchangeRaw(port, GET)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*https is spoken here/)
  })

  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['TLS that is none', '\u0016\u0003\u0001\u0000\u0005hello'],
    ['a record that is too large', '\u0016\u0003\u0001\u00ff\u00ff'.padEnd(70_000, 'x')],
  ])('loses its connection with %s', async (_what, text) => {
    const { port, proxy } = await startTlsProxy([])
    const socket = connect(port, '127.0.0.1').resume()
    socket.write(Buffer.from(text, 'latin1'))
    await closed(socket)
    expect(proxy.active).toBe(0)
  })

  it('is not waited for, nor for one that stops in the middle of its handshake', async () => {
    const { port } = await startTlsProxy([], { handshakeTimeoutMs: 100 })
    for (const said of ['', '\u0016', '\u0016\u0003\u0001\u0002\u0000\u0001']) {
      const socket = connect(port, '127.0.0.1').resume()
      socket.write(said, 'latin1')
      await closed(socket)
      expect(socket.bytesRead).toBe(0)
    }
  })

  it('makes room for those who do, where too many handshakes are in progress', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { port, url } = await startTlsProxy([origin], { maxHandshakes: 3 })
    const silent = [0, 1, 2].map(() => connect(port, '127.0.0.1').resume())
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    const oldest = closed(silent[0]!)
    expect((await request(url, { dispatcher: agent() })).statusCode).toBe(200)
    await oldest
    // Who has begun stays; the newcomer goes.
    for (const socket of silent.slice(1)) socket.write('\u0016')
    const third = connect(port, '127.0.0.1').resume()
    third.write('\u0016')
    await once(third, 'connect')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const fourth = connect(port, '127.0.0.1').resume()
    await closed(fourth)
    expect(third.destroyed).toBe(false)
  })
})

describe('the handshake', () => {
  it('chooses the certificate by the name that the client asks for', async () => {
    const certificates = [selfSigned([SHOP]), selfSigned(['*.wild.example', 'www.wild.example']), selfSigned(['www.wild.example'], 2, 'b')]
    const { port } = await startTlsProxy([], { certificates })
    const shown = async (servername: string) => (await tlsClient(port, { servername })).socket.getPeerCertificate().subject.CN
    expect(await shown('nobody.test')).toBe(SHOP)
    expect(await shown('')).toBe(SHOP)
    expect(await shown('a.wild.example')).toBe('*.wild.example')
    expect(await shown('a.b.wild.example')).toBe(SHOP)
    expect(await shown(SHOP)).toBe(SHOP)
  })

  it('turns those away who ask for an unknown name, where that is wanted', async () => {
    const { port } = await startTlsProxy([], { unknownServerName: 'refuse' })
    await expect(tlsClient(port, { servername: 'nobody.test' })).rejects.toThrow()
    expect((await tlsClient(port, { servername: SHOP })).socket.authorized).toBe(false)
    expect((await tlsClient(port, { servername: '' })).socket.encrypted).toBe(true)
  })

  it('is of TLS 1.2 at least, or of more where that is wanted', async () => {
    const tls12 = { maxVersion: 'TLSv1.2' } as const
    const { port } = await startTlsProxy([])
    await expect(tlsClient(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).rejects.toThrow()
    expect((await tlsClient(port, tls12)).socket.getProtocol()).toBe('TLSv1.2')
    const strict = await startTlsProxy([], { minVersion: 'TLSv1.3' })
    await expect(tlsClient(strict.port, tls12)).rejects.toThrow()
    expect((await tlsClient(strict.port)).socket.getProtocol()).toBe('TLSv1.3')
  })

  it('offers HTTP/2 first, and not at all where it is not wanted', async () => {
    const both = { ALPNProtocols: ['http/1.1', 'h2'] }
    const { port } = await startTlsProxy([])
    expect((await tlsClient(port, both)).socket.alpnProtocol).toBe('h2')
    expect((await tlsClient(port)).socket.alpnProtocol).toBe(false)
    const plain = await startTlsProxy([], { http2: false })
    expect((await tlsClient(plain.port, both)).socket.alpnProtocol).toBe('http/1.1')
    await expect(tlsClient(plain.port, { ALPNProtocols: ['h2'] })).rejects.toThrow()
  })

  it('believes the clients of one authority alone, where it asks them', async () => {
    const [friend, stranger] = [selfSigned(['friend.example']), selfSigned(['stranger.example'])]
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const heard = async (port: number, certificate: object) => {
      const client = await tlsClient(port, certificate).catch(() => undefined)
      client?.socket.write(GET.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
      await client?.closed
      return client?.received().slice(0, 12) ?? ''
    }
    const strict = await startTlsProxy([origin], { clientCa: friend.cert })
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const only = { minVersion: version, maxVersion: version }
      expect(await heard(strict.port, only)).toBe('')
      expect(await heard(strict.port, { ...stranger, ...only })).toBe('')
      expect(await heard(strict.port, { ...friend, ...only })).toBe('HTTP/1.1 200')
    }
    const mild = await startTlsProxy([origin], { clientCa: friend.cert, requireClientCertificate: false })
    expect(await heard(mild.port, {})).toBe('HTTP/1.1 200')
    expect(await heard(mild.port, stranger)).toBe('')
    expect(await heard(mild.port, friend)).toBe('HTTP/1.1 200')
  })
})

describe('a session', () => {
  /** Whether a second connection took up the session of the first. */
  async function resumes(first: number, second: number, version: 'TLSv1.2' | 'TLSv1.3'): Promise<boolean> {
    const only = { minVersion: version, maxVersion: version } as const
    const begun = await tlsClient(first, only)
    // TLS 1.3 sends its tickets behind the handshake.
    const session = version === 'TLSv1.2' ? begun.socket.getSession() : await ticket(begun)
    return (await tlsClient(second, { ...only, session })).socket.isSessionReused()
  }

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('of %s goes on where the ticket keys are the same, and nowhere else', async (version) => {
    const ticketKeys = Buffer.alloc(48, 7)
    const [one, two] = [await startTlsProxy([], { ticketKeys }), await startTlsProxy([], { ticketKeys })]
    const other = await startTlsProxy([])
    expect(await resumes(one.port, two.port, version)).toBe(true)
    expect(await resumes(one.port, other.port, version)).toBe(false)
    expect(await resumes(other.port, other.port, version)).toBe(true)
    // One that began without a certificate of the client is none where that is asked for.
    const strict = await startTlsProxy([], { ticketKeys, clientCa: selfSigned(['friend.example']).cert, requireClientCertificate: false })
    expect(await resumes(one.port, strict.port, version)).toBe(false)
  })
})

describe('other certificates', () => {
  const before = () => selfSigned([SHOP])
  const shown = async (port: number) => (await tlsClient(port)).socket.getPeerX509Certificate()?.fingerprint256

  it.each<[what: string, list: () => unknown, says: RegExp]>([
    ['none at all', () => [], /certificates/],
    ['what is no list', () => 'x', /certificates/],
    ['nonsense', () => [{ cert: 'nonsense', key: before().key }], /certificates\[0\]/],
    [
      "a key that is another's",
      () => [selfSigned(['b.example']), { ...before(), key: selfSigned(['b.example']).key }],
      /certificates\[1\] \(shop\.example\): the key/,
    ],
    ['one that has expired', () => [selfSigned([SHOP], -1)], /certificates\[0\] \(shop\.example\): it expired on/],
  ])('%s are refused, and the old ones stay', async (_what, list, says) => {
    const { proxy, port } = await startTlsProxy([])
    const was = await shown(port)
    expect(() => proxy.setCertificates(list() as never)).toThrow(says)
    expect(await shown(port)).toBe(was)
    expect(proxy.certificates).toMatchObject([{ names: [SHOP] }])
  })

  it('cannot be given to a proxy without TLS', async () => {
    const { proxy } = await startProxy([])
    expect(proxy.certificates).toEqual([])
    expect(() => proxy.setCertificates([before()])).toThrow(/there is no TLS in front/)
  })

  it('are shown from the next handshake on: connections stay, and sessions are taken up', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { proxy, port } = await startTlsProxy([origin])
    const was = await shown(port)
    const open = await tlsClient(port)
    const session = ticket(open)
    open.socket.write(GET)
    await until(() => open.received().endsWith('ok'), 'the first answer')
    proxy.setCertificates([selfSigned([SHOP], 20), selfSigned(['b.example'])])
    expect(await shown(port)).not.toBe(was)
    expect((await tlsClient(port, { servername: 'b.example' })).socket.getPeerCertificate().subject.CN).toBe('b.example')
    expect((await tlsClient(port, { session: await session })).socket.isSessionReused()).toBe(true)
    open.socket.write(GET)
    await until(() => /ok[\s\S]*ok$/.test(open.received()), 'the second answer')
    expect(proxy.certificates.map(({ names }) => names[0])).toEqual([SHOP, 'b.example'])
  })

  it('may still have one among them that has expired while it was in use', async () => {
    const expired = selfSigned([SHOP], -1)
    const { proxy, port } = await startTlsProxy([], { certificates: [expired] })
    expect(() => proxy.setCertificates([expired, selfSigned(['b.example'], -1)])).toThrow(/certificates\[1\]/)
    proxy.setCertificates([selfSigned(['b.example']), expired])
    expect((await tlsClient(port)).socket.getPeerCertificate().subject.CN).toBe(SHOP)
  })
})

describe('clients of other makes', () => {
  const telling = () =>
    httpOrigin((incoming, response) => response.end(`${incoming.headers['x-forwarded-proto']} ${incoming.headers.forwarded}\n`))

  it('openssl gets an answer, and the target is told that it was https', async () => {
    const { port } = await startTlsProxy([await telling()])
    const openssl = await run(
      'openssl',
      ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, '-servername', SHOP],
      `${GET.slice(0, -2)}connection: close\r\n\r\n`,
    )
    expect(openssl.stdout).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*https for=127\.0\.0\.1;host=shop\.example;proto=https\n$/)
  })

  it('curl gets an answer by HTTP/1.1 and by HTTP/2', async (context) => {
    if (!hasCurl) return context.skip('not installed: curl')
    const { port } = await startTlsProxy([await telling()])
    for (const version of ['--http1.1', '--http2']) {
      const curl = await run('curl', ['-sk', version, '-w', '%{http_version}', `https://127.0.0.1:${port}/`])
      expect(curl.stdout).toMatch(new RegExp(`^https .*\\n${version === '--http2' ? '2' : '1\\.1'}$`))
    }
  })
})

describe('a proxy that stops', () => {
  it('ends idle connections with a word, and those that are still in their handshake', async () => {
    const { port, proxy } = await startTlsProxy([])
    const idle = await tlsClient(port)
    const early = connect(port, '127.0.0.1').resume()
    const began = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(began, 'secureConnect')
    await proxy.stop()
    expect(await idle.closed).toBeUndefined()
    if (!early.closed) await closed(early)
    began.destroy()
  })
})

function ticket({ socket }: TlsClient): Promise<Buffer> {
  return new Promise((resolve) => socket.once('session', resolve))
}

/** However it ends. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/** Runs a program to its end. */
async function run(
  command: string,
  args: readonly string[],
  input?: string,
): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  if (input !== undefined) child.stdin.write(input)
  await once(child, 'close')
  return { code: child.exitCode, stdout }
}
