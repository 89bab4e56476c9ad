import { createHmac, hkdfSync } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { record } from './witness.fixture.ts'
import {
  answerMac,
  decodeErrorAnswer,
  decodeReadAnswer,
  decodeReadRequest,
  decodeSwapAnswer,
  decodeSwapRequest,
  encodeRead,
  encodeSwap,
  isNonce,
  isSameMac,
  LARGEST_BODY_BYTES,
  requestMac,
} from './protocol.ts'
import { witnessKey } from './secret.ts'

const SECRET = { id: 1, secret: 'correct horse battery staple' }
const key = witnessKey(SECRET)
const nonce = 'AAAAAAAAAAAAAAAAAAAAAA'
const body = Buffer.from('{"name":"shop"}')
const request = { nonce, method: 'POST', path: '/v1/read', body }

describe('the signature of a request', () => {
  const rows = [
    { what: 'the nonce', other: { ...request, nonce: 'AAAAAAAAAAAAAAAAAAAAAQ' } },
    { what: 'the method', other: { ...request, method: 'PUT' } },
    { what: 'the path', other: { ...request, path: '/v1/swap' } },
    { what: 'the body', other: { ...request, body: Buffer.from('{"name":"shoq"}') } },
    { what: 'where the path ends', other: { ...request, path: '/v1/read\n', body } },
  ]
  it.each(rows)('is another when $what is', ({ other }) => {
    expect(requestMac(key, other)).not.toBe(requestMac(key, request))
  })

  it('is another under another secret, and under the same secret with another id', () => {
    const others = [witnessKey({ id: 1, secret: 'another secret, as long' }), witnessKey({ ...SECRET, id: 2 })]
    for (const other of others) expect(requestMac(other, request)).not.toBe(requestMac(key, request))
  })

  it('is what the description of the protocol says', () => {
    const derived = Buffer.from(hkdfSync('sha256', SECRET.secret, '', 'hotspare-witness-v1', 32))
    const text = `hotspare-witness-v1 request\n1\n${nonce}\nPOST\n/v1/read\n{"name":"shop"}`
    const asked = createHmac('sha256', derived).update(text).digest('base64url')
    expect(requestMac(key, request)).toBe(asked)
    const answered = createHmac('sha256', derived).update(`hotspare-witness-v1 answer\n${asked}\n200\n{"record":null}`).digest('base64url')
    expect(answerMac(key, { requestMac: asked, status: 200, body: Buffer.from('{"record":null}') })).toBe(answered)
  })

  it('is the same in every release', () => {
    expect(requestMac(key, request)).toMatchInlineSnapshot(`"gV8kbZCbnevVDnsj6boCKzQ6ecyuD7cT9-OIkx_eFoQ"`)
  })

  it('compares without throwing, whatever it gets', () => {
    const any = fc.property(fc.string(), fc.string(), (left, right) => isSameMac(left, right) === (left === right) && isSameMac(left, left))
    expect(() => fc.assert(any)).not.toThrow()
  })

  it('comes from a key that shows nothing when it is printed', () => {
    expect(inspect(key, { depth: 5, showHidden: true })).not.toContain('battery')
  })
})

describe('the bodies of the protocol', () => {
  it('any bytes are read or refused, and nothing throws', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    )
    const decoders = [decodeReadRequest, decodeSwapRequest, decodeReadAnswer, decodeSwapAnswer, decodeErrorAnswer]
    const property = fc.property(bytes, (any) => decoders.every((decode) => typeof decode(any) !== 'boolean'))
    expect(() => fc.assert(property)).not.toThrow()
  })

  it.each([
    '',
    '{}',
    '{"name":1}',
    '{"name":"../x"}',
    '{"name":"__proto__"}',
    '{"name":""}',
    '{"name":"a","more":1}',
    '[]',
    'null',
    '{"name":"a',
  ])('refuses %s as a request to read', (text) => expect(decodeReadRequest(Buffer.from(text))).toBeUndefined())

  it.each([
    '{"name":"shop","next":{}}',
    '{"name":"shop","expected":1,"next":{}}',
    '{"name":"shop","expected":"","next":{}}',
    '{"name":"shop","expected":null}',
    '{"name":"shop","expected":null,"next":null}',
    '{"name":"shop","expected":null,"next":{},"ifToken":3}',
    '{"name":"shop","expected":null,"next":{},"__proto__":{"x":1}}',
  ])('refuses %s as a request to swap', (text) => expect(decodeSwapRequest(Buffer.from(text))).toBeUndefined())

  it('refuses text that is not UTF-8', () => {
    expect(decodeReadRequest(Buffer.from([...Buffer.from('{"name":"a'), 0xff, ...Buffer.from('"}')]))).toBeUndefined()
  })

  it('takes an answer with more in it than it knows', () => {
    expect(decodeReadAnswer(Buffer.from('{"record":null,"more":1}'))).toMatchObject({ record: null })
  })

  it('the longest request fits', () => {
    const long = 'x'.repeat(128)
    const next = record({ holder: long, token: 9e15, ttlMs: 86_399_999.123_456_78, revision: long })
    const encoded = encodeSwap(long, next, next)
    expect(encoded.length).toBeLessThan(LARGEST_BODY_BYTES / 2)
    expect(decodeSwapRequest(encoded)).toEqual({ name: long, expected: long, next })
    expect(decodeReadRequest(encodeRead('shop'))).toEqual({ name: 'shop' })
  })

  it('a nonce is 16 bytes of base64url', () => {
    expect(isNonce(Buffer.alloc(16, 0xff).toString('base64url'))).toBe(true)
    for (const other of ['', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}\n`, '='.repeat(22)]) expect(isNonce(other)).toBe(false)
  })
})
