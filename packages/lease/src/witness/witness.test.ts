import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { type AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { errorCode } from '@hotspare/core'
import { Agent, MockAgent, type Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { describeRegisterContract, type RegisterFixture } from '../testing/index.ts'
import { PATIENT, record, SECRET, selfSigned, startWitness } from './witness.fixture.ts'
import { type WitnessRegisterOptions, witnessRegister } from '../witness.ts'
import { answerMac } from './protocol.ts'
import { witnessKey } from './secret.ts'
import { createWitness, type WitnessOptions } from '../witness-server.ts'

const certificate = selfSigned()
const REGISTER = 'HOTSPARE_LEASE_REGISTER'
const NO_PROOF = { code: REGISTER, retryable: true, message: expect.stringContaining('does not prove that it is from the witness') }

async function openFixture(options: Partial<WitnessOptions>, tls?: WitnessRegisterOptions['tls']): Promise<RegisterFixture> {
  const started = await startWitness(options)
  const registers = [witnessRegister({ url: started.url, secret: SECRET, tls })]
  const another = async (url = started.url) => {
    const register = witnessRegister({ url, secret: SECRET, tls })
    registers.push(register)
    return register
  }
  let reopened: AsyncDisposable | undefined
  return {
    register: registers[0] as (typeof registers)[0] & object,
    another: () => another(),
    async reopen() {
      await started.witness.stop()
      const second = await startWitness({ ...options, file: started.file })
      reopened = second
      return another(second.url)
    },
    async close() {
      await Promise.all(registers.map((register) => register.close()))
      await reopened?.[Symbol.asyncDispose]()
      await started[Symbol.asyncDispose]()
    },
  }
}

describeRegisterContract({ describe, it }, { title: 'witness register', durable: true, open: () => openFixture({}) })

describe.skipIf(!certificate)('over TLS', () => {
  if (!certificate) return
  const { key, cert } = certificate
  describeRegisterContract(
    { describe, it },
    {
      title: 'witness register over TLS',
      durable: true,
      open: () => openFixture({ tls: { key, cert } }, { ca: cert }),
    },
  )

  it('asks for a certificate where it is told to, and takes none from a stranger', async () => {
    await using started = await startWitness({ tls: { key, cert, clientCa: cert } })
    const stranger = witnessRegister({ url: started.url, secret: SECRET, tls: { ca: cert } })
    const known = witnessRegister({ url: started.url, secret: SECRET, tls: { ca: cert, key, cert } })
    await expect(stranger.read('shop', PATIENT)).rejects.toMatchObject({ code: REGISTER })
    expect(await known.read('shop', PATIENT)).toBeNull()
    await Promise.all([stranger.close(), known.close()])
  })

  it('does not talk to a witness whose certificate nobody vouches for', async () => {
    await using started = await startWitness({ tls: { key, cert } })
    const register = witnessRegister({ url: started.url, secret: SECRET })
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: REGISTER, message: expect.stringContaining('self-signed') })
    await register.close()
  })
})

/** Something that sits where the witness should be. */
async function impostor(serve: RequestListener): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('witnessRegister', () => {
  const key = witnessKey(SECRET)
  const sign = (requestMac: unknown, status: number, body: string) =>
    answerMac(key, { requestMac: String(requestMac), status, body: Buffer.from(body) })
  const lies: readonly { what: string; serve: RequestListener }[] = [
    { what: 'no proof', serve: (_request, response) => response.end('{"record":null}') },
    { what: 'an empty proof', serve: (_request, response) => response.writeHead(200, { 'hotspare-mac': '' }).end('{"record":null}') },
    {
      what: 'the proof of another secret',
      serve: ({ headers }, response) => {
        const other = witnessKey({ ...SECRET, secret: 'another secret, as long' })
        const mac = answerMac(other, { requestMac: String(headers['hotspare-mac']), status: 200, body: Buffer.from('{"record":null}') })
        response.writeHead(200, { 'hotspare-mac': mac }).end('{"record":null}')
      },
    },
    {
      what: 'the proof of another request',
      serve: (_request, response) =>
        response.writeHead(200, { 'hotspare-mac': sign('A'.repeat(43), 200, '{"record":null}') }).end('{"record":null}'),
    },
    {
      what: 'the proof of another status',
      serve: ({ headers }, response) =>
        response.writeHead(200, { 'hotspare-mac': sign(headers['hotspare-mac'], 503, '{"record":null}') }).end('{"record":null}'),
    },
    {
      what: 'the proof of another body',
      serve: ({ headers }, response) =>
        response.writeHead(200, { 'hotspare-mac': sign(headers['hotspare-mac'], 200, '{"record":1}') }).end('{"record":null}'),
    },
    {
      what: "the request's own proof",
      serve: ({ headers }, response) => response.writeHead(200, { 'hotspare-mac': headers['hotspare-mac'] ?? '' }).end('{"record":null}'),
    },
    {
      what: 'a proof that comes twice',
      serve: ({ headers }, response) => {
        const mac = sign(headers['hotspare-mac'], 200, '{"record":null}')
        response
          .writeHead(
            200,
            [
              ['hotspare-mac', mac],
              ['hotspare-mac', mac],
            ].flat(),
          )
          .end('{"record":null}')
      },
    },
    { what: 'the error of a proxy in between', serve: (_request, response) => response.writeHead(502).end('<html>Bad Gateway') },
    { what: 'a redirection', serve: (_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end() },
  ]
  it.each(lies)('does not believe an answer with $what', async ({ serve }) => {
    await using there = await impostor(serve)
    const register = witnessRegister({ url: there.url, secret: SECRET })
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(NO_PROOF)
    await expect(register.compareAndSwap('shop', null, record(), PATIENT)).rejects.toMatchObject(NO_PROOF)
    await register.close()
  })

  it('does not believe a recorded answer, even to the same question', async () => {
    await using started = await startWitness()
    let recorded: Promise<{ readonly headers: Record<string, string>; readonly body: string }> | undefined
    const passOn = async (request: IncomingMessage) => {
      const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
      const { 'hotspare-key': id = '', 'hotspare-nonce': nonce = '', 'hotspare-mac': mac = '' } = request.headers as Record<string, string>
      const headers = { 'hotspare-key': id, 'hotspare-nonce': nonce, 'hotspare-mac': mac }
      const answer = await fetch(`${started.url}${request.url}`, { method: 'POST', headers, body })
      return { headers: { 'hotspare-mac': answer.headers.get('hotspare-mac') ?? '' }, body: await answer.text() }
    }
    await using between = await impostor((request, response) => {
      recorded ??= passOn(request)
      void recorded.then(({ headers, body }) => response.writeHead(200, headers).end(body))
    })
    const register = witnessRegister({ url: between.url, secret: SECRET })
    expect(await register.read('shop', PATIENT)).toBeNull()
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(NO_PROOF)
    await register.close()
  })

  const useless: readonly { what: string; body: string; message: string }[] = [
    { what: 'no JSON', body: 'ok', message: 'not understood' },
    { what: 'another JSON', body: '{"swapped":1}', message: 'not understood' },
    { what: 'too much', body: 'x'.repeat(16_385), message: 'larger than 16384 bytes' },
  ]
  it.each(useless)('takes $what from a true witness for no answer', async ({ body, message }) => {
    await using there = await impostor(({ headers }, response) =>
      response.writeHead(200, { 'hotspare-mac': sign(headers['hotspare-mac'], 200, body) }).end(body),
    )
    const register = witnessRegister({ url: there.url, secret: SECRET })
    await expect(register.compareAndSwap('shop', null, record(), PATIENT)).rejects.toMatchObject({
      code: REGISTER,
      message: expect.stringContaining(message),
    })
    await register.close()
  })

  it('says that something else is kept there when a record is none', async () => {
    const body = '{"record":{"holder":"web-1"}}'
    await using there = await impostor(({ headers }, response) =>
      response.writeHead(200, { 'hotspare-mac': sign(headers['hotspare-mac'], 200, body) }).end(body),
    )
    const register = witnessRegister({ url: there.url, secret: SECRET })
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_RECORD' })
    await register.close()
  })

  it('an old secret is refused after a rotation, and both work during it', async () => {
    const before = SECRET
    const after = { id: 2, secret: 'the next secret, for a year' }
    await using first = await startWitness({ secrets: [before] })
    const ask = async (url: string, secret: typeof before | typeof after) => {
      const register = witnessRegister({ url, secret })
      try {
        return await register.read('shop', PATIENT)
      } catch (error) {
        return errorCode(error)
      } finally {
        await register.close()
      }
    }
    expect([await ask(first.url, before), await ask(first.url, after)]).toEqual([null, 'HOTSPARE_LEASE_REFUSED'])
    await first.witness.stop()
    await using both = await startWitness({ file: first.file, secrets: [after, before] })
    expect([await ask(both.url, before), await ask(both.url, after)]).toEqual([null, null])
    await both.witness.stop()
    await using last = await startWitness({ file: first.file, secrets: [after] })
    expect([await ask(last.url, before), await ask(last.url, after)]).toEqual(['HOTSPARE_LEASE_REFUSED', null])
    expect(last.witness.stats().failures).toEqual({ 'unknown-key': 1 })
  })

  it('says which key is refused, and never its secret', async () => {
    await using started = await startWitness()
    const secret = { id: 1, secret: 'not the secret of this witness' }
    const register = witnessRegister({ url: started.url, secret })
    const error: unknown = await register.read('shop', PATIENT).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false, message: expect.stringContaining('key "1"') })
    for (const shown of [error, register, register.description]) {
      expect(inspect(shown, { depth: 10, showHidden: true })).not.toContain('not the secret')
    }
    expect(inspect(started.witness, { depth: 10, showHidden: true })).not.toContain('battery')
    await register.close()
  })

  it('hands on that there are as many leases as may be', async () => {
    await using started = await startWitness({ maxLeases: 1 })
    const register = witnessRegister({ url: started.url, secret: SECRET })
    await register.compareAndSwap('shop', null, record(), PATIENT)
    await expect(register.compareAndSwap('mail', null, record(), PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REFUSED',
      message: expect.stringContaining('maxLeases'),
    })
    await register.close()
  })

  it('fails at the deadline of the call, and where nobody listens', async () => {
    await using silent = await impostor(() => {})
    const register = witnessRegister({ url: silent.url, secret: SECRET })
    await expect(register.read('shop', { timeoutMs: 50 })).rejects.toMatchObject({
      code: REGISTER,
      message: expect.stringContaining('50 ms'),
    })
    await register.close()
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: REGISTER })
    const nobody = witnessRegister({ url: 'http://127.0.0.1:1', secret: SECRET })
    await expect(nobody.read('shop', PATIENT)).rejects.toMatchObject({ code: REGISTER, message: expect.stringContaining('ECONNREFUSED') })
    await nobody.close()
  })

  it('keeps its connection from call to call', async () => {
    await using started = await startWitness()
    const connected: unknown[] = []
    const agent = new Agent()
    agent.on('connect', (origin) => connected.push(origin))
    const register = witnessRegister({ url: started.url, secret: SECRET, dispatcher: agent })
    for (let call = 0; call < 20; call++) await register.read('shop', PATIENT)
    // undici opens a second one when the next call comes in the same turn as the end of an answer.
    expect(connected.length).toBeLessThanOrEqual(2)
    await register.close()
    // The caller's own dispatcher is left open.
    const another = witnessRegister({ url: started.url, secret: SECRET, dispatcher: agent })
    expect(await another.read('shop', PATIENT)).toBeNull()
    await agent.destroy()
  })

  const wrong: readonly { what: string; options: object; message: string }[] = [
    { what: 'a short secret', options: { secret: { id: 1, secret: 'hunter2' } }, message: 'secret.secret: expected at least 16 bytes' },
    { what: 'an id that is no number', options: { secret: { ...SECRET, id: '1' as unknown as number } }, message: 'secret.id' },
    { what: 'a path', options: { url: 'http://127.0.0.1:1/witness' }, message: 'url: write a URL' },
    { what: 'credentials in the URL', options: { url: 'http://hunter2:x@127.0.0.1:1' }, message: 'url: write a URL' },
    { what: 'TLS for a plain URL', options: { tls: {} }, message: 'tls: the URL must begin with https://' },
    {
      what: 'a certificate without its key',
      options: { url: 'https://127.0.0.1:1', tls: { cert: 'x' } },
      message: 'cert and key go together',
    },
    {
      what: 'a certificate that is none',
      options: { url: 'https://127.0.0.1:1', tls: { cert: 'hunter2', key: 'hunter2' } },
      message: 'tls: cannot be read',
    },
    {
      what: 'both TLS and a dispatcher',
      options: { url: 'https://127.0.0.1:1', tls: {}, dispatcher: new MockAgent() satisfies Dispatcher },
      message: 'tls: a dispatcher',
    },
    { what: 'an unknown option', options: { retries: 3 }, message: 'retries' },
  ]
  it.each(wrong)('refuses $what, without showing a value', ({ options, message }) => {
    const make = () => witnessRegister({ url: 'http://127.0.0.1:1', secret: SECRET, ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(message) }))
    expect(make).not.toThrow('hunter2')
  })
})

describe('createWitness', () => {
  const wrong: readonly { what: string; options: object; message: string }[] = [
    { what: 'no secret', options: { secrets: [] }, message: 'secrets' },
    {
      what: 'three secrets',
      options: { secrets: ['a', 'b', 'c'].map((id) => ({ ...SECRET, id })) },
      message: 'two while one is being replaced',
    },
    { what: 'two secrets of one id', options: { secrets: [SECRET, SECRET] }, message: 'different ids' },
    { what: 'a short secret', options: { secrets: [{ id: 1, secret: 'hunter2' }] }, message: 'at least 16 bytes' },
    { what: 'a certificate that is none', options: { tls: { key: 'hunter2', cert: 'hunter2' } }, message: 'tls: cannot be read' },
    { what: 'an unknown option', options: { leases: 3 }, message: 'leases' },
  ]
  it.each(wrong)('refuses $what, without showing a value', ({ options, message }) => {
    const make = () => createWitness({ listen: { port: 0 }, file: '/nowhere/witness.json', secrets: [SECRET], ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(message) }))
    expect(make).not.toThrow('hunter2')
  })
})
