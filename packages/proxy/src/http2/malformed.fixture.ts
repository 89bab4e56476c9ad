import { GET } from './raw-frames.fixture.ts'

type Fields = readonly (readonly [name: string, value: string])[]

const changed = (name: string, value: string): Fields => GET.map(([each, was]) => [each, each === name ? value : was] as const)

/** Requests that are none (RFC 9113, 8.1.1), or are for no reverse proxy. */
export const malformedRequests: readonly (readonly [what: string, fields: Fields])[] = [
  ['a name in capitals', [...GET, ['X-Name', 'a']]],
  ['transfer-encoding', [...GET, ['transfer-encoding', 'chunked']]],
  ['connection', [...GET, ['connection', 'keep-alive']]],
  ['upgrade', [...GET, ['upgrade', 'h2c']]],
  ['te: gzip', [...GET, ['te', 'gzip']]],
  ['no path', GET.slice(0, 3)],
  ['an empty path', changed(':path', '')],
  ['a path with a request in it', changed(':path', '/ HTTP/1.1\r\nhost: a\r\n\r\nGET /smuggled')],
  ['a URL for a path', changed(':path', 'https://other.example/')],
  ['two paths', [...GET, [':path', '/b']]],
  ['a host with a line in it', changed(':authority', 'a\r\nx: y')],
  ['two hosts', [...GET, ['host', 'other.example']]],
  ['a method with a line in it', changed(':method', 'GET / HTTP/1.1\r\nhost: a\r\n\r\nGET')],
  ['two lengths', [...GET, ['content-length', '0'], ['content-length', '0']]],
  ['a field of ours but for an underscore', [...GET, ['transfer_encoding', 'chunked']]],
  [
    'CONNECT',
    [
      [':method', 'CONNECT'],
      [':authority', 'other.example:443'],
    ],
  ],
  ['a WebSocket', [[':method', 'CONNECT'], [':protocol', 'websocket'], ...GET.slice(1)]],
]
