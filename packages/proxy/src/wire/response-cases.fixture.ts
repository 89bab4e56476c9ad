import type { Asked } from './framing.ts'
import type { WireCase } from './request-cases.fixture.ts'

export interface ResponseCase extends WireCase {
  readonly asked: Asked
}

const GET: Asked = { method: 'GET' }
const HEAD: Asked = { method: 'HEAD' }
const CONNECT: Asked = { method: 'CONNECT' }
const UPGRADE: Asked = { method: 'GET', upgrade: 'x' }

function ok(fields: string, body = ''): string {
  return `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`
}

function chunked(body: string): string {
  return ok('Transfer-Encoding: chunked\r\n', body)
}

const NO_INTERIM = 'nginx before 1.29 takes an interim answer for the final one'

function plain(name: string, bytes: string, verdict: string, stricter?: WireCase['stricter']): ResponseCase {
  return { name, bytes, verdict, asked: GET, ...(stricter && { stricter }) }
}

/** What a target may answer wrongly; each refusal is a 502 to the client. */
export const responseCases: readonly ResponseCase[] = [
  // The status line.
  plain('a plain answer', ok('Content-Length: 2\r\n', 'ok'), 'ok'),
  plain('an answer without a reason', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', 'ok'),
  plain('an answer without a reason and its space', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 'ok'),
  plain('a reason beyond ASCII', 'HTTP/1.1 200 \xe4\r\nContent-Length: 0\r\n\r\n', 'ok'),
  plain('HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nall', 'ok'),
  plain('an empty line before', `\r\n${ok('Content-Length: 0\r\n')}`, '502 status-line'),
  plain('a reason with NUL', 'HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('a reason with a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('a reason with a bare carriage return', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n', '502 line-end'),
  plain('two spaces before the status', 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('a status with a sign', 'HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('a status below 100', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n', '502 status'),
  plain('HTTP/2.0', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('HTTP/1.2', 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n', '502 version-unsupported'),
  plain('another protocol', 'ICY 200 OK\r\nContent-Length: 0\r\n\r\n', '502 status-line'),
  plain('HTTP/0.9', '<html>', '502 status-line'),
  plain('an answer that does not end', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab', 'incomplete'),

  // The lines of the fields.
  plain('a folded value', ok('X: 1\r\n 2\r\nContent-Length: 0\r\n'), '502 line-folded'),
  plain('a space before the colon', ok('X : 1\r\nContent-Length: 0\r\n'), '502 field-name'),
  plain('a line without a colon', ok('X\r\nContent-Length: 0\r\n'), '502 field-name'),
  plain('a value with NUL', ok('X: \0\r\nContent-Length: 0\r\n'), '502 field-value'),
  plain('a bare line feed behind a field', ok('X: 1\nContent-Length: 0\r\n'), '502 field-value'),
  plain('a bare carriage return in a value', ok('X: 1\rSet-Cookie: a=b\r\nContent-Length: 0\r\n'), '502 line-end'),
  plain('fields larger than allowed', ok(`X: ${'a'.repeat(17_000)}\r\nContent-Length: 0\r\n`), '502 fields-too-large'),
  plain('more fields than allowed', ok(`${'X: 1\r\n'.repeat(101)}Content-Length: 0\r\n`), '502 fields-too-many'),

  // The body's length.
  plain('a body to the end of the connection', ok('', 'all that comes'), 'ok'),
  plain('two lengths that differ', ok('Content-Length: 2\r\nContent-Length: 3\r\n', 'okx'), '502 content-length-doubled'),
  plain('two lengths that agree', ok('Content-Length: 2\r\nContent-Length: 2\r\n', 'ok'), '502 content-length-doubled'),
  plain('a list of lengths', ok('Content-Length: 2, 2\r\n', 'ok'), '502 content-length'),
  plain('a length with a sign', ok('Content-Length: +2\r\n', 'ok'), '502 content-length'),
  plain('a negative length', ok('Content-Length: -2\r\n', 'ok'), '502 content-length'),
  plain('a length beyond all counting', ok('Content-Length: 99999999999999999999\r\n', 'ok'), '502 content-length'),
  plain('a length that is empty', ok('Content-Length:\r\n', 'ok'), '502 content-length'),
  plain('a length that Connection takes off', ok('Connection: Content-Length\r\nContent-Length: 2\r\n', 'ok'), '502 connection-option'),

  // Its coding.
  plain('a body in chunks', chunked('2\r\nok\r\n0\r\n\r\n'), 'ok'),
  plain(
    'a length and a coding',
    ok('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '2\r\nok\r\n0\r\n\r\n'),
    '502 length-and-coding',
  ),
  plain('chunked twice', ok('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), '502 transfer-encoding-doubled'),
  plain('chunked, but not last', ok('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), '502 transfer-encoding'),
  plain('another coding and chunked', ok('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), '502 transfer-coding-unknown'),
  plain('another coding alone', ok('Transfer-Encoding: gzip\r\n', 'x'), '502 transfer-encoding'),
  plain('a coding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '502 transfer-encoding-in-1.0'),
  plain('a chunk size that is none', chunked('x\r\nok\r\n0\r\n\r\n'), '502 chunk-size'),
  plain('a chunk size with a space behind', chunked('2 \r\nok\r\n0\r\n\r\n'), '502 chunk-size'),
  plain('a chunk that is longer than its size', chunked('2\r\nokx\r\n0\r\n\r\n'), '502 chunk-end'),
  plain('a chunk with a bare line feed', chunked('2\nok\n0\n\n'), '502 chunk-size'),
  plain('a trailer', chunked('2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n'), 'ok'),
  plain('a trailer with a length', chunked('2\r\nok\r\n0\r\nContent-Length: 9\r\n\r\n'), '502 trailer'),

  // Answers that have no body.
  { name: 'a length in the answer to HEAD', bytes: ok('Content-Length: 9\r\n'), verdict: 'ok', asked: HEAD },
  { name: 'chunked in the answer to HEAD', bytes: ok('Transfer-Encoding: chunked\r\n'), verdict: 'ok', asked: HEAD },
  {
    name: 'two lengths in the answer to HEAD',
    bytes: ok('Content-Length: 9\r\nContent-Length: 8\r\n'),
    verdict: '502 content-length-doubled',
    asked: HEAD,
  },
  plain('a 304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 'ok'),
  plain('a 204', 'HTTP/1.1 204 No Content\r\n\r\n', 'ok'),
  plain('a 204 with a length of 0', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', 'ok'),
  plain('a 204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok', '502 body-forbidden'),
  plain('a 204 in chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '502 body-forbidden'),
  plain('a 100 before the answer', `HTTP/1.1 100 Continue\r\n\r\n${ok('Content-Length: 0\r\n')}`, 'ok 2', { nginx: NO_INTERIM }),
  plain('a 103 with fields', `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${ok('Content-Length: 0\r\n')}`, 'ok 2', { nginx: NO_INTERIM }),
  plain('a 100 with a length', `HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nok${ok('Content-Length: 0\r\n')}`, '502 body-forbidden'),
  plain('a 101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', '502 upgrade'),
  {
    name: 'a 101',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nfree',
    verdict: 'ok',
    asked: UPGRADE,
  },
  {
    name: 'a 101 in another spelling',
    bytes: 'HTTP/1.1 101 Go\r\nConnection: keep-alive, upgrade\r\nUpgrade: X\r\n\r\nfree',
    verdict: 'ok',
    asked: UPGRADE,
  },
  {
    name: 'a 101 to another protocol',
    bytes: 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: y\r\n\r\n',
    verdict: '502 upgrade',
    asked: UPGRADE,
  },
  { name: 'a 101 to no protocol', bytes: 'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\n\r\n', verdict: '502 upgrade', asked: UPGRADE },
  { name: 'a 101 that Connection does not name', bytes: 'HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n', verdict: '502 upgrade', asked: UPGRADE },
  plain('a 100 in HTTP/1.0', `HTTP/1.0 100 Continue\r\n\r\n${ok('Content-Length: 0\r\n')}`, '502 status'),
  plain(
    'a 103 that ends the connection',
    `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${ok('Content-Length: 0\r\n')}`,
    '502 connection-option',
  ),
  {
    name: 'a 101 with a length',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\n',
    verdict: '502 body-forbidden',
    asked: UPGRADE,
  },
  { name: 'a tunnel', bytes: 'HTTP/1.1 200 OK\r\n\r\nfree', verdict: 'ok', asked: CONNECT },
  { name: 'a tunnel with chunks', bytes: chunked('0\r\n\r\n'), verdict: '502 body-forbidden', asked: CONNECT },
  { name: 'a tunnel that is refused', bytes: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', verdict: 'ok', asked: CONNECT },
]
