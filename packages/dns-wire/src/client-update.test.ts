import { systemClock } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { createDnsClient, type UpdateResult } from './client.ts'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage } from './encode-message.ts'
import { answerTo, hostileServer } from './hostile-server.fixture.ts'
import type { Message } from './message.ts'
import { withLength } from './tcp-message.ts'
import { freePort } from './testing/index.ts'
import type { TsigKey } from './tsig/algorithms.ts'
import { signMessage } from './tsig/sign.ts'

const key: TsigKey = { name: 'hotspare', algorithm: 'hmac-sha256', secret: 'c2VjcmV0LXNlY3JldC1zZWNyZXQ=' }
const change = { zone: 'example.test', prerequisites: [], updates: [{ kind: 'delete-name', name: 'www.example.test' } as const] }
const now = () => Math.floor(systemClock.wallMs() / 1_000)

/** Answers an update over TCP with what is made of it. */
async function update(
  answer: (request: Uint8Array, message: Message) => Uint8Array,
  given: { readonly key?: TsigKey } = { key },
): Promise<UpdateResult> {
  await using hostile = await hostileServer({
    tcp: (request, socket) => socket.write(withLength(answer(request, decodeMessage(request)))),
  })
  return await createDnsClient({ server: hostile.server, ...given, timeoutMs: 15_000 }).update(change)
}

/** An answer that the right key has signed. */
function signed(request: Uint8Array, given: Partial<Message> = {}, how: Partial<Parameters<typeof signMessage>[1]> = {}): Uint8Array {
  const requestMac = decodeMessage(request).tsig?.mac
  return signMessage(answerTo(request, given), { key, atSeconds: now(), requestMac, ...how }).bytes
}

/** What says something of our signature, and has none itself. */
function unsignedError(request: Uint8Array, error: string, rcode = 'NOTAUTH'): Uint8Array {
  const message = decodeMessage(answerTo(request, { rcode }))
  const { tsig } = decodeMessage(request)
  if (!tsig) throw new Error('the request has no signature')
  return encodeMessage({ ...message, tsig: { ...tsig, mac: new Uint8Array(0), error } })
}

describe('update with a key', () => {
  it.each<{ what: string; answer: (request: Uint8Array) => Uint8Array }>([
    { what: 'NOERROR without a signature', answer: (request) => answerTo(request) },
    { what: 'NOERROR signed with another key', answer: (request) => signed(request, {}, { key: { ...key, secret: 'b3RoZXI=' } }) },
    { what: 'NOERROR signed for another request', answer: (request) => signed(request, {}, { requestMac: Uint8Array.of(1) }) },
    { what: 'NOERROR that was signed long ago', answer: (request) => signed(request, {}, { atSeconds: now() - 1_000 }) },
    { what: 'NOERROR with an unsigned BADSIG', answer: (request) => unsignedError(request, 'BADSIG', 'NOERROR') },
    { what: 'NOERROR with a signed BADTIME', answer: (request) => signed(request, {}, { error: 'BADTIME' }) },
    {
      what: 'YXRRSET signed with another key',
      answer: (request) => signed(request, { rcode: 'YXRRSET' }, { key: { ...key, secret: 'b3RoZXI=' } }),
    },
  ])('does not believe $what', async ({ answer }) => {
    const error: unknown = await update(answer).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'HOTSPARE_DNS_WIRE_SIGNATURE', retryable: false })
    expect((error as Error).message).toContain('whether it was done is not known')
    expect((error as Error).message).not.toContain(key.secret)
  })

  it('believes a signed NOERROR', async () => {
    expect(await update((request) => signed(request))).toEqual({ kind: 'applied' })
  })

  it('signs what it sends', async () => {
    let algorithm: string | undefined
    await update((request, { tsig }) => {
      algorithm = tsig?.algorithm
      return signed(request)
    })
    expect(algorithm).toBe('hmac-sha256')
  })

  it('tells a signed refusal from one that anybody may have sent', async () => {
    expect(await update((request) => signed(request, { rcode: 'YXRRSET' }))).toEqual({
      kind: 'refused',
      rcode: 'YXRRSET',
      signed: true,
      because: 'YXRRSET',
    })
    expect(await update((request) => answerTo(request, { rcode: 'REFUSED' }))).toEqual({
      kind: 'refused',
      rcode: 'REFUSED',
      signed: false,
      because: 'REFUSED; the answer is not signed, so its cause is not known',
    })
  })

  it.each(['BADSIG', 'BADKEY', 'BADTRUNC'] as const)('hands on %s, which comes unsigned', async (tsigError) => {
    expect(await update((request) => unsignedError(request, tsigError))).toMatchObject({
      kind: 'refused',
      rcode: 'NOTAUTH',
      signed: false,
      tsigError,
      because: expect.stringContaining(tsigError),
    })
  })

  it('says of a BADTIME, which comes signed, how far ahead the server is', async () => {
    const result = await update((request, { tsig }) => {
      const atSeconds = tsig?.atSeconds ?? 0
      const other = new Uint8Array(6)
      new DataView(other.buffer).setUint32(2, atSeconds + 400)
      return signed(request, { rcode: 'NOTAUTH' }, { atSeconds, error: 'BADTIME', other })
    })
    expect(result).toMatchObject({ kind: 'refused', rcode: 'NOTAUTH', signed: true, tsigError: 'BADTIME', serverAheadSeconds: 400 })
  })

  it('takes an answer without the zone in it', async () => {
    expect(await update((request) => signed(request, { questions: [] }))).toEqual({ kind: 'applied' })
  })

  it('demands a signature of answers to questions too', async () => {
    await using hostile = await hostileServer({
      tcp: (request, socket) => socket.write(withLength(answerTo(request, { rcode: 'REFUSED', answers: [] }))),
    })
    const asked = createDnsClient({ server: hostile.server, key }).query({ name: 'www.example.test', type: 'A' })
    await expect(asked).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_SIGNATURE', rcode: 'REFUSED' })
  })

  it('waits for the signed answer over UDP, where that is asked for', async () => {
    await using hostile = await hostileServer({
      udp: (request, send) => {
        send(answerTo(request, { rcode: 'REFUSED', answers: [] }))
        send(signed(request))
      },
    })
    const client = createDnsClient({ server: hostile.server, key })
    expect(await client.query({ name: 'www.example.test', type: 'A', tcp: false })).toMatchObject({ signed: true, overTcp: false })
  })
})

describe('update without a key', () => {
  it('believes what it is told', async () => {
    expect(await update((request) => answerTo(request), {})).toEqual({ kind: 'applied' })
    expect(await update((request) => answerTo(request, { rcode: 'REFUSED' }), {})).toMatchObject({ rcode: 'REFUSED', signed: false })
  })
})

describe('an update that brings no answer', () => {
  it('was not sent where nobody listens', async () => {
    const server = { address: '127.0.0.1', port: await freePort() }
    await expect(createDnsClient({ server, key }).update(change)).rejects.toMatchObject({
      code: 'HOTSPARE_DNS_WIRE_UNREACHABLE',
      retryable: true,
    })
  })

  it('may have been done where the connection is lost, or nothing comes', async () => {
    await using lost = await hostileServer({ tcp: (_request, socket) => socket.resetAndDestroy() })
    await expect(createDnsClient({ server: lost.server, key }).update(change)).rejects.toMatchObject({
      code: 'HOTSPARE_DNS_WIRE_NO_ANSWER',
    })
    await using silent = await hostileServer({})
    const client = createDnsClient({ server: silent.server, key, timeoutMs: 200 })
    await expect(client.update(change)).rejects.toMatchObject({ code: 'HOTSPARE_DNS_WIRE_NO_ANSWER' })
  })
})
