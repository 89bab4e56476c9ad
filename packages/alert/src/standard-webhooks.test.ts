import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSecret, signWebhook, webhookId } from './standard-webhooks.ts'

const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64')

describe('readSecret', () => {
  it.each([
    ['no prefix', base64(24), /starts with whsec_/],
    ['nothing after the prefix', 'whsec_', /found 0/],
    ['too few bytes', `whsec_${base64(23)}`, /24 to 64 bytes after whsec_, found 23/],
    ['too many bytes', `whsec_${base64(65)}`, /found 65/],
    ['characters that are not base64', `whsec_${base64(24)}!`, /expected base64/],
    ['a line break at the end', `whsec_${base64(24)}\n`, /expected base64/],
    ['the alphabet of URLs', `whsec_${'-_'.repeat(16)}`, /expected base64/],
  ])('refuses a secret with %s, and does not repeat it', (_case, secret, wrong) => {
    const read = readSecret(secret)
    expect(read).toEqual({ wrong: expect.stringMatching(wrong) })
    expect(JSON.stringify(read)).not.toContain(base64(23).slice(0, 8))
  })

  it.each([24, 32, 64])('reads a secret of %i bytes, with and without padding', (bytes) => {
    const key = Buffer.alloc(bytes, 7)
    expect(readSecret(`whsec_${base64(bytes)}`)).toEqual({ key })
    expect(readSecret(`whsec_${base64(bytes).replace(/=+$/, '')}`)).toEqual({ key })
  })
})

describe('signWebhook', () => {
  it('gives the published signature for the published message', () => {
    const read = readSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const key = 'key' in read ? read.key : Buffer.alloc(0)
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1_614_265_330, body: '{"test": 2432232314}', key }
    expect(signWebhook(message)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('signs the bytes of UTF-8', () => {
    const key = Buffer.alloc(24, 7)
    const expected = createHmac('sha256', key).update(Buffer.from('a.1.{"title":"日本"}')).digest('base64')
    expect(signWebhook({ id: 'a', timestampSeconds: 1, body: '{"title":"日本"}', key })).toBe(`v1,${expected}`)
  })
})

describe('webhookId', () => {
  it('leaves harmless characters as they are and encodes the full stop', () => {
    expect(webhookId('target-down/shop/10.0.0.1:80#42')).toBe('target-down/shop/10%2E0%2E0%2E1:80#42')
  })

  it('is a value that a header may have, and different for different ids', () => {
    const id = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(id, id, (left, right) => {
        expect(webhookId(left)).toMatch(/^[\u0021-\u007E]*$/)
        expect(webhookId(left)).not.toContain('.')
        expect(webhookId(left) === webhookId(right)).toBe(left === right)
      }),
    )
  })
})
