import type { Asked } from './framing.ts'
import type { ReadMessage, Reading } from './messages.fixture.ts'
import { refuse } from './refusal.ts'

/** What Node's parser is, for those who know where it lies. It is not documented; only tests use it. */
interface NodeParser {
  initialize(kind: number, resource: object, maxHeaderBytes: number, lenient: number): void
  execute(bytes: Buffer): number | Error
  finish(): Error | undefined
  [callback: number]: unknown
}

interface NodeParserConstructor {
  new (): NodeParser
  readonly REQUEST: number
  readonly RESPONSE: number
  readonly kLenientNone: number
  readonly kOnHeaders: number
  readonly kOnHeadersComplete: number
  readonly kOnBody: number
  readonly kOnMessageComplete: number
}

const builtin: unknown = process.getBuiltinModule('_http_common')
const { HTTPParser, methods } = builtin as { readonly HTTPParser: NodeParserConstructor; readonly methods: readonly string[] }

/** Methods that llhttp knows; it refuses all others. */
export const llhttpMethods: ReadonlySet<string> = new Set(methods)

const MOST_HEADER_BYTES = 16_384
/** What `kOnHeadersComplete` may answer: go on; there is no body; this is not HTTP any more. */
const GO_ON = 0
const NO_BODY = 1
const NOT_HTTP = 2

/** Reads the same as `readRequests`, or with `asked` as `readResponses`, with llhttp as strict as Node has it. */
export function llhttpReading(bytes: Buffer, asked?: Asked): Reading {
  const parser = new HTTPParser()
  const messages: ReadMessage[] = []
  let fields: string[] = []
  let flushedUrl = ''
  let start: string | undefined
  let body = ''
  let last = false
  parser[HTTPParser.kOnHeaders] = (more: string[], url: string) => {
    // A head with many fields comes in portions. Trailers come this way too.
    if (start !== undefined) return
    fields.push(...more)
    flushedUrl += url
  }
  parser[HTTPParser.kOnHeadersComplete] = (...head: readonly unknown[]): number => {
    const [, , few, method, url, status, , upgrade] = head
    if (Array.isArray(few)) fields.push(...few)
    start = asked ? String(status) : `${methods[Number(method)]} ${typeof url === 'string' ? url : flushedUrl}`
    if (!asked) {
      last ||= upgrade === true
      return methods[Number(method)] === 'CONNECT' ? NOT_HTTP : GO_ON
    }
    if (status === 101 || (asked.method === 'CONNECT' && Number(status) >= 200 && Number(status) < 300)) {
      last = true
      return NOT_HTTP
    }
    return asked.method === 'HEAD' || Number(status) < 200 ? NO_BODY : GO_ON
  }
  parser[HTTPParser.kOnBody] = (data: Buffer) => {
    body += data.toString('latin1')
  }
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (start !== undefined) messages.push({ start, fields, body })
    fields = []
    flushedUrl = ''
    start = undefined
    body = ''
  }
  parser.initialize(asked ? HTTPParser.RESPONSE : HTTPParser.REQUEST, {}, MOST_HEADER_BYTES, HTTPParser.kLenientNone)
  const result = parser.execute(bytes)
  if (result instanceof Error) {
    const code = 'code' in result ? String(result.code) : ''
    if (code === 'HPE_CLOSED_CONNECTION') return { messages, end: 'last' }
    return { messages, end: refuse(400, code === 'HPE_INVALID_METHOD' ? 'method' : 'status-line', code) }
  }
  if (last) return { messages, end: start === undefined ? 'last' : 'incomplete' }
  return { messages, end: parser.finish() === undefined ? 'clean' : 'incomplete' }
}

/** Reads these heads again and again with one parser, as a connection that is kept does. */
export function llhttpHeads(bytes: Buffer): () => void {
  const parser = new HTTPParser()
  parser[HTTPParser.kOnHeadersComplete] = () => GO_ON
  parser[HTTPParser.kOnMessageComplete] = () => {}
  parser.initialize(HTTPParser.REQUEST, {}, MOST_HEADER_BYTES, HTTPParser.kLenientNone)
  return () => {
    if (parser.execute(bytes) instanceof Error) throw new Error('llhttp refuses')
  }
}
