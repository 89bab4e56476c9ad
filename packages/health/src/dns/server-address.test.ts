import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostAndPort } from '../connection-options.ts'
import { parseServer } from './server-address.ts'

describe('parseServer', () => {
  it.each(['', ':53', 'ns1:', 'ns1:0', 'ns1:65536', 'ns1:53x', '[ns1]:53', '[::1', 'a b', '2001:db8::1::2'])('refuses "%s"', (text) => {
    expect(parseServer(text)).toBeUndefined()
  })

  it.each([
    { text: 'ns1.example.com', host: 'ns1.example.com', port: 53 },
    { text: '192.0.2.2:5353', host: '192.0.2.2', port: 5_353 },
    { text: '2001:db8::2', host: '2001:db8::2', port: 53 },
    { text: '[2001:db8::2]:5353', host: '2001:db8::2', port: 5_353 },
    { text: '[::1]', host: '::1', port: 53 },
  ])('reads $text', ({ text, host, port }) => {
    expect(parseServer(text)).toEqual({ host, port })
  })

  it('never throws, and reads what it wrote', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.domain(), fc.ipV4()), (text) => {
        const server = parseServer(text)
        expect(server && parseServer(hostAndPort(server.host, server.port))).toEqual(server)
      }),
    )
  })
})
