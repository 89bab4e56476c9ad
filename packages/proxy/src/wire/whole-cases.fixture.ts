/** One connection's worth of bytes to a proxy with a real origin behind it. */
export interface WholeCase {
  readonly name: string
  /** One character, one byte; `END` follows where nothing else is said. */
  readonly bytes: string
  /** The statuses that the client sees, in order, of `END` too; `waits` where it is waited for more. */
  readonly answers: string
  /** What the origin has read whole: `GET /path`, with the length of a body behind it; without `END`. */
  readonly arrives: readonly string[]
  /** Nothing follows. */
  readonly alone?: true
}

/** The last request on each connection: who answers it has found the end of what came before. */
export const END = 'GET /end HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'

const H = 'Host: a.example\r\n'
/** Whoever reads this as a request, and not as what it is a part of, has been tricked. */
const HIDDEN = `GET /hidden HTTP/1.1\r\n${H}\r\n`
const HIDDEN_CHUNK = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`
const LENGTH = HIDDEN.length

function wholeCase(name: string, bytes: string, answers: string = '400', arrives: readonly string[] = []): WholeCase {
  return { name, bytes, answers, arrives }
}

function post(fields: string, body: string): string {
  return `POST /post HTTP/1.1\r\n${H}${fields}\r\n\r\n${body}`
}

function get(fields: string): string {
  return `GET /get HTTP/1.1\r\n${H}${fields}${fields === '' ? '' : '\r\n'}\r\n`
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked', body)
}

/** A length for one reader and a coding for the other. */
const bothWays: readonly WholeCase[] = [
  wholeCase('CL.TE', post(`Content-Length: ${LENGTH + 5}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${HIDDEN}`)),
  wholeCase('TE.CL', post('Transfer-Encoding: chunked\r\nContent-Length: 4', HIDDEN_CHUNK)),
  wholeCase(
    'CL.TE in HTTP/1.0',
    `POST /post HTTP/1.0\r\nContent-Length: ${LENGTH + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  ),
  wholeCase('CL.TE, the coding in capitals', post(`Content-Length: ${LENGTH + 5}\r\nTRANSFER-ENCODING: CHUNKED`, `0\r\n\r\n${HIDDEN}`)),
  ...(
    [
      ['a space before the colon', 'Transfer-Encoding : chunked'],
      ['a tab before the colon', 'Transfer-Encoding\t: chunked'],
      ['a tab before the word', 'Transfer-Encoding:\tchunked'],
      ['a space before the name', ' Transfer-Encoding: chunked'],
      ['a tab before the name', '\tTransfer-Encoding: chunked'],
      ['a vertical tab before the word', 'Transfer-Encoding: \x0bchunked'],
      ['a form feed before the word', 'Transfer-Encoding: \x0cchunked'],
      ['NUL behind the word', 'Transfer-Encoding: chunked\0'],
      ['a byte beyond ASCII behind the word', 'Transfer-Encoding: chunked\xa0'],
      ['a bare line feed before it', 'X: x\nTransfer-Encoding: chunked'],
      ['a bare carriage return before it', 'X: x\rTransfer-Encoding: chunked'],
      ['a line feed in the name', 'Transfer-Encoding\n: chunked'],
      ['a folded line', 'Transfer-Encoding:\r\n chunked'],
      ['another word', 'Transfer-Encoding: xchunked'],
      ['half a word', 'Transfer-Encoding: chunk'],
      ['quotes', 'Transfer-Encoding: "chunked"'],
      ['a parameter', 'Transfer-Encoding: chunked;q=1'],
      ['an empty coding before', 'Transfer-Encoding: , chunked'],
      ['another coding behind', 'Transfer-Encoding: chunked, identity'],
      ['two of it', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity'],
      ['an underscore', 'Transfer_Encoding: chunked'],
      ['a NUL in the name', 'Transfer-Encoding\0: chunked'],
    ] as const
  ).map(([what, line]) =>
    wholeCase(`a length, and a coding with ${what}`, post(`Content-Length: ${LENGTH + 5}\r\n${line}`, `0\r\n\r\n${HIDDEN}`)),
  ),
  wholeCase('gzip and chunked', post('Transfer-Encoding: gzip, chunked', HIDDEN_CHUNK), '501'),
]

const lengths: readonly WholeCase[] = [
  wholeCase('two lengths', post(`Content-Length: 0\r\nContent-Length: ${LENGTH}`, HIDDEN)),
  wholeCase('two lengths, the other way round', post(`Content-Length: ${LENGTH}\r\nContent-Length: 0`, HIDDEN)),
  wholeCase('a list of lengths', post(`Content-Length: 0, ${LENGTH}`, HIDDEN)),
  wholeCase('a length with a plus', post(`Content-Length: +${LENGTH}`, HIDDEN)),
  wholeCase('a length below zero', post('Content-Length: -1', HIDDEN)),
  wholeCase('a length in hexadecimal', post(`Content-Length: 0x${LENGTH.toString(16)}`, HIDDEN)),
  wholeCase('a length with a space in it', post(`Content-Length: ${LENGTH} 0`, HIDDEN)),
  wholeCase('a length with an underscore', post(`Content-Length: ${LENGTH}\r\nContent_Length: 0`, HIDDEN)),
  wholeCase('a length behind a vertical tab', post(`Content-Length: \x0b${LENGTH}`, HIDDEN)),
  wholeCase('a length with a space before the colon', post(`Content-Length : ${LENGTH}`, HIDDEN)),
  wholeCase('an empty length', post('Content-Length:', HIDDEN)),
  wholeCase('a length beyond all counting', post('Content-Length: 99999999999999999999', HIDDEN)),
  wholeCase('a length that Connection takes off', post(`Content-Length: ${LENGTH}\r\nConnection: Content-Length`, HIDDEN)),
  wholeCase(
    'a GET with a body that looks like a request',
    `GET /get HTTP/1.1\r\n${H}Content-Length: ${LENGTH}\r\n\r\n${HIDDEN}`,
    '200 200',
    [`GET /get ${LENGTH}`],
  ),
  wholeCase(
    'a GET in HTTP/1.0 with such a body',
    `GET /get HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: ${LENGTH}\r\n\r\n${HIDDEN}`,
  ),
  wholeCase('a HEAD with such a body', `HEAD /head HTTP/1.1\r\n${H}Content-Length: ${LENGTH}\r\n\r\n${HIDDEN}`, '200 200', [
    `HEAD /head ${LENGTH}`,
  ]),
  wholeCase('a POST of that length', post(`Content-Length: ${LENGTH}`, HIDDEN), '200 200', [`POST /post ${LENGTH}`]),
  wholeCase(
    'a POST that waits for 100, and sends all the same',
    post(`Expect: 100-continue\r\nContent-Length: ${LENGTH}`, HIDDEN),
    '200 200',
    [`POST /post ${LENGTH}`],
  ),
  wholeCase('an expectation that nobody knows', post(`Expect: more\r\nContent-Length: ${LENGTH}`, HIDDEN), '417'),
]

const chunks: readonly WholeCase[] = [
  wholeCase('chunks that look like a request', chunked(HIDDEN_CHUNK), '200 200', [`POST /post ${LENGTH}`]),
  wholeCase('ten thousand chunks of one byte', chunked(`${'1\r\nx\r\n'.repeat(10_000)}0\r\n\r\n`), '200 200', ['POST /post 10000']),
  wholeCase('a request behind the last chunk', chunked('0\r\n\r\n') + HIDDEN, '200 200 200', ['POST /post', 'GET /hidden']),
  wholeCase('a chunk longer than its size', chunked(`3\r\nabcd\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a chunk shorter than its size', chunked(`5\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a chunk that ends with a line feed', chunked(`3\r\nabc\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size that ends with a line feed', chunked(`3\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size that ends with a carriage return', chunked(`3\rabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size with a sign', chunked(`+3\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size below zero', chunked(`-3\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size with a prefix', chunked(`0x3\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size with a space behind', chunked(`3 \r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size beyond 64 bits', chunked(`10000000000000003\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a size of 32 bits, all set', chunked(`ffffffff\r\nabc\r\n0\r\n\r\n`), 'waits'),
  wholeCase('an empty size', chunked(`\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('a thousand zeros before a size', chunked(`${'0'.repeat(1_000)}3\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('an extension', chunked('3;a="b;c"\r\nabc\r\n0;d\r\n\r\n'), '200 200', ['POST /post 3']),
  wholeCase('an extension that ends with a line feed', chunked(`3;a\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase(
    'an extension that is empty, with a line feed behind',
    chunked(`2;\nxx\r\n${HIDDEN.length.toString(16)}\r\n0\r\n\r\n${HIDDEN}\r\n0\r\n\r\n`),
  ),
  wholeCase('an extension with a line end in quotes', chunked(`3;a="\r\n"\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  wholeCase('an extension of 100,000 bytes', chunked(`3;a=${'b'.repeat(100_000)}\r\nabc\r\n0\r\n\r\n`)),
  wholeCase('a thousand chunks with extensions', chunked(`${'1;abcdefgh\r\nx\r\n'.repeat(1_000)}0\r\n\r\n`)),
  wholeCase('a last chunk with an extension without a name', chunked(`3\r\nabc\r\n0;\r\n\r\n${HIDDEN}`)),
  wholeCase('a trailer', chunked(`0\r\nX-Sum: 1\r\n\r\n`), '200 200', ['POST /post']),
  wholeCase('a trailer that is a length', chunked(`0\r\nContent-Length: ${LENGTH}\r\n\r\n${HIDDEN}`)),
  wholeCase('a trailer that is a coding', chunked(`0\r\nTransfer-Encoding: chunked\r\n\r\n${HIDDEN}`)),
  wholeCase('a trailer that is a request', chunked(`0\r\n${HIDDEN}`)),
  wholeCase('trailers of 100,000 bytes', chunked(`0\r\n${`X: ${'a'.repeat(96)}\r\n`.repeat(1_000)}\r\n`), '431'),
]

const lines: readonly WholeCase[] = [
  wholeCase('bare line feeds', 'GET /get HTTP/1.1\nHost: a.example\n\n'),
  wholeCase('a bare line feed as the empty line', `GET /get HTTP/1.1\r\n${H}\n`),
  wholeCase('a bare line feed that hides a request', get(`X: x\n\n${HIDDEN}`)),
  wholeCase('a bare carriage return that hides a field', get('X: x\rHost: b.example')),
  wholeCase('NUL in a value', get('X: a\0b')),
  wholeCase('NUL in a name', get('X\0: a')),
  wholeCase('NUL in the path', `GET /a\0b HTTP/1.1\r\n${H}\r\n`),
  wholeCase('a folded value', get('X: a\r\n b')),
  wholeCase('a name that is empty', get(': a')),
  wholeCase('a line without a colon', get('Hello')),
  wholeCase('two versions', `GET /get HTTP/1.1 HTTP/1.1\r\n${H}\r\n`),
  wholeCase('a tab in the request line', `GET\t/get HTTP/1.1\r\n${H}\r\n`),
  wholeCase('two spaces in the request line', `GET  /get HTTP/1.1\r\n${H}\r\n`),
  wholeCase('no version', `GET /get\r\n${H}\r\n`),
  wholeCase('HTTP/2.0', `GET /get HTTP/2.0\r\n${H}\r\n`, '505'),
  wholeCase('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505'),
  wholeCase('a TLS greeting', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n'),
  wholeCase('a method in small letters', `get /get HTTP/1.1\r\n${H}\r\n`),
  wholeCase('no path', `GET HTTP/1.1\r\n${H}\r\n`),
  wholeCase('two empty lines before', `\r\n\r\n${get('')}`, '400'),
  wholeCase('an empty line before', `\r\n${get('')}`, '200 200', ['GET /get']),
]

const places: readonly WholeCase[] = [
  wholeCase('no Host', 'GET /get HTTP/1.1\r\n\r\n'),
  wholeCase('two Hosts', get('Host: b.example')),
  wholeCase('an empty Host', 'GET /get HTTP/1.1\r\nHost:\r\n\r\n'),
  wholeCase('a Host with a user', 'GET /get HTTP/1.1\r\nHost: u@a.example\r\n\r\n'),
  wholeCase('a Host with a path', 'GET /get HTTP/1.1\r\nHost: a.example/x\r\n\r\n'),
  wholeCase('a Host that is a list', 'GET /get HTTP/1.1\r\nHost: a.example, b.example\r\n\r\n'),
  wholeCase('a URL that contradicts Host', `GET http://b.example/get HTTP/1.1\r\n${H}\r\n`),
  wholeCase('a URL of the same host', `GET http://a.example/get HTTP/1.1\r\n${H}\r\n`, '200 200', ['GET /get']),
  wholeCase('a Host that Connection takes off', get('Connection: Host')),
  wholeCase('CONNECT', `CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n${HIDDEN}`, '405'),
  wholeCase('TRACE', `TRACE /get HTTP/1.1\r\n${H}\r\n`, '405 200'),
  wholeCase('OPTIONS of the server', `OPTIONS * HTTP/1.1\r\n${H}\r\n`, '400 200'),
  wholeCase('a path out of the root', `GET /../../get HTTP/1.1\r\n${H}\r\n`, '200 200', ['GET /../../get']),
  wholeCase('an escape that is none', `GET /a%zz HTTP/1.1\r\n${H}\r\n`),
]

const sizes: readonly WholeCase[] = [
  wholeCase('a path of 8,000 bytes', `GET /${'a'.repeat(7_999)} HTTP/1.1\r\n${H}\r\n`, '200 200', [`GET /${'a'.repeat(7_999)}`]),
  wholeCase('a path of 20,000 bytes', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${H}\r\n`, '414'),
  wholeCase('a path of a megabyte', `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\n${H}\r\n`, '414'),
  wholeCase('90 fields', get(Array.from({ length: 90 }, (_none, index) => `X-${index}: 1`).join('\r\n')), '200 200', ['GET /get']),
  wholeCase('101 fields', get(Array.from({ length: 101 }, (_none, index) => `X-${index}: 1`).join('\r\n')), '431'),
  wholeCase('10,000 fields', get(Array.from({ length: 10_000 }, () => 'X: 1').join('\r\n')), '431'),
  wholeCase('a field of 20,000 bytes', get(`X: ${'a'.repeat(20_000)}`), '431'),
  wholeCase('a field of a megabyte', get(`X: ${'a'.repeat(1_000_000)}`), '431'),
  wholeCase('a name of 20,000 bytes', get(`${'X'.repeat(20_000)}: 1`), '431'),
  wholeCase('a method of 20,000 letters', `${'A'.repeat(20_000)} /get HTTP/1.1\r\n${H}\r\n`, '501'),
  wholeCase('a body of a megabyte', post('Content-Length: 1000000', 'x'.repeat(1_000_000)), '200 200', ['POST /post 1000000']),
]

const connections: readonly WholeCase[] = [
  wholeCase(
    'fifty requests at once',
    get('').repeat(50),
    `${'200 '.repeat(50)}200`,
    Array.from({ length: 50 }, () => 'GET /get'),
  ),
  wholeCase('a bad one behind a good one', `${get('')}GET /bad HTTP/1.1\r\n\r\n${HIDDEN}`, '200 400', ['GET /get']),
  wholeCase('a good one behind the last one', get('Connection: close') + HIDDEN, '200', ['GET /get']),
  wholeCase('another behind one of HTTP/1.0', `GET /get HTTP/1.0\r\n\r\n${HIDDEN}`, '200', ['GET /get']),
  wholeCase(
    'one behind a WebSocket that is declined',
    `GET /get HTTP/1.1\r\n${H}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n${HIDDEN}`,
    '200',
    ['GET /get'],
  ),
  wholeCase(
    'one behind a wish for HTTP/2',
    get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'),
    '200 200',
    ['GET /get'],
  ),
  wholeCase('a Connection with quotes', get('Connection: "close, x"'), '400'),
  { ...wholeCase('a body that ends too early', post('Content-Length: 10', 'abc'), 'waits'), alone: true },
  { ...wholeCase('chunks that end too early', chunked('5\r\nhello\r\n'), 'waits'), alone: true },
  { ...wholeCase('half a head', 'GET /get HTTP/1.1\r\nHost: a', 'waits'), alone: true },
]

export const wholeCases: readonly WholeCase[] = [...bothWays, ...lengths, ...chunks, ...lines, ...places, ...sizes, ...connections]
