import { beforeEach, describe, expect, it } from 'vitest'
import { needOpenssl } from '../certificates.fixture.ts'
import { httpOrigin, rawOrigin, until } from '../origins.fixture.ts'
import { ask, http2Client, startTlsProxy } from '../tls.fixture.ts'
import { malformedRequests } from './malformed.fixture.ts'
import { block, codeOf, FLAG, frame, FRAME, GET, get, number, type RawHttp2Client, rawHttp2Client, reset } from './raw-frames.fixture.ts'

beforeEach(needOpenssl)

const PROTOCOL_ERROR = 1
const ENHANCE_YOUR_CALM = 11

const POST = [[':method', 'POST'], ...GET.slice(1)] as const
const post = (stream: number, fields: readonly (readonly [string, string])[] = []) =>
  frame(FRAME.headers, FLAG.endHeaders, stream, block([...POST, ...fields]))
const data = (stream: number, text: string, flags = 0) => frame(FRAME.data, flags, stream, Buffer.from(text))

/** A target that keeps what it hears, and answers what is whole. */
async function listening() {
  const heard: string[] = []
  let open = 0
  const target = await rawOrigin((socket) => {
    const index = heard.push('') - 1
    open += 1
    socket.once('close', () => (open -= 1))
    socket.on('data', (piece) => {
      heard[index] += piece.toString('latin1')
      if (/^GET[\s\S]*\r\n\r\n$/.test(heard[index] ?? '')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  return { target, heard: () => heard.join(''), open: () => open }
}

/** Whether the proxy still serves others. */
async function serves(port: number): Promise<boolean> {
  return (await ask(http2Client(port))).status === 200
}

describe('a request that is none', () => {
  it.each(malformedRequests)('with %s never reaches a target, and its connection goes on', async (_what, fields) => {
    const { target, heard } = await listening()
    const { port, proxy } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    client.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, block(fields)), get(3))
    await client.hears(FRAME.data, 3)
    // Reset, or answered with a status that is not 200; 0x88 is that.
    const refused = () => client.of(FRAME.reset, 1).length > 0 || client.of(FRAME.headers, 1).length > 0
    await until(refused, 'its end')
    const [answer] = client.of(FRAME.headers, 1)
    expect(answer ? answer.payload[0] !== 0x88 : codeOf(client.of(FRAME.reset, 1)[0]!) === PROTOCOL_ERROR).toBe(true)
    expect(heard().match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(heard()).not.toMatch(/smuggled|other\.example/)
    expect(proxy.active).toBe(0)
  })
})

describe('a field that is none', () => {
  it.each<[what: string, name: string, value: string]>([
    ['a line feed in its value', 'smuggled', 'a\nb: c'],
    ['a whole request in its value', 'x', 'a\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a'],
    ['a NUL in its value', 'smuggled', 'a\0b'],
    ['a line in its name', 'x: y\r\nsmuggled', 'a'],
    ['a colon in its name', 'smuggled:y', 'a'],
    ['nothing for a name', '', 'smuggled'],
  ])('with %s goes no further; the library takes it out of its request, or resets that', async (_what, name, value) => {
    const { target, heard } = await listening()
    const { port } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    client.send(get(1, [[name, value]]), get(3))
    await client.hears(FRAME.data, 3)
    await until(() => client.of(FRAME.reset, 1).length > 0 || client.of(FRAME.data, 1).length > 0, 'its end')
    const requests = client.of(FRAME.reset, 1).length > 0 ? 1 : 2
    expect(heard().match(/HTTP\/1\.1/g)).toHaveLength(requests)
    expect(heard()).not.toMatch(/smuggled/)
  })
})

describe('an upload', () => {
  it.each([
    ['longer than it says', () => [post(1, [['content-length', '3']]), data(1, 'hello', FLAG.endStream)]],
    ['shorter than it says', () => [post(1, [['content-length', '9']]), data(1, 'hello', FLAG.endStream)]],
    ['not there at all', () => [frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, block([...POST, ['content-length', '9']]))]],
  ])('that is %s is an error, and its target gets none of it', async (_what, frames) => {
    const { target, heard } = await listening()
    const { port, proxy } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    client.send(...frames(), get(3))
    await until(() => client.of(FRAME.reset, 1).length > 0 || client.socket.destroyed, 'its end')
    const [end] = [...client.of(FRAME.reset, 1), ...client.of(FRAME.goaway)]
    expect(codeOf(end!)).toBeGreaterThan(0)
    await until(() => proxy.active === 0, 'the end of all')
    expect(heard()).not.toMatch(/hello|^POST/)
  })

  it.each([0, 8])('in chunks that is taken back with code %i is never taken for whole', async (code) => {
    const { target, heard, open } = await listening()
    const { port } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    client.send(post(1), data(1, 'hello'))
    await until(() => heard().endsWith('5\r\nhello\r\n'), 'a part of it')
    client.send(reset(1, code))
    await until(() => open() === 0, 'the end')
    expect(heard()).toMatch(/transfer-encoding: chunked[\s\S]*5\r\nhello\r\n$/)
  })

  it('in chunks whose connection breaks is never taken for whole', async () => {
    const { target, heard, open } = await listening()
    const { port } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    client.send(post(1), data(1, 'hello'))
    await until(() => heard().endsWith('5\r\nhello\r\n'), 'a part of it')
    client.socket.destroy()
    await until(() => open() === 0, 'the end')
    expect(heard()).toMatch(/5\r\nhello\r\n$/)
  })
})

describe('a client that', () => {
  /** Sends as much as is taken, until it is told to go or has said it all. */
  async function flood(client: RawHttp2Client, pieces: Iterable<Buffer>): Promise<void> {
    for (const piece of pieces) {
      if (client.socket.destroyed) return
      if (!client.send(piece)) await drains(client)
    }
  }

  /** @returns false where nothing was taken for a while */
  function drains({ socket, closed }: RawHttp2Client): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), 100)
      const over = () => {
        clearTimeout(timer)
        resolve(true)
      }
      socket.once('drain', over)
      void closed.then(over)
    })
  }

  function* times(count: number, make: (index: number) => Buffer): Generator<Buffer> {
    for (let index = 0; index < count; index += 1) yield make(index)
  }

  it('opens and resets 10,000 streams at once is told to go, and hardly any target hears of them', async () => {
    const { target } = await listening()
    const { port, proxy } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    await client.hears(FRAME.settings)
    await flood(
      client,
      times(100, (hundred) =>
        Buffer.concat([
          ...times(100, (index) => Buffer.concat([get(hundred * 200 + index * 2 + 1), reset(hundred * 200 + index * 2 + 1)])),
        ]),
      ),
    )
    await client.closed
    expect(codeOf(client.of(FRAME.goaway)[0]!)).toBe(ENHANCE_YOUR_CALM)
    expect(target.connections()).toBeLessThan(500)
    await until(() => proxy.active === 0, 'the end of all')
    expect(await serves(port)).toBe(true)
  })

  it('makes us reset its streams is told to go as well', async () => {
    const silent = await rawOrigin((socket) => socket.resume())
    const { port, proxy } = await startTlsProxy([silent])
    const client = await rawHttp2Client(port)
    await client.hears(FRAME.settings)
    // An increment of 0 is an error of the stream (RFC 9113, 6.9).
    await flood(
      client,
      times(3_000, (index) => Buffer.concat([get(index * 2 + 1), frame(FRAME.windowUpdate, 0, index * 2 + 1, number(0))])),
    )
    await client.closed
    await until(() => proxy.active === 0, 'the end of all')
    expect(client.of(FRAME.goaway).length).toBeGreaterThan(0)
  })

  it('never ends its header block is told to go, be it ever so small', async () => {
    const { port } = await startTlsProxy([])
    const client = await rawHttp2Client(port)
    await flood(
      client,
      times(20_000, (index) =>
        index === 0
          ? frame(FRAME.headers, FLAG.endStream, 1, block(GET))
          : frame(FRAME.continuation, 0, 1, block([['x', 'y'.repeat(100)]])),
      ),
    )
    await client.closed
    expect(client.of(FRAME.goaway).length).toBeGreaterThan(0)
  })

  it.each([
    ['many fields', Array.from({ length: 400 }, (_none, index) => [`x-${index}`, 'y'] as const)],
    [
      'a large field',
      [
        ['x', 'y'.repeat(16_000)],
        ['z', 'y'.repeat(16_000)],
      ] as const,
    ],
  ])('has a head with %s gets no further', async (_what, fields) => {
    const { target, heard } = await listening()
    const { port } = await startTlsProxy([target], {}, { maxHeaderBytes: 8_192 })
    const client = await rawHttp2Client(port)
    const whole = block([...GET, ...fields])
    const parts = [whole.subarray(0, 16_000), whole.subarray(16_000, 32_000), whole.subarray(32_000)]
    client.send(
      frame(FRAME.headers, FLAG.endStream, 1, parts[0]),
      frame(FRAME.continuation, 0, 1, parts[1]),
      frame(FRAME.continuation, FLAG.endHeaders, 1, parts[2]),
    )
    const refused = () => client.of(FRAME.reset, 1).length > 0 || client.of(FRAME.headers, 1).length > 0 || client.socket.destroyed
    await until(refused, 'a refusal')
    expect(heard()).toBe('')
    expect(await serves(port)).toBe(true)
  })

  it('unpacks a bomb gets no further: a field that is large once, and named again and again', async () => {
    const { target, heard } = await listening()
    const { port } = await startTlsProxy([target])
    const client = await rawHttp2Client(port)
    // With indexing (RFC 7541, 6.2.1), then two thousand times by its index.
    const large = Buffer.concat([Buffer.of(0x40), block([['x', 'y'.repeat(3_900)]]).subarray(1)])
    client.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, Buffer.concat([block(GET), large, Buffer.alloc(2_000, 0xbe)])))
    await until(
      () => client.of(FRAME.reset, 1).length > 0 || client.of(FRAME.headers, 1).length > 0 || client.socket.destroyed,
      'a refusal',
    )
    expect(heard()).toBe('')
    expect(await serves(port)).toBe(true)
  })

  it.each([
    ['pings', () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ['changes its settings', () => frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 1, 0, 0]))],
  ])('%s without end, and reads nothing, is told to go, or not listened to any more', async (_what, make) => {
    const { port } = await startTlsProxy([(await listening()).target])
    const client = await rawHttp2Client(port)
    await client.hears(FRAME.settings)
    client.socket.pause()
    const hundreds = Buffer.concat([...times(500, make)])
    // Ten times in a row nothing was taken within a while.
    for (let stuck = 0; stuck < 10 && !client.socket.destroyed;) stuck = client.send(hundreds) || (await drains(client)) ? 0 : stuck + 1
    // Either it is gone, or nothing more is taken of what it says.
    expect(await serves(port)).toBe(true)
  })

  it.each([
    ['speaks HTTP/1.1 after all', () => Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')],
    ['sends frames that are too large', () => frame(FRAME.data, 0, 1, Buffer.alloc(20_000))],
    ['sends data on a stream that is none', () => data(7, 'x')],
    ['pushes', () => frame(5, FLAG.endHeaders, 1, Buffer.concat([number(2), block(GET)]))],
    [
      'opens a window that is too large',
      () => Buffer.concat([frame(FRAME.windowUpdate, 0, 0, number(0x7fffffff)), frame(FRAME.windowUpdate, 0, 0, number(0x7fffffff))]),
    ],
    [
      'sends a header block that is none',
      () => frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, Buffer.from('ffffffffffff', 'hex')),
    ],
  ])('%s is told to go', async (_what, make) => {
    const { port, proxy } = await startTlsProxy([])
    const client = await rawHttp2Client(port)
    await client.hears(FRAME.settings)
    client.send(make())
    await client.closed
    expect(proxy.active).toBe(0)
  })

  it('uploads has a window of 1 MiB for all of its uploads', async () => {
    const { port } = await startTlsProxy([])
    const client = await rawHttp2Client(port)
    expect((await client.hears(FRAME.windowUpdate, 0)).payload.readUInt32BE(0)).toBe(1_048_576 - 65_535)
  })

  it('sends frames of kinds that nobody knows is served', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { port } = await startTlsProxy([origin])
    const client = await rawHttp2Client(port)
    client.send(frame(0xee, 0xff, 0, Buffer.from('what?')), get(1))
    expect((await client.hears(FRAME.data, 1)).payload.toString()).toBe('ok')
  })
})
