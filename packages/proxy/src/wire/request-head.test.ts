import { describe, expect, it } from 'vitest'
import { headLimits } from './messages.fixture.ts'
import { type RequestHead, RequestHeadReader } from './request-head.ts'

function read(text: string, reader: RequestHeadReader = new RequestHeadReader(headLimits)) {
  const bytes = Buffer.from(text, 'latin1')
  return reader.read(bytes, 0, bytes.length)
}

function head(line: string, fields = '', host = 'a.example'): RequestHead {
  const result = read(`${line}\r\nHost: ${host}\r\n${fields}\r\n`)
  if (result.kind !== 'complete') throw new Error(JSON.stringify(result))
  return result
}

describe('RequestHeadReader', () => {
  it('begins anew after a refusal', () => {
    const reader = new RequestHeadReader(headLimits)
    expect(read('GET / HTTP/1.1\r\nX: 1\r\n bad', reader).kind).toBe('refused')
    expect(read('GET / HTTP/1.1\r\nHost: a\r\n\r\n', reader).kind).toBe('complete')
  })

  it('keeps what came of a head, though the buffer it came in is used again', () => {
    const reader = new RequestHeadReader(headLimits)
    const buffer = Buffer.from('GET /one HTTP/1.1\r\nHo', 'latin1')
    expect(reader.read(buffer, 0, buffer.length).kind).toBe('incomplete')
    buffer.fill('x')
    expect(read('st: a.example\r\nX: 1\r\n\r\nbody', reader)).toMatchObject({ path: '/one', host: 'a.example', taken: 23 })
  })

  it('says where in the buffer the head ends, and how much of the piece it took', () => {
    const bytes = Buffer.from('body\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nmore', 'latin1')
    expect(new RequestHeadReader(headLimits).read(bytes, 4, bytes.length)).toMatchObject({ methodStart: 6, end: 33, taken: 29 })
  })

  it.each([
    ['GET http://b.example HTTP/1.1', 'b.example', '/', 'b.example'],
    ['GET HTTP://B.example:80/x?y HTTP/1.1', 'b.example', '/x?y', 'B.example:80'],
    ['GET https://b.example:443/?q HTTP/1.1', 'b.example', '/?q', 'b.example:443'],
    ['OPTIONS http://b.example:8080 HTTP/1.1', 'b.example:8080', '*', 'b.example:8080'],
    ['OPTIONS * HTTP/1.1', 'a.example', '*', 'a.example'],
    ['GET /a%2fb/../c?d#'.slice(0, -1) + ' HTTP/1.1', 'a.example', '/a%2fb/../c?d', 'a.example'],
  ])('reads %s with the Host %s as %s of %s', (line, host, path, expected) => {
    expect(head(line, '', host)).toMatchObject({ path, host: expected })
  })

  it.each([
    ['HTTP/1.1', '', true],
    ['HTTP/1.1', 'Connection: Close\r\n', false],
    ['HTTP/1.1', 'Connection: X-A, ,close\r\n', false],
    ['HTTP/1.1', 'Connection: keep-alive\r\nConnection: close\r\n', false],
    ['HTTP/1.0', '', false],
    ['HTTP/1.0', 'Connection: Keep-Alive\r\n', true],
    ['HTTP/1.0', 'Connection: keep-alive, close\r\n', false],
  ])('with %s and %j the connection stays: %s', (version, fields, keepAlive) => {
    expect(head(`GET / ${version}`, fields).keepAlive).toBe(keepAlive)
  })

  it.each([
    ['HTTP/1.1', 'Expect: 100-Continue\r\nContent-Length: 1\r\n', true],
    ['HTTP/1.0', 'Expect: 100-continue\r\nContent-Length: 1\r\n', false],
    ['HTTP/1.1', '', false],
  ])('with %s and %j the client waits: %s', (version, fields, expectsContinue) => {
    expect(head(`POST / ${version}`, fields).expectsContinue).toBe(expectsContinue)
  })

  it.each([
    ['HTTP/1.1', 'Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n', 'WebSocket'],
    ['HTTP/1.1', 'Upgrade: websocket\r\n', undefined],
    ['HTTP/1.1', 'Connection: Upgrade\r\n', undefined],
    ['HTTP/1.0', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', undefined],
  ])('with %s and %j the client would change to: %s', (version, fields, upgrade) => {
    expect(head(`GET / ${version}`, fields).upgrade).toBe(upgrade)
  })

  it('gives names and values as they are written, without the white space around', () => {
    const { fields } = head('GET / HTTP/1.1', 'X-A:  one two\t \r\nx-b:\r\n')
    expect([fields.name(1), fields.value(1), fields.name(2), fields.value(2)]).toEqual(['X-A', 'one two', 'x-b', ''])
  })

  it('says nothing of what a message contains when it refuses it', () => {
    const result = read('GET / HTTP/1.1\r\nHost: a\r\nAuthorization: secret\x01\r\n\r\n')
    expect(JSON.stringify(result)).not.toContain('secret')
  })
})
