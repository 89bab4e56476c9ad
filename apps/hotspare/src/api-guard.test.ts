import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardRequest, type RequestFacts } from './api-guard.ts'

const TOKEN = 'open-sesame-and-more'
const status = '/api/v1/status'

function asked(facts: Partial<RequestFacts>, token?: string): number {
  const decision = guardRequest({ path: status, host: '127.0.0.1:7400', origin: undefined, authorization: undefined, ...facts }, token)
  return decision.allowed ? 200 : decision.status
}

describe('without a token', () => {
  it.each([
    'attacker.example',
    'attacker.example:7400',
    '127.0.0.1.nip.io',
    '127.0.0.1.nip.io:7400',
    'localhost.attacker.example',
    'localhost.',
    '10.0.0.1:7400',
    '0.0.0.0:7400',
    '[::]:7400',
    '[fe80::1]:7400',
    '::1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '127.0.0.256',
    '127.0.0.1:7400:7400',
    '127.0.0.1@attacker.example',
    'attacker.example#127.0.0.1',
    '',
    ' ',
  ])('a request for the host "%s" is refused: a rebound name brought it here', (host) => {
    expect(asked({ host })).toBe(403)
  })

  it.each(['127.0.0.1', '127.0.0.1:7400', '127.8.8.8:7400', 'localhost', 'LOCALHOST:7400', 'LocalHost', '[::1]', '[::1]:7400'])(
    'a request for the host "%s" is allowed',
    (host) => {
      expect(asked({ host })).toBe(200)
    },
  )

  it('a request without a host is allowed, since no browser sends one', () => {
    expect(asked({ host: undefined })).toBe(200)
  })

  it.each([
    ['http://attacker.example', '127.0.0.1:7400'],
    ['http://127.0.0.1', '127.0.0.1:7400'],
    ['http://127.0.0.1:7401', '127.0.0.1:7400'],
    ['http://localhost:7400', '127.0.0.1:7400'],
    ['http://127.0.0.1:7400.attacker.example', '127.0.0.1:7400'],
    ['http://127.0.0.1:7400@attacker.example', '127.0.0.1:7400'],
    ['null', '127.0.0.1:7400'],
    ['', '127.0.0.1:7400'],
    ['file://', '127.0.0.1:7400'],
    ['no origin at all', '127.0.0.1:7400'],
    ['http://attacker.example', undefined],
    // Once both sides were undefined here, and so the same.
    ['null', undefined],
  ])('a page of %s is refused at host %s', (origin, host) => {
    expect(asked({ origin, host })).toBe(403)
  })

  it.each([
    ['http://127.0.0.1:7400', '127.0.0.1:7400'],
    ['http://localhost:7400', 'localhost:7400'],
    ['http://localhost:7400', 'LOCALHOST:7400'],
    ['http://[::1]:7400', '[::1]:7400'],
    ['http://localhost', 'localhost'],
  ])('its own page, %s at %s, is allowed', (origin, host) => {
    expect(asked({ origin, host })).toBe(200)
  })

  it('a host that is no loopback address is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.domain(), fc.option(fc.nat({ max: 65_535 })), (domain, port) => {
        expect(asked({ host: port === null ? domain : `${domain}:${port}` })).toBe(403)
      }),
    )
    fc.assert(
      fc.property(
        fc.ipV4().filter((address) => !address.startsWith('127.')),
        (address) => {
          expect(asked({ host: `${address}:7400` })).toBe(403)
        },
      ),
    )
  })
})

describe('with a token', () => {
  it.each([
    undefined,
    '',
    TOKEN,
    'Bearer',
    'Bearer ',
    `Bearer${TOKEN}`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN} x`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer x, Bearer ${TOKEN}`,
    `Token ${TOKEN}`,
    `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`,
    `Bearer\t${TOKEN}`,
    `Bearer ${'x'.repeat(1_000_000)}`,
    `Bearer${' '.repeat(1_000_000)}`,
  ])('whoever presents another is refused (%#)', (authorization) => {
    expect(asked({ authorization }, TOKEN)).toBe(401)
    expect(asked({ authorization, origin: 'http://127.0.0.1:7400' }, TOKEN)).toBe(401)
  })

  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER   ${TOKEN}`])(
    'whoever presents it is allowed, from anywhere (%#)',
    (authorization) => {
      expect(asked({ authorization, host: 'hotspare.example.com', origin: 'https://elsewhere.example' }, TOKEN)).toBe(200)
      expect(asked({ authorization, host: undefined }, TOKEN)).toBe(200)
    },
  )

  it('the answer does not repeat what was presented', () => {
    const facts = { path: status, host: 'x', origin: undefined, authorization: 'Bearer something-else' }
    expect(JSON.stringify(guardRequest(facts, TOKEN))).not.toMatch(/something-else|sesame/)
  })
})

describe('the open paths', () => {
  it.each(['/healthz', '/readyz'])('%s is for everybody', (path) => {
    expect(asked({ path }, TOKEN)).toBe(200)
    expect(asked({ path, host: 'attacker.example', origin: 'null' })).toBe(200)
  })

  it.each([
    '/healthz/',
    '//healthz',
    '/healthz/..',
    '/healthz/../api/v1/status',
    '/healthz%2f..%2fapi/v1/status',
    '/healthz;x=/api',
    '/healthz#',
    '/HEALTHZ',
    '/healthz\0',
    '/metrics',
    '/api/v1/targets/%2fhealthz',
    'healthz',
    'http://127.0.0.1/healthz',
    '',
    '*',
  ])('%j is not one of them', (path) => {
    expect(asked({ path }, TOKEN)).toBe(401)
  })
})
