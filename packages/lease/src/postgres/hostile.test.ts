import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { HotspareError } from '@hotspare/core'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { postgresRegister } from '../postgres.ts'
import type { LeaseRegister } from '../register.ts'

const SECRET = 'hunter2'
const RUNS = 150

/** What a register may throw. */
const PROMISED = expect.stringMatching(/^HOTSPARE_LEASE_(?:REGISTER|RECORD|REFUSED)$/u)

const message = (code: string, body: string | Uint8Array = '') => {
  const bytes = Buffer.from(body as string)
  const header = Buffer.alloc(5)
  header.write(code)
  header.writeUInt32BE(bytes.length + 4, 1)
  return Buffer.concat([header, bytes])
}

const HELLO = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', 'I')])
const DONE = message('Z', 'I')

interface FakeServer {
  readonly register: LeaseRegister
  /** What comes at the start of a connection, and then after each message of the client. */
  answer: (stage: number, socket: Socket, received: Buffer) => void
}

async function fakeServer(): Promise<FakeServer> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let stage = 0
    socket.on('data', (received) => fake.answer(stage++, socket, received))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const register = postgresRegister({ connection: { host: '127.0.0.1', port, user: 'app', password: SECRET } })
  const fake: FakeServer = { register, answer: () => {} }
  onTestFinished(async () => {
    await register.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return fake
}

/** Whatever the server says: an error that a register promises, in time, without the password. */
async function refusal(register: LeaseRegister, timeoutMs = 5_000): Promise<HotspareError> {
  const next = { holder: 'a', token: 2, ttlMs: 1_000, revision: 'a.2' }
  const error: unknown = await register
    .compareAndSwap('shop', { ...next, revision: 'a.1' }, next, { timeoutMs })
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(HotspareError)
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET)
  return error as HotspareError
}

describe('a postgres register before a server that makes no sense', () => {
  it('says nothing but who it is at the start of a connection', async () => {
    const fake = await fakeServer()
    let startup = ''
    fake.answer = (_, socket, received) => {
      startup = received.subarray(8).toString()
      socket.end()
    }
    await refusal(fake.register)
    expect(startup.split('\0').filter(Boolean)).toEqual(
      expect.arrayContaining(['user', 'app', 'database', 'app', 'application_name', 'hotspare', 'client_encoding', 'UTF8']),
    )
    expect(startup.split('\0').filter(Boolean)).toHaveLength(8)
  })

  it.each([
    ['closes at once', () => Buffer.alloc(0)],
    ['is a web server', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['is a MySQL', () => Buffer.from('N\0\0\0\n5.7.18-log\0(\x10\0\0\x13n&L\x1f/1K\0', 'latin1')],
    ['wants a kind of authentication that nobody knows', () => message('R', Buffer.from([0, 0, 0, 99]))],
    ['wants SCRAM of another kind', () => message('R', Buffer.from('\0\0\0\x0aOTHER\0\0'))],
    ['sends an error without an end', () => message('E', 'SERROR\0')],
    ['sends a row of minus one columns', () => message('D', Buffer.from([0xff, 0xff]))],
    ['sends a length of four gigabytes', () => Buffer.from([0x52, 0xff, 0xff, 0xff, 0xff])],
    ['sends an error full of control characters', () => message('E', `SFATAL\0CXX000\0M\u001B[2J${'x\n'.repeat(500)}\0\0`)],
  ])('survives one that %s', async (_, bytes) => {
    const fake = await fakeServer()
    fake.answer = (_stage, socket) => socket.end(bytes())
    const error = await refusal(fake.register)
    expect(error).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', retryable: true })
    expect(error.message).not.toMatch(/\p{Cc}/u)
    expect(error.message.length).toBeLessThan(600)
  })

  it.each([
    ['nothing', DONE],
    ['that something else was done', Buffer.concat([message('C', 'DELETE 1\0'), message('C', 'SELECT 0\0'), DONE])],
    ['that it has changed two rows', Buffer.concat([message('C', 'UPDATE 2\0'), message('C', 'SELECT 0\0'), DONE])],
    ['that it has written, and shows nothing', Buffer.concat([message('C', 'UPDATE 1\0'), message('C', 'SELECT 0\0'), DONE])],
    ['twice that it is ready', Buffer.concat([DONE, DONE])],
  ])('takes no success from one that answers a write with %s', async (_, bytes) => {
    const fake = await fakeServer()
    fake.answer = (stage, socket) => void socket.write(stage === 0 ? HELLO : bytes)
    expect(await refusal(fake.register)).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })

  it('gives up at the deadline on one that talks without end', async () => {
    const fake = await fakeServer()
    fake.answer = (_, socket) => {
      const talk = setInterval(() => socket.write(message('S', 'a\0b\0')), 1)
      socket.on('close', () => clearInterval(talk))
    }
    expect((await refusal(fake.register, 150)).message).toContain('no answer within')
  })

  it('survives any bytes instead of a greeting', async () => {
    const fake = await fakeServer()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        fake.answer = (_, socket) => socket.end(bytes)
        expect(await refusal(fake.register)).toMatchObject({ code: PROMISED })
      }),
      { numRuns: RUNS },
    )
  }, 60_000)

  it('survives any messages, before and after the greeting', async () => {
    const fake = await fakeServer()
    const code = fc.constantFrom(...Array.from('123nscWIDCZARSKENTtGHd'))
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ maxLength: 20 }).map((word) => Buffer.from(`${word}\0\0`)),
      fc
        .tuple(fc.integer({ min: 0, max: 14 }), fc.uint8Array({ maxLength: 30 }))
        .map(([kind, rest]) => Buffer.from([0, 0, 0, kind, ...rest])),
    )
    const messages = fc.array(
      fc.tuple(code, body).map(([letter, bytes]) => message(letter, bytes)),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(fc.boolean(), messages, async (greets, sent) => {
        fake.answer = (stage, socket) => void (greets && stage === 0 ? socket.write(HELLO) : socket.end(Buffer.concat(sent)))
        expect(await refusal(fake.register)).toMatchObject({ code: PROMISED })
      }),
      { numRuns: RUNS },
    )
  }, 60_000)
})
