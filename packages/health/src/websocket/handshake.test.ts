import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptFor, HandshakeReader, judgeHandshake } from './handshake.ts'

// The example of RFC 6455, section 1.3.
const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
type Headers = readonly (readonly [string, string])[]
const good: Headers = [
  ['upgrade', 'WebSocket'],
  ['connection', 'keep-alive, Upgrade'],
  ['sec-websocket-accept', accept],
]

describe('judgeHandshake', () => {
  it('knows the answer of RFC 6455', () => {
    expect(acceptFor(key)).toBe(accept)
  })

  it.each<{ name: string; status?: number; headers: Headers; subprotocol?: string; reason: string; detail: string }>([
    { name: 'a plain page', status: 200, headers: [], reason: 'status', detail: '200 OK, expected 101 Switching Protocols' },
    { name: 'a status without a name', status: 299, headers: [], reason: 'status', detail: '299, expected 101 Switching Protocols' },
    { name: 'no Upgrade', headers: good.slice(1), reason: 'protocol', detail: '101, but not to WebSocket' },
    { name: 'no Connection', headers: [...good.slice(0, 1), ...good.slice(2)], reason: 'protocol', detail: '101, but not to WebSocket' },
    {
      name: 'no accept',
      headers: good.slice(0, 2),
      reason: 'protocol',
      detail: '101, but Sec-WebSocket-Accept is not the answer to our key',
    },
    {
      name: 'two accepts',
      headers: [...good, ['sec-websocket-accept', accept]],
      reason: 'protocol',
      detail: '101, but Sec-WebSocket-Accept is not the answer to our key',
    },
    {
      name: 'an extension',
      headers: [...good, ['sec-websocket-extensions', 'permessage-deflate']],
      reason: 'protocol',
      detail: '101, with extensions that were not asked for',
    },
    {
      name: 'a subprotocol that was not asked for',
      headers: [...good, ['sec-websocket-protocol', 'chat']],
      reason: 'protocol',
      detail: '101, with a subprotocol that was not asked for',
    },
    { name: 'no subprotocol', headers: good, subprotocol: 'chat', reason: 'unexpected', detail: '101, but without the subprotocol chat' },
  ])('fails on $name', ({ status = 101, headers, subprotocol, reason, detail }) => {
    expect(judgeHandshake({ status, headers }, { key, subprotocol })).toMatchObject({ outcome: 'fail', reason, detail })
  })

  it('accepts the right answer, with the subprotocol that was asked for', () => {
    expect(judgeHandshake({ status: 101, headers: good }, { key, subprotocol: undefined })).toBeUndefined()
    const chosen: Headers = [...good, ['sec-websocket-protocol', 'chat']]
    expect(judgeHandshake({ status: 101, headers: chosen }, { key, subprotocol: 'chat' })).toBeUndefined()
  })
})

describe('HandshakeReader', () => {
  it('gives the header and what came after it, in any pieces', () => {
    const answer = Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n')
    for (let size = 1; size <= answer.length; size++) {
      const reader = new HandshakeReader()
      let found: unknown
      for (let offset = 0; offset < answer.length; offset += size) found = reader.add(answer.subarray(offset, offset + size))
      expect(found).toEqual({ status: 101, headers: [['upgrade', 'websocket']], rest: Buffer.alloc(0) })
    }
  })

  it('never throws, whatever comes', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('HTTP/1.1 101 x', '\r\n', '\r\n\r\n', 'a: b'))
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const reader = new HandshakeReader()
        expect(() => pieces.map((text) => reader.add(Buffer.from(text)))).not.toThrow()
      }),
    )
  })
})
