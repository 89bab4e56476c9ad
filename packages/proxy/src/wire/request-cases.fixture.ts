/** A server that the same bytes are sent to. */
export type OracleName = 'node' | 'nginx' | 'haproxy'

export interface WireCase {
  readonly name: string
  /** One character, one byte. */
  readonly bytes: string
  /** `ok`, `ok 2`, `incomplete`, or status and reason of the refusal. */
  readonly verdict: string
  /** An oracle that refuses what we do not, and why we need not follow it. */
  readonly stricter?: Readonly<Partial<Record<OracleName, string>>>
}

const H = 'Host: a.example\r\n'

function get(fields: string, body = ''): string {
  return `GET / HTTP/1.1\r\n${H}${fields}\r\n${body}`
}

function post(fields: string, body: string): string {
  return `POST / HTTP/1.1\r\n${H}${fields}\r\n${body}`
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked\r\n', body)
}

function target(text: string, host = 'a.example'): string {
  return `GET ${text} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
}

const UNKNOWN_METHOD = 'Node knows a list of methods, and has no server for others'
const DECODED = 'nginx decodes and normalises the path to find its location; here it is passed on as it is'

/** What may go wrong with a request, one thing at a time; and what looks as if, but is right. */
export const requestCases: readonly WireCase[] = [
  // The request line.
  { name: 'a plain GET', bytes: get(''), verdict: 'ok' },
  { name: 'two requests in one piece', bytes: get('') + get(''), verdict: 'ok 2' },
  { name: 'one empty line before', bytes: `\r\n${get('')}`, verdict: 'ok' },
  { name: 'two empty lines before', bytes: `\r\n\r\n${get('')}`, verdict: '400 method' },
  { name: 'a bare line feed before', bytes: `\n${get('')}`, verdict: '400 method' },
  { name: 'a space before the method', bytes: ` ${get('')}`, verdict: '400 method' },
  { name: 'a method in small letters', bytes: `get / HTTP/1.1\r\n${H}\r\n`, verdict: '400 method' },
  { name: 'a method that is no token', bytes: `G(T / HTTP/1.1\r\n${H}\r\n`, verdict: '400 method' },
  { name: 'a method with a digit', bytes: `GET1 / HTTP/1.1\r\n${H}\r\n`, verdict: '400 method' },
  { name: 'a method that nobody knows', bytes: `FOO / HTTP/1.1\r\n${H}\r\n`, verdict: 'ok', stricter: { node: UNKNOWN_METHOD } },
  { name: 'a method without end', bytes: `${'A'.repeat(33)} / HTTP/1.1\r\n${H}\r\n`, verdict: '501 method-too-long' },
  { name: 'no method', bytes: `/ HTTP/1.1\r\n${H}\r\n`, verdict: '400 method' },
  { name: 'a TLS greeting', bytes: '\x16\x03\x01\x02\x00\x01\x00', verdict: '400 method' },
  { name: 'two spaces before the target', bytes: `GET  / HTTP/1.1\r\n${H}\r\n`, verdict: '400 target' },
  { name: 'a tab before the target', bytes: `GET\t/ HTTP/1.1\r\n${H}\r\n`, verdict: '400 method' },
  { name: 'two spaces behind the target', bytes: `GET /  HTTP/1.1\r\n${H}\r\n`, verdict: '400 version' },
  { name: 'a tab behind the target', bytes: `GET /\tHTTP/1.1\r\n${H}\r\n`, verdict: '400 target' },
  { name: 'a space in the target', bytes: `GET /a b HTTP/1.1\r\n${H}\r\n`, verdict: '400 version' },
  { name: 'NUL in the target', bytes: target('/a\0b'), verdict: '400 target' },
  { name: 'DEL in the target', bytes: target('/a\x7fb'), verdict: '400 target' },
  { name: 'a byte beyond ASCII in the target', bytes: target('/\xe4'), verdict: '400 target' },
  { name: 'a fragment in the target', bytes: target('/a#b'), verdict: '400 target' },
  { name: 'a line feed in the target', bytes: target('/a\nb'), verdict: '400 target' },
  { name: 'what browsers send unescaped', bytes: target('/a|b[]{}^`\\?q=\'"<>|%'), verdict: 'ok' },
  { name: 'an escape that is none in the path', bytes: target('/a%zz'), verdict: '400 target' },
  { name: 'an escape that is cut off', bytes: target('/a%4'), verdict: '400 target' },
  { name: 'an escape that is none in the query', bytes: target('/a?b=100%'), verdict: 'ok' },
  { name: 'an escaped NUL', bytes: target('/a%00b'), verdict: 'ok', stricter: { nginx: DECODED } },
  { name: 'a way out of the root', bytes: target('/../../etc'), verdict: 'ok', stricter: { nginx: DECODED } },
  { name: 'a target without a slash', bytes: target('a'), verdict: '400 target-form' },
  { name: 'a target that is a query alone', bytes: target('?a'), verdict: '400 target-form' },
  { name: 'the asterisk with GET', bytes: target('*'), verdict: '400 target-form' },
  {
    name: 'the asterisk with OPTIONS',
    bytes: `OPTIONS * HTTP/1.1\r\n${H}\r\n`,
    verdict: 'ok',
    stricter: { nginx: 'nginx serves no server-wide OPTIONS' },
  },
  { name: 'an absolute target', bytes: target('http://a.example/x?y'), verdict: 'ok' },
  { name: 'an absolute target without a path', bytes: target('http://a.example'), verdict: 'ok' },
  { name: 'an absolute target with a query right behind the host', bytes: target('http://a.example?x'), verdict: '400 target-form' },
  { name: 'an absolute target with a default port', bytes: target('HTTP://A.example:80/'), verdict: 'ok' },
  { name: 'an absolute target that contradicts Host', bytes: target('http://b.example/'), verdict: '400 host-mismatch' },
  { name: 'an absolute target with a user', bytes: target('http://u@a.example/'), verdict: '400 target-form' },
  { name: 'an absolute target without a host', bytes: target('http:///x'), verdict: '400 target-form' },
  { name: 'an absolute target of another scheme', bytes: target('ftp://a.example/'), verdict: '400 target-form' },
  { name: 'a host and port with GET', bytes: target('a.example:80'), verdict: '400 target-form' },
  {
    name: 'CONNECT',
    bytes: 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n',
    verdict: 'ok',
    stricter: { nginx: 'nginx is no forward proxy; neither are we, but that is not for the parser to say' },
  },
  { name: 'CONNECT without a port', bytes: 'CONNECT a.example HTTP/1.1\r\nHost: a.example\r\n\r\n', verdict: '400 target-form' },
  { name: 'CONNECT with a path', bytes: `CONNECT / HTTP/1.1\r\n${H}\r\n`, verdict: '400 target-form' },
  { name: 'no version', bytes: `GET /\r\n${H}\r\n`, verdict: '400 target' },
  { name: 'an empty version', bytes: `GET / \r\n${H}\r\n`, verdict: '400 version' },
  { name: 'a version in small letters', bytes: `GET / http/1.1\r\n${H}\r\n`, verdict: '400 version' },
  { name: 'a version with two digits', bytes: `GET / HTTP/1.10\r\n${H}\r\n`, verdict: '400 version' },
  { name: 'a version with a leading zero', bytes: `GET / HTTP/01.1\r\n${H}\r\n`, verdict: '400 version' },
  { name: 'a space behind the version', bytes: `GET / HTTP/1.1 \r\n${H}\r\n`, verdict: '400 version' },
  { name: 'another protocol', bytes: `GET / ICAP/1.1\r\n${H}\r\n`, verdict: '400 version' },
  { name: 'HTTP/0.9', bytes: `GET / HTTP/0.9\r\n${H}\r\n`, verdict: '505 version-unsupported' },
  { name: 'HTTP/1.2', bytes: `GET / HTTP/1.2\r\n${H}\r\n`, verdict: '505 version-unsupported' },
  { name: 'HTTP/2.0', bytes: `GET / HTTP/2.0\r\n${H}\r\n`, verdict: '505 version-unsupported' },
  { name: 'the preface of HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', verdict: '505 version-unsupported' },
  { name: 'a bare line feed behind the request line', bytes: `GET / HTTP/1.1\n${H}\r\n`, verdict: '400 version' },
  { name: 'a bare carriage return behind the request line', bytes: `GET / HTTP/1.1\r${H}\r\n`, verdict: '400 line-end' },
  { name: 'a request line that does not end', bytes: 'GET / HTTP/1.1', verdict: 'incomplete' },

  // The lines of the fields.
  { name: 'a bare line feed behind a field', bytes: get('X: 1\n'), verdict: '400 field-value' },
  { name: 'bare line feeds everywhere', bytes: 'GET / HTTP/1.1\nHost: a\n\n', verdict: '400 version' },
  { name: 'a bare carriage return in a value', bytes: get('X: a\rb\r\n'), verdict: '400 line-end' },
  { name: 'two carriage returns behind a field', bytes: get('X: 1\r\r\n'), verdict: '400 line-end' },
  { name: 'an empty line of a bare line feed', bytes: `GET / HTTP/1.1\r\n${H}\n`, verdict: '400 field-name' },
  { name: 'an empty line that ends wrongly', bytes: `GET / HTTP/1.1\r\n${H}\rX`, verdict: '400 line-end' },
  { name: 'a folded value', bytes: get('X: 1\r\n 2\r\n'), verdict: '400 line-folded' },
  { name: 'a value folded with a tab', bytes: get('X: 1\r\n\t2\r\n'), verdict: '400 line-folded' },
  { name: 'a folded line before any field', bytes: `GET / HTTP/1.1\r\n X: 1\r\n${H}\r\n`, verdict: '400 line-folded' },
  { name: 'a folded Transfer-Encoding', bytes: post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'), verdict: '400 line-folded' },
  { name: 'a space before the colon', bytes: get('X : 1\r\n'), verdict: '400 field-name' },
  { name: 'a space before the colon of Content-Length', bytes: post('Content-Length : 1\r\n', 'x'), verdict: '400 field-name' },
  {
    name: 'a tab before the colon of Transfer-Encoding',
    bytes: post('Transfer-Encoding\t: chunked\r\n', '0\r\n\r\n'),
    verdict: '400 field-name',
  },
  { name: 'a name that is empty', bytes: get(': 1\r\n'), verdict: '400 field-name' },
  { name: 'a line without a colon', bytes: get('X\r\n'), verdict: '400 field-name' },
  { name: 'a name with a space', bytes: get('X Y: 1\r\n'), verdict: '400 field-name' },
  { name: 'a name with a slash', bytes: get('X/Y: 1\r\n'), verdict: '400 field-name' },
  { name: 'a name with NUL', bytes: get('X\0Y: 1\r\n'), verdict: '400 field-name' },
  { name: 'a name beyond ASCII', bytes: get('X\xe4: 1\r\n'), verdict: '400 field-name' },
  { name: 'a name with a vertical tab', bytes: post('\x0bTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), verdict: '400 field-name' },
  { name: 'a value with NUL', bytes: get('X: a\0b\r\n'), verdict: '400 field-value' },
  { name: 'a value with an escape character', bytes: get('X: \x1b[1m\r\n'), verdict: '400 field-value' },
  { name: 'a value with DEL', bytes: get('X: \x7f\r\n'), verdict: '400 field-value' },
  { name: 'a value with a form feed', bytes: get('X: a\x0cb\r\n'), verdict: '400 field-value' },
  { name: 'a value beyond ASCII', bytes: get('X: \xe4\xff\r\n'), verdict: 'ok' },
  { name: 'a value that is empty', bytes: get('X:\r\n'), verdict: 'ok' },
  { name: 'a value with white space around it', bytes: get('X: \t a b \t \r\n'), verdict: 'ok' },
  { name: 'a head of some size', bytes: get(`X: ${'a'.repeat(700)}\r\nY: ${'b'.repeat(3_000)}\r\n`), verdict: 'ok' },
  { name: 'more fields than allowed', bytes: get('X: 1\r\n'.repeat(100)), verdict: '431 fields-too-many' },
  { name: 'fields larger than allowed', bytes: get(`X: ${'a'.repeat(17_000)}\r\n`), verdict: '431 fields-too-large' },
  { name: 'a target larger than allowed', bytes: target(`/${'a'.repeat(17_000)}`), verdict: '414 target-too-long' },
  { name: 'Content-Length with an underscore', bytes: post('Content_Length: 1\r\n', ''), verdict: '400 field-name-alias' },
  { name: 'Transfer-Encoding with an underscore', bytes: post('Transfer_Encoding: chunked\r\n', ''), verdict: '400 field-name-alias' },

  // Host.
  { name: 'no Host', bytes: 'GET / HTTP/1.1\r\n\r\n', verdict: '400 host-missing' },
  { name: 'no Host in HTTP/1.0', bytes: 'GET / HTTP/1.0\r\n\r\n', verdict: 'ok' },
  { name: 'an empty Host', bytes: target('/', ''), verdict: '400 host' },
  { name: 'an empty Host in HTTP/1.0', bytes: 'GET / HTTP/1.0\r\nHost: \r\n\r\n', verdict: '400 host' },
  { name: 'a Host of one dot', bytes: target('/', '.'), verdict: '400 host' },
  { name: 'a Host with a dot at its end', bytes: target('/', 'a.example.'), verdict: 'ok' },
  { name: 'two Hosts', bytes: get('Host: a.example\r\n'), verdict: '400 host-doubled' },
  { name: 'two Hosts that differ', bytes: get('host: b.example\r\n'), verdict: '400 host-doubled' },
  { name: 'a Host with a space', bytes: target('/', 'a b'), verdict: '400 host' },
  { name: 'a Host that is a list', bytes: target('/', 'a, b'), verdict: '400 host' },
  { name: 'a Host with a tab behind', bytes: target('/', 'a.example\t'), verdict: '400 field-value' },
  { name: 'a Host with a path', bytes: target('/', 'a/b'), verdict: '400 host' },
  { name: 'a Host with a user', bytes: target('/', 'u@a'), verdict: '400 host' },
  { name: 'a Host with two dots', bytes: target('/', 'a..b'), verdict: '400 host' },
  { name: 'a Host with a port that is none', bytes: target('/', 'a:b'), verdict: '400 host' },
  { name: 'a Host with a port too high', bytes: target('/', 'a:65536'), verdict: '400 host' },
  { name: 'a Host with half an address', bytes: target('/', '[::1'), verdict: '400 host' },
  { name: 'a Host with an address that is none', bytes: target('/', '[::1::2]'), verdict: '400 host' },
  { name: 'a Host with an address', bytes: target('/', '[2001:db8::1]:8080'), verdict: 'ok' },

  // The body's length.
  { name: 'a body with a length', bytes: post('Content-Length: 3\r\n', 'abc') + get(''), verdict: 'ok 2' },
  { name: 'a length of zero', bytes: post('Content-Length: 0\r\n', ''), verdict: 'ok' },
  { name: 'a body that is short', bytes: post('Content-Length: 3\r\n', 'ab'), verdict: 'incomplete' },
  {
    name: 'two lengths that differ',
    bytes: post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd'),
    verdict: '400 content-length-doubled',
  },
  {
    name: 'two lengths that agree',
    bytes: post('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'),
    verdict: '400 content-length-doubled',
  },
  { name: 'a list of lengths', bytes: post('Content-Length: 3, 3\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a list of lengths without spaces', bytes: post('Content-Length: 3,3\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length with a plus', bytes: post('Content-Length: +3\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length with a minus', bytes: post('Content-Length: -3\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length with a space in it', bytes: post('Content-Length: 3 0\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length in hexadecimal', bytes: post('Content-Length: 0x3\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length with a fraction', bytes: post('Content-Length: 3.0\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length that is empty', bytes: post('Content-Length: \r\n', ''), verdict: '400 content-length' },
  { name: 'a length beyond all counting', bytes: post('Content-Length: 18446744073709551619\r\n', 'abc'), verdict: '400 content-length' },
  {
    name: 'a length that a number does not hold',
    bytes: post('Content-Length: 9007199254740993\r\n', 'abc'),
    verdict: '400 content-length',
  },
  { name: 'a length behind a tab', bytes: post('Content-Length:\t3\r\n', 'abc'), verdict: '400 field-value' },
  { name: 'a GET with a body', bytes: get('Content-Length: 3\r\n', 'abc'), verdict: 'ok' },
  { name: 'a GET with a body in HTTP/1.0', bytes: 'GET / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc', verdict: '400 body-forbidden' },
  { name: 'a POST with a body in HTTP/1.0', bytes: 'POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc', verdict: 'ok' },
  { name: 'a length in other digits', bytes: post('Content-Length: \xb3\r\n', 'abc'), verdict: '400 content-length' },
  { name: 'a length with leading zeros', bytes: post('Content-Length: 003\r\n', 'abc'), verdict: 'ok' },
  {
    name: 'a length that Connection takes off',
    bytes: post('Content-Length: 3\r\nConnection: close, Content-Length\r\n', 'abc'),
    verdict: '400 connection-option',
  },
  { name: 'a Connection with quotes', bytes: get('Connection: "close, x"\r\n'), verdict: '400 connection-option' },
  { name: 'a Connection with empty options', bytes: get('Connection: , keep-alive ,,\r\n'), verdict: 'ok' },
  { name: 'a Host that Connection takes off', bytes: get('Connection: Host\r\n'), verdict: '400 connection-option' },
  { name: 'a TRACE with a body', bytes: `TRACE / HTTP/1.1\r\n${H}Content-Length: 1\r\n\r\nx`, verdict: '400 body-forbidden' },
  {
    name: 'a CONNECT with a length',
    bytes: 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\nx',
    verdict: '400 body-forbidden',
  },

  // Its coding.
  { name: 'a body in chunks', bytes: chunked('3\r\nabc\r\n0\r\n\r\n') + get(''), verdict: 'ok 2' },
  { name: 'a coding in capitals', bytes: post('Transfer-Encoding: CHUNKED\r\n', '0\r\n\r\n'), verdict: 'ok' },
  {
    name: 'a length and a coding',
    bytes: post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    verdict: '400 length-and-coding',
  },
  {
    name: 'a coding and a length',
    bytes: post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    verdict: '400 length-and-coding',
  },
  { name: 'chunked twice', bytes: post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  {
    name: 'chunked in two fields',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    verdict: '400 transfer-encoding-doubled',
  },
  {
    name: 'chunked and identity in two fields',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
    verdict: '400 transfer-encoding-doubled',
  },
  { name: 'chunked, but not last', bytes: post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  {
    name: 'another coding and chunked',
    bytes: post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    verdict: '501 transfer-coding-unknown',
  },
  { name: 'identity', bytes: post('Transfer-Encoding: identity\r\n', ''), verdict: '400 transfer-encoding' },
  { name: 'another word', bytes: post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  { name: 'chunked with a parameter', bytes: post('Transfer-Encoding: chunked;q=1\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  { name: 'chunked with a tab behind', bytes: post('Transfer-Encoding: chunked\t\r\n', '0\r\n\r\n'), verdict: '400 field-value' },
  { name: 'chunked with a space behind', bytes: post('Transfer-Encoding: chunked \r\n', '0\r\n\r\n'), verdict: 'ok' },
  { name: 'chunked behind a tab', bytes: post('Transfer-Encoding:\tchunked\r\n', '0\r\n\r\n'), verdict: '400 field-value' },
  { name: 'chunked in quotes', bytes: post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  { name: 'chunked behind a vertical tab', bytes: post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), verdict: '400 field-value' },
  { name: 'chunked and an empty coding', bytes: post('Transfer-Encoding: chunked,\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  { name: 'an empty coding', bytes: post('Transfer-Encoding:\r\n', '0\r\n\r\n'), verdict: '400 transfer-encoding' },
  {
    name: 'a coding in HTTP/1.0',
    bytes: 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    verdict: '400 transfer-encoding-in-1.0',
  },

  // The chunks.
  { name: 'a chunk size that is empty', bytes: chunked('\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size with a sign', bytes: chunked('+3\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size with a prefix', bytes: chunked('0x3\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size behind a space', bytes: chunked(' 3\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size with a space behind', bytes: chunked('3 \r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size with an underscore', bytes: chunked('1_0\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size beyond all counting', bytes: chunked('10000000000000003\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a flood of zeros', bytes: chunked(`${'0'.repeat(20)}3\r\nabc\r\n0\r\n\r\n`), verdict: '400 chunk-size' },
  { name: 'a few zeros', bytes: chunked('00003\r\nabc\r\n0000\r\n\r\n'), verdict: 'ok' },
  { name: 'a chunk size and a bare line feed', bytes: chunked('3\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk size and a bare carriage return', bytes: chunked('3\rabc\r\n0\r\n\r\n'), verdict: '400 chunk-size' },
  { name: 'a chunk that is longer than its size', bytes: chunked('3\r\nabcd\r\n0\r\n\r\n'), verdict: '400 chunk-end' },
  { name: 'a chunk that is shorter than its size', bytes: chunked('5\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-end' },
  { name: 'a chunk that ends with a bare line feed', bytes: chunked('3\r\nabc\n0\r\n\r\n'), verdict: '400 chunk-end' },
  { name: 'a chunk that ends with two line feeds', bytes: chunked('3\r\nabc\n\n0\r\n\r\n'), verdict: '400 chunk-end' },
  { name: 'a chunk that ends with a bare carriage return', bytes: chunked('3\r\nabc\r0\r\n\r\n'), verdict: '400 chunk-end' },
  { name: 'a last chunk with a bare line feed', bytes: chunked('0\n\n'), verdict: '400 chunk-size' },
  { name: 'no last chunk', bytes: chunked('3\r\nabc\r\n'), verdict: 'incomplete' },
  { name: 'no end of the trailers', bytes: chunked('0\r\n'), verdict: 'incomplete' },
  { name: 'an extension', bytes: chunked('3;a=b\r\nabc\r\n0;c="d\\"e"\r\n\r\n'), verdict: 'ok' },
  { name: 'an extension with a bare line feed', bytes: chunked('3;a\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-extension' },
  { name: 'an extension without a name', bytes: chunked('3;\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-extension' },
  { name: 'an extension with open quotes', bytes: chunked('3;a="b\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-extension' },
  { name: 'an extension with a control character', bytes: chunked('3;a=\x01\r\nabc\r\n0\r\n\r\n'), verdict: '400 chunk-extension' },
  { name: 'an extension without end', bytes: chunked(`3;${'a'.repeat(2_000)}\r\nabc\r\n0\r\n\r\n`), verdict: '400 chunk-extension' },
  { name: 'a trailer', bytes: chunked('0\r\nX-Sum: 1\r\n\r\n') + get(''), verdict: 'ok 2' },
  { name: 'a trailer with a length', bytes: chunked('0\r\nContent-Length: 3\r\n\r\n'), verdict: '400 trailer' },
  { name: 'a trailer that says who the client is', bytes: chunked('0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n'), verdict: '400 trailer' },
  { name: 'a trailer with a space before the colon', bytes: chunked('0\r\nX : 1\r\n\r\n'), verdict: '400 field-name' },
  { name: 'a folded trailer', bytes: chunked('0\r\nX: 1\r\n 2\r\n\r\n'), verdict: '400 line-folded' },
  { name: 'a trailer with a bare line feed', bytes: chunked('0\r\nX: 1\n\r\n'), verdict: '400 field-value' },
  { name: 'trailers without end', bytes: chunked(`0\r\nX: ${'a'.repeat(5_000)}\r\n\r\n`), verdict: '431 fields-too-large' },
  { name: 'more trailers than allowed', bytes: chunked(`0\r\n${'X: 1\r\n'.repeat(33)}\r\n`), verdict: '431 fields-too-many' },

  // What the fields ask for.
  { name: 'an expectation', bytes: post('Expect: 100-continue\r\nContent-Length: 1\r\n', 'x'), verdict: 'ok' },
  { name: 'another expectation', bytes: post('Expect: 200-ok\r\nContent-Length: 1\r\n', 'x'), verdict: '417 expectation' },
  {
    name: 'the last request of a connection, and more',
    bytes: `${get('Connection: close\r\n')}X`,
    verdict: 'ok',
    stricter: { node: 'Node reads on behind the last request; we do not' },
  },
  { name: 'HTTP/1.0 that stays', bytes: 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'.repeat(2), verdict: 'ok 2' },
  {
    name: 'a WebSocket',
    bytes: get(
      'Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
    ),
    verdict: 'ok',
  },
  {
    name: 'a WebSocket without its key',
    bytes: get('Connection: Upgrade\r\nUpgrade: websocket\r\n'),
    verdict: 'ok',
    stricter: { haproxy: 'HAProxy needs the key where it speaks HTTP/2 to the server; here the target judges it' },
  },
]
