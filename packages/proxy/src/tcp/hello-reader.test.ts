import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { HelloReader, type HelloReading } from './hello-reader.ts'
import { isInstalled } from './tcp.fixture.ts'

/** What a client sends first. */
async function firstBytesOf(start: (port: number) => () => void): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const stop = start(typeof address === 'object' && address ? address.port : 0)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  stop()
  server.close()
  return bytes
}

const nodeHello = (options: ConnectionOptions) =>
  firstBytesOf((port) => {
    const socket = connect({ port, host: '127.0.0.1', ...options })
    socket.on('error', () => {})
    return () => socket.destroy()
  })

function readAll(bytes: Buffer): HelloReading {
  return new HelloReader().read(bytes)
}

/** In pieces of these sizes, over and over. */
function readInPieces(bytes: Buffer, sizes: readonly number[]): HelloReading {
  const reader = new HelloReader()
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    const reading = reader.read(bytes.subarray(at, at + size))
    at += size
    if (reading.kind !== 'incomplete') return reading
  }
  return { kind: 'incomplete' }
}

/** The same handshake in records of this size. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part)
  }
  return Buffer.concat(records)
}

const vector = (lengthBytes: number, content: Buffer): Buffer => {
  const length = Buffer.alloc(lengthBytes)
  length.writeUIntBE(content.length, 0, lengthBytes)
  return Buffer.concat([length, content])
}
const extension = (type: number, content: Buffer) => Buffer.concat([Buffer.from([type >> 8, type & 255]), vector(2, content)])
const hostName = (name: Buffer, type = 0) => extension(0, vector(2, Buffer.concat([Buffer.from([type]), vector(2, name)])))
const alpn = (...names: string[]) => extension(16, vector(2, Buffer.concat(names.map((name) => vector(1, Buffer.from(name))))))

interface Parts {
  readonly version?: number
  readonly sessionId?: number
  readonly ciphers?: Buffer
  readonly compressions?: Buffer
  readonly extensions?: readonly Buffer[]
  readonly behind?: Buffer
}

function helloOf({
  version = 0x0303,
  sessionId = 0,
  ciphers = Buffer.from('1301', 'hex'),
  compressions = Buffer.alloc(1),
  extensions,
  behind,
}: Parts) {
  const body = Buffer.concat([
    Buffer.from([version >> 8, version & 255]),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(sessionId)),
    vector(2, ciphers),
    vector(1, compressions),
    ...(extensions ? [vector(2, Buffer.concat(extensions))] : []),
    ...(behind ? [behind] : []),
  ])
  const message = Buffer.concat([Buffer.from([1]), vector(3, body)])
  return inRecords(Buffer.concat([Buffer.alloc(5), message]), 16_384)
}

const refusal = (because: string) => ({ kind: 'refused', because: `no ClientHello: ${because}` })
const named = (name: string) => helloOf({ extensions: [hostName(Buffer.from(name, 'latin1'))] })

describe('bytes that are no ClientHello are refused as soon as that is plain', () => {
  it.each<readonly [string, Buffer, string]>([
    ['a request of HTTP', Buffer.from('G'), 'it does not begin with TLS'],
    ['a hello of SSL 2', Buffer.from('802e0103', 'hex'), 'it does not begin with TLS'],
    ["PostgreSQL's wish for TLS", Buffer.from('0000000804d2162f', 'hex'), 'it does not begin with TLS'],
    ['an alert', Buffer.from('1503010002', 'hex'), 'it does not begin with TLS'],
    ['another version', Buffer.from('1602', 'hex'), 'its version is none of TLS'],
    ['an empty record', Buffer.from('1603010000', 'hex'), 'a record of 0 bytes'],
    ['a record that is too large', Buffer.from('1603014001', 'hex'), 'a record of 16385 bytes'],
    ['the hello of a server', Buffer.from('16030100040200002a', 'hex'), 'its first message is no ClientHello'],
    ['a hello of no length', Buffer.from('160301000401000000', 'hex'), 'it is empty'],
    ['a hello that is too large', Buffer.from('160301000401004001', 'hex'), 'it has 16385 bytes, and at most 16384 are taken'],
    [
      'a hello that another record breaks',
      Buffer.concat([helloOf({}).subarray(0, 20).fill(15, 4, 5), Buffer.from([23])]),
      'another record comes in the middle of it',
    ],
    ['a version within', helloOf({ version: 0x0204 }), 'its version is none of TLS'],
    ['a session id of 33 bytes', helloOf({ sessionId: 33 }), 'its session id is too long'],
    ['no ciphers', helloOf({ ciphers: Buffer.alloc(0) }), 'its list of ciphers is none'],
    ['half a cipher', helloOf({ ciphers: Buffer.alloc(3) }), 'its list of ciphers is none'],
    ['no compression', helloOf({ compressions: Buffer.alloc(0) }), 'its list of compressions is empty'],
    ['something behind the extensions', helloOf({ extensions: [], behind: Buffer.alloc(1) }), 'something follows its extensions'],
    ['half a length of extensions', helloOf({ behind: Buffer.alloc(1) }), 'it ends too early'],
    ['extensions that are longer than the rest', helloOf({ behind: Buffer.from('0005', 'hex') }), 'it ends too early'],
    [
      'an extension twice',
      helloOf({ extensions: [extension(5, Buffer.alloc(0)), extension(5, Buffer.alloc(0))] }),
      'an extension comes twice',
    ],
    ['two names', helloOf({ extensions: [hostName(Buffer.from('a')), hostName(Buffer.from('b'))] }), 'an extension comes twice'],
    ['an empty server name', helloOf({ extensions: [extension(0, Buffer.alloc(0))] }), 'it ends too early'],
    ['an empty list of names', helloOf({ extensions: [extension(0, vector(2, Buffer.alloc(0)))] }), 'it ends too early'],
    ['a name of another type', helloOf({ extensions: [hostName(Buffer.from('a'), 1)] }), 'its server name is no list of one host name'],
    [
      'two names in one list',
      helloOf({ extensions: [extension(0, vector(2, Buffer.from('0000016100000162', 'hex')))] }),
      'its server name is no list of one host name',
    ],
    ['protocols without any', helloOf({ extensions: [alpn()] }), 'its list of protocols is none'],
    ['a protocol without a name', helloOf({ extensions: [alpn('h2', '')] }), 'it offers a protocol without a name'],
    [
      'something behind the protocols',
      helloOf({ extensions: [extension(16, Buffer.from('000302683200', 'hex'))] }),
      'its list of protocols is none',
    ],
  ])('%s', (_what, bytes, because) => {
    expect(readAll(bytes)).toEqual(refusal(because))
    expect(readInPieces(bytes, [1])).toEqual(refusal(because))
  })

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a\0b',
    'ä.example',
    '-a',
    'a-',
    '10.0.0.1',
    'a:443',
    '[::1]',
    '*.a',
    'a/b',
    'x'.repeat(64),
    'a.'.repeat(126) + 'bcd',
  ])('the name %j', (name) => {
    expect(readAll(named(name))).toEqual(refusal('its server name is no host name'))
  })
})

describe('a hello', () => {
  it.each(['a', 'db.example.org', 'x'.repeat(63), '_dmarc.a-b.c', 'xn--mnchen-3ya.de', `${'a.'.repeat(126)}b`])(
    'may ask for %s',
    (name) => {
      expect(readAll(named(name))).toEqual({ kind: 'hello', hello: { serverName: name, protocols: [] } })
    },
  )

  it('need not have extensions, and its name may be in capitals', () => {
    expect(readAll(helloOf({}))).toEqual({ kind: 'hello', hello: { serverName: undefined, protocols: [] } })
    expect(readAll(named('DB.Example'))).toMatchObject({ hello: { serverName: 'db.example' } })
  })

  it('may be as large as 16,384 bytes in records of one byte each, and no byte larger', () => {
    const withPadding = (bytes: number) => helloOf({ extensions: [extension(21, Buffer.alloc(bytes))] })
    const overhead = withPadding(0).length - 9
    const largest = withPadding(16_384 - overhead)
    expect(readAll(inRecords(Buffer.concat([Buffer.alloc(5), largest.subarray(5, 16_389), largest.subarray(16_394)]), 1))).toMatchObject({
      kind: 'hello',
    })
    expect(readAll(withPadding(16_385 - overhead))).toEqual(refusal('it has 16385 bytes, and at most 16384 are taken'))
  })
})

describe('what real clients send', () => {
  const hellos: { readonly bytes: Buffer; readonly hello: object }[] = []
  beforeAll(async () => {
    const add = async (bytes: Promise<Buffer>, serverName: string | undefined, protocols: readonly string[] = []) =>
      hellos.push({ bytes: await bytes, hello: { serverName, protocols } })
    await add(nodeHello({}), undefined)
    await add(nodeHello({ servername: 'db.example.org' }), 'db.example.org')
    await add(nodeHello({ servername: 'a.b', maxVersion: 'TLSv1.2', ALPNProtocols: ['h2', 'http/1.1'] }), 'a.b', ['h2', 'http/1.1'])
    await add(nodeHello({ servername: 'a.b', minVersion: 'TLSv1.3', ALPNProtocols: ['postgresql'] }), 'a.b', ['postgresql'])
  })

  it('is understood, whole, in pieces and in records of any size, also with more behind it', () => {
    expect(hellos).toHaveLength(4)
    for (const { bytes, hello } of hellos) {
      const expected = { kind: 'hello', hello }
      expect(readAll(bytes)).toEqual(expected)
      expect(readAll(Buffer.concat([bytes, Buffer.from([0, 23, 255])]))).toEqual(expected)
      expect(readInPieces(bytes, [1])).toEqual(expected)
      for (const size of [1, 2, 3, 4, 5, 7, 100]) expect(readInPieces(inRecords(bytes, size), [1, 6])).toEqual(expected)
      for (let end = 0; end < bytes.length; end++) expect(readAll(bytes.subarray(0, end)).kind).toBe('incomplete')
    }
  })

  it('says the same however it is cut, and with any of its bytes changed', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 3 }),
        fc.array(fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 })), { maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 600 }),
        (which, changes, sizes, cutAt) => {
          const bytes = Buffer.from(hellos[which]?.bytes ?? Buffer.alloc(0))
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          const whole = readAll(bytes)
          expect(readInPieces(bytes, sizes)).toEqual(whole)
          const early = readAll(bytes.subarray(0, cutAt))
          // What is refused or read with less stays so with more.
          expect(early.kind === 'incomplete' ? whole : early).toEqual(whole)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('of bytes that mean nothing nothing is read, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (garbage, asRecord) => {
        const bytes =
          asRecord && garbage.length > 0 ? Buffer.concat([Buffer.from([22, 3, 3, 0, garbage.length]), garbage]) : Buffer.from(garbage)
        expect(readInPieces(bytes, [3])).toEqual(readAll(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  it('OpenSSL is understood too', async (context) => {
    if (!isInstalled('openssl')) return context.skip('not installed: openssl (apt-get install openssl)')
    const bytes = await firstBytesOf((port) => {
      const more = ['-servername', 'Shop.example.org', '-alpn', 'h2,http/1.1']
      const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...more], { stdio: ['pipe', 'ignore', 'ignore'] })
      return () => void child.kill('SIGKILL')
    })
    expect(readInPieces(bytes, [11])).toEqual({ kind: 'hello', hello: { serverName: 'shop.example.org', protocols: ['h2', 'http/1.1'] } })
  })
})
