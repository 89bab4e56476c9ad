import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerCount, headerValue } from './headers.fixture.ts'
import { requestHeaders, responseHeaders } from './headers.ts'

const client = { address: '192.0.2.7', protocol: 'http', host: 'shop.example' } as const

function asMap(flat: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {}
  for (let index = 0; index < flat.length; index += 2) map[flat[index]!.toLowerCase()] = flat[index + 1]!
  return map
}

describe('requestHeaders', () => {
  it('takes hop-by-hop headers off, and those that Connection names', () => {
    const sent = asMap(
      requestHeaders(
        [
          'Connection',
          'close, X-Secret',
          'X-Secret',
          '1',
          'Keep-Alive',
          'timeout=5',
          'TE',
          'trailers',
          'Proxy-Authorization',
          'Basic x',
          'Upgrade',
          'h2c',
          'Transfer-Encoding',
          'chunked',
          'Expect',
          '100-continue',
          'Accept',
          '*/*',
        ],
        client,
        'replace',
      ),
    )
    expect(Object.keys(sent).toSorted()).toEqual([
      'accept',
      'forwarded',
      'host',
      'via',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
    ])
  })

  it.each(['replace', 'append'] as const)('drops a field of ours that is spelt with underscores (%s)', (mode) => {
    const lies = [
      'X_Forwarded_For',
      '6.6.6.6',
      'X-Forwarded_Proto',
      'https',
      'x_real_ip',
      '6.6.6.6',
      'Content_Length',
      '7',
      'Transfer_Encoding',
      'chunked',
    ]
    const sent = requestHeaders([...lies, 'X_Own_Field', 'stays', 'Accept_', 'stays'], client, mode)
    expect(sent.filter((name) => name.includes('_'))).toEqual(['X_Own_Field', 'Accept_'])
    expect(sent.join(' ')).not.toMatch(/6\.6\.6\.6/)
  })

  it('believes no forwarding header of the client by default', () => {
    const sent = requestHeaders(
      [
        'X-Forwarded-For',
        '6.6.6.6',
        'X-Forwarded-Proto',
        'https',
        'Forwarded',
        'for=6.6.6.6',
        'X-Real-IP',
        '6.6.6.6',
        'X-Forwarded-Host',
        'evil',
      ],
      client,
      'replace',
    )
    expect(sent.join('\n')).not.toMatch(/6\.6\.6\.6|evil|https/)
    expect(asMap(sent)).toMatchObject({
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-proto': 'http',
      forwarded: 'for=192.0.2.7;host=shop.example;proto=http',
    })
  })

  it('appends to what a trusted proxy in front has written, also over several lines', () => {
    const sent = asMap(
      requestHeaders(
        ['X-Forwarded-For', '203.0.113.1', 'X-Forwarded-For', '198.51.100.2', 'X-Forwarded-Proto', 'https', 'Forwarded', 'for=203.0.113.1'],
        client,
        'append',
      ),
    )
    expect(sent).toMatchObject({
      'x-forwarded-for': '203.0.113.1, 198.51.100.2, 192.0.2.7',
      'x-forwarded-proto': 'https',
      forwarded: 'for=203.0.113.1, for=192.0.2.7;host=shop.example;proto=http',
    })
  })

  it.each([
    ['::ffff:192.0.2.7', 'shop.example', '192.0.2.7', 'for=192.0.2.7;host=shop.example;proto=http'],
    ['2001:db8::7', 'shop.example:8080', '2001:db8::7', 'for="[2001:db8::7]";host="shop.example:8080";proto=http'],
    ['', 'a"b\\c', '', 'for=unknown;host="a\\"b\\\\c";proto=http'],
  ])('writes the address %j and host %j as RFC 7239 wants', (address, host, forwardedFor, forwarded) => {
    expect(asMap(requestHeaders([], { ...client, address, host }, 'replace'))).toMatchObject({ 'x-forwarded-for': forwardedFor, forwarded })
  })

  it.each(['X-Forwarded-Port', 'X-Forwarded-Prefix', 'x-forwarded-user', 'X-Forwarded', 'X-Real-IP'])(
    'takes %s of a client off, and leaves that of a trusted proxy',
    (name) => {
      expect(headerCount(requestHeaders([name, '6.6.6.6'], client, 'replace'), name.toLowerCase())).toBe(0)
      expect(headerValue(requestHeaders([name, '203.0.113.1'], client, 'append'), name.toLowerCase())).toBe('203.0.113.1')
    },
  )

  it('reads every Connection line, as if they were one', () => {
    const sent = requestHeaders(['Connection', 'keep-alive', 'X-Hop', '1', 'Connection', 'x-hop', 'X-Stay', '2'], client, 'replace')
    expect([headerCount(sent, 'x-hop'), headerCount(sent, 'x-stay')]).toEqual([0, 1])
  })

  it('adds itself to the Via of earlier hops', () => {
    expect(
      requestHeaders(['Via', '1.1 cdn'], client, 'replace').filter((_part, index, all) => all[index - 1]?.toLowerCase() === 'via'),
    ).toEqual(['1.1 cdn', '1.1 hotspare'])
  })

  it('keeps order, spelling and repetition of everything else', () => {
    const received = ['X-B', '1', 'x-a', '2', 'X-B', '3']
    expect(requestHeaders(received, client, 'replace').slice(0, 6)).toEqual(received)
  })

  it('never lets a hop-by-hop header or a second host through, whatever comes in', () => {
    const name = fc.constantFrom('Host', 'host', 'Connection', 'Keep-Alive', 'Transfer-Encoding', 'X-A', 'upgrade', 'TE')
    const value = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('x-a', 'close, X-A', 'keep-alive'))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 12 }),
        fc.constantFrom('replace' as const, 'append' as const),
        (pairs, mode) => {
          const sent = requestHeaders(pairs.flat(), client, mode)
          expect(headerCount(sent, 'host')).toBe(1)
          const named = pairs.some(
            ([key, text]) =>
              key === 'Connection' &&
              text
                .toLowerCase()
                .split(',')
                .some((option) => option.trim() === 'x-a'),
          )
          expect(headerCount(sent, 'x-a')).toBe(named ? 0 : pairs.filter(([key]) => key === 'X-A').length)
          for (const hop of ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te']) expect(headerCount(sent, hop)).toBe(0)
        },
      ),
    )
  })
})

describe('responseHeaders', () => {
  it('takes hop-by-hop headers off and keeps each cookie', () => {
    expect(responseHeaders(['Set-Cookie', 'a=1', 'Connection', 'keep-alive', 'set-cookie', 'b=2', 'Transfer-Encoding', 'chunked'])).toEqual(
      ['Set-Cookie', 'a=1', 'set-cookie', 'b=2'],
    )
  })
})
