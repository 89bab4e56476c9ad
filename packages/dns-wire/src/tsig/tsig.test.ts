import { describe, expect, it } from 'vitest'
import { decodeMessage } from '../decode-message.ts'
import { encodeMessage } from '../encode-message.ts'
import { DnsValueError } from '../errors.ts'
import { type Message, noFlags } from '../message.ts'
import { type TsigAlgorithm, tsigAlgorithms, type TsigKey } from './algorithms.ts'
import { signMessage } from './sign.ts'
import { verifyMessage } from './verify.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

// The vectors of miekg/dns (tsig_test.go).
const key: TsigKey = { name: 'testkey.', algorithm: 'hmac-sha256', secret: 'NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=' }
const atSeconds = 1_594_855_491
const unsigned = hex('002a28000001000000000000076578616d706c6503636f6d0000060001')
const signedByAnother = hex(
  'c60028000001000000010001076578616d706c6503636f6d00000600010161c00c0001000100000e100004c000020107746573746b65790000fa00ff00000000003d' +
    '0b686d61632d7368613235360000005f0f9043012c00208cf23e0081d915478a182edcea7ff48ad102948e6c7ef8e887536957d1fa5616c60000000000',
)

const changed = (bytes: Uint8Array, at: number, value: number) => {
  const copy = Uint8Array.from(bytes)
  copy[at] = value
  return copy
}
const message: Message = { id: 42, flags: noFlags, rcode: 'NOERROR', questions: [], answers: [], authorities: [], additionals: [] }
const tsig = {
  name: 'testkey',
  algorithm: 'hmac-sha256',
  atSeconds,
  fudgeSeconds: 300,
  mac: new Uint8Array(32),
  originalId: 42,
  error: 'NOERROR',
  other: new Uint8Array(0),
}

describe('signMessage', () => {
  it.each([
    { requestMac: hex('3684c225'), mac: 'c110e3f62694755c10761dc8717462431ee34340b7c9d1eee09449150757c5b1' },
    { requestMac: undefined, mac: '385449a425c6d52b9bf2c65c0726eefa0ad8084cdaf488f24547e686605b9610' },
  ])('makes the MAC of the published vector, after a request $requestMac', ({ requestMac, mac }) => {
    const signed = signMessage(unsigned, { key, atSeconds, requestMac, error: 'BADTIME' })
    expect(hexOf(signed.mac)).toBe(mac)
    expect(decodeMessage(signed.bytes).tsig).toEqual({ ...tsig, error: 'BADTIME', mac: signed.mac })
    expect(verifyMessage(signed.bytes, { keys: [key], atSeconds, requestMac }).kind).toBe('verified')
  })

  it.each(Object.keys(tsigAlgorithms) as TsigAlgorithm[])('signs with %s, and sends as much as it has', (algorithm) => {
    const sizes = { 'hmac-md5': 16, 'hmac-sha1': 20, 'hmac-sha224': 28, 'hmac-sha256': 32, 'hmac-sha256-128': 16 }
    const more = { 'hmac-sha384': 48, 'hmac-sha384-192': 24, 'hmac-sha512': 64, 'hmac-sha512-256': 32 }
    const signed = signMessage(unsigned, { key: { ...key, algorithm }, atSeconds })
    expect(signed.mac).toHaveLength({ ...sizes, ...more }[algorithm])
    expect(verifyMessage(signed.bytes, { keys: [{ ...key, algorithm }], atSeconds }).kind).toBe('verified')
    // An algorithm is part of what names a key.
    const other = algorithm === 'hmac-sha1' ? 'hmac-sha224' : 'hmac-sha1'
    expect(verifyMessage(signed.bytes, { keys: [{ ...key, algorithm: other }], atSeconds })).toMatchObject({ error: 'BADKEY' })
  })

  it.each([
    { what: 'a secret that is no base64', given: { key: { ...key, secret: 'not base64!' } } },
    { what: 'an empty secret', given: { key: { ...key, secret: '' } } },
    { what: 'a name that is none', given: { key: { ...key, name: 'a..b' } } },
    { what: 'more of the hash than there is', given: { macBytes: 33 } },
    { what: 'a time that is none', given: { atSeconds: -1 } },
  ])('refuses $what, without the secret in its words', ({ given }) => {
    let thrown: unknown
    try {
      signMessage(unsigned, { key, atSeconds, ...given })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(DnsValueError)
    expect((thrown as Error).message).not.toMatch(/not base64!|NoTC/)
  })

  it('takes a secret with line breaks and without its padding', () => {
    const secret = `${key.secret.slice(0, 20)}\n${key.secret.slice(20).replace('=', '')}`
    expect(signMessage(unsigned, { key: { ...key, secret }, atSeconds }).mac).toEqual(signMessage(unsigned, { key, atSeconds }).mac)
  })
})

describe('verifyMessage', () => {
  it('verifies what another implementation has signed, up to 300 seconds away', () => {
    for (const away of [-300, 0, 300]) {
      expect(verifyMessage(signedByAnother, { keys: [key], atSeconds: atSeconds + away }).kind).toBe('verified')
    }
  })

  it('verifies it after a forwarder gave it another id', () => {
    expect(verifyMessage(changed(signedByAnother, 0, 0x11), { keys: [key], atSeconds }).kind).toBe('verified')
  })

  it.each([-301, 301])('says BADTIME %i seconds away', (away) => {
    expect(verifyMessage(signedByAnother, { keys: [key], atSeconds: atSeconds + away })).toMatchObject({
      kind: 'rejected',
      error: 'BADTIME',
      because: expect.stringContaining('301 s'),
    })
  })

  it('says BADSIG for every byte of the message and of the signature that is another', () => {
    // All but the id, up to the record of the signature at 47; then of its time, its fudge, its MAC and the id that it was signed with.
    const places = [...Array.from({ length: 45 }, (_, index) => 2 + index), 84, 86, 90, 120, 122]
    for (const at of places) {
      const verdict = verifyMessage(changed(signedByAnother, at, (signedByAnother[at] ?? 0) ^ 1), { keys: [key], atSeconds })
      expect(
        verdict.kind === 'malformed' || (verdict.kind === 'rejected' && verdict.error === 'BADSIG'),
        `byte ${at}: ${verdict.kind}`,
      ).toBe(true)
    }
  })

  it('says BADSIG, not BADTIME, where both are wrong', () => {
    const wrong = changed(signedByAnother, 100, 0)
    expect(verifyMessage(wrong, { keys: [key], atSeconds: atSeconds + 1_000 })).toMatchObject({ error: 'BADSIG' })
  })

  it('says BADSIG for another secret, another request, and a request where there is none', () => {
    const secret = Buffer.from('another').toString('base64')
    expect(verifyMessage(signedByAnother, { keys: [{ ...key, secret }], atSeconds })).toMatchObject({ error: 'BADSIG' })
    expect(verifyMessage(signedByAnother, { keys: [key], atSeconds, requestMac: hex('3684c225') })).toMatchObject({ error: 'BADSIG' })
  })

  it('says BADKEY for a name or an algorithm that is not known', () => {
    expect(verifyMessage(signedByAnother, { keys: [], atSeconds })).toMatchObject({ error: 'BADKEY' })
    expect(verifyMessage(signedByAnother, { keys: [{ ...key, name: 'other' }], atSeconds })).toMatchObject({ error: 'BADKEY' })
    expect(verifyMessage(signedByAnother, { keys: [{ ...key, algorithm: 'hmac-sha512' }], atSeconds })).toMatchObject({ error: 'BADKEY' })
  })

  it('takes the name of a key in any case', () => {
    expect(verifyMessage(signedByAnother, { keys: [{ ...key, name: 'TestKey' }], atSeconds }).kind).toBe('verified')
  })

  it('has nothing to say of a message without a signature', () => {
    expect(verifyMessage(unsigned, { keys: [key], atSeconds })).toEqual({ kind: 'unsigned' })
  })

  it.each([
    { what: 'cut', bytes: signedByAnother.subarray(0, -1) },
    { what: 'longer than its records', bytes: Uint8Array.from([...signedByAnother, 0]) },
    { what: 'nothing', bytes: new Uint8Array(0) },
    { what: 'with a signature among the answers', bytes: changed(changed(signedByAnother, 7, 1), 11, 0) },
  ])('says malformed for one that is $what', ({ bytes }) => {
    expect(verifyMessage(bytes, { keys: [key], atSeconds }).kind).toBe('malformed')
  })

  it('says malformed for a signature that is not the last record', () => {
    const address = { name: 'a', type: 'A', class: 'IN', ttlSeconds: 0, data: { kind: 'A', address: '192.0.2.1' } } as const
    const [plain, withTsig] = [encodeMessage(message), encodeMessage({ ...message, tsig })]
    const record = encodeMessage({ ...message, additionals: [address] }).subarray(plain.length)
    const bytes = changed(Uint8Array.from([...withTsig, ...record]), 11, 2)
    expect(verifyMessage(bytes, { keys: [key], atSeconds })).toMatchObject({
      kind: 'malformed',
      because: expect.stringContaining('not the last'),
    })
  })

  it.each([
    { macBytes: 33, kind: 'malformed' },
    { macBytes: 9, kind: 'malformed' },
    { macBytes: 15, kind: 'malformed' },
    { macBytes: 1, kind: 'malformed' },
  ])('says malformed for a MAC of $macBytes bytes', ({ macBytes, kind }) => {
    const bytes = encodeMessage({ ...message, tsig: { ...tsig, mac: new Uint8Array(macBytes) } })
    expect(verifyMessage(bytes, { keys: [key], atSeconds }).kind).toBe(kind)
  })

  it('says BADTRUNC for half of a good MAC, unless that is allowed, and BADSIG for half of a bad one', () => {
    const half = signMessage(unsigned, { key, atSeconds, macBytes: 16 })
    expect(verifyMessage(half.bytes, { keys: [key], atSeconds })).toMatchObject({ error: 'BADTRUNC' })
    expect(verifyMessage(half.bytes, { keys: [key], atSeconds, leastMacBytes: 16 }).kind).toBe('verified')
    expect(verifyMessage(half.bytes, { keys: [key], atSeconds: 0 })).toMatchObject({ error: 'BADTIME' })
    expect(verifyMessage(changed(half.bytes, 3, 1), { keys: [key], atSeconds })).toMatchObject({ error: 'BADSIG' })
  })

  it.each(['BADSIG', 'BADKEY'])('knows %s with an empty MAC as what nobody has signed', (error) => {
    const bytes = encodeMessage({ ...message, rcode: 'NOTAUTH', tsig: { ...tsig, mac: new Uint8Array(0), error } })
    expect(verifyMessage(bytes, { keys: [key], atSeconds })).toMatchObject({ kind: 'unsigned-error', tsig: { error } })
  })

  it('does not take an empty MAC without an error', () => {
    const bytes = encodeMessage({ ...message, tsig: { ...tsig, mac: new Uint8Array(0) } })
    expect(verifyMessage(bytes, { keys: [key], atSeconds }).kind).toBe('malformed')
  })

  it('verifies a BADTIME, which is signed with the time of the request and has that of the server', () => {
    const other = hex('00005f0fffff')
    const answer = encodeMessage({ ...message, flags: { ...noFlags, response: true }, rcode: 'NOTAUTH' })
    const { bytes } = signMessage(answer, { key, atSeconds, requestMac: hex('01'), error: 'BADTIME', other })
    expect(verifyMessage(bytes, { keys: [key], atSeconds, requestMac: hex('01') })).toMatchObject({
      kind: 'verified',
      tsig: { error: 'BADTIME', other },
    })
  })

  it('reads 4,096 bytes of other data', () => {
    const { bytes } = signMessage(unsigned, { key, atSeconds, other: new Uint8Array(4_096).fill(7) })
    expect(verifyMessage(bytes, { keys: [key], atSeconds }).kind).toBe('verified')
  })
})
