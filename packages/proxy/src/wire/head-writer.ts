import { type ClientFacts, type FlatHeaders, requestHeaders, responseHeaders } from '../headers.ts'
import { CONTENT_LENGTH, DATE, FORWARDING, FORWARDING_ALIAS, KINDS, KNOWN_NAMES, OTHER } from './field-names.ts'
import type { Framing } from './framing.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

// Which fields go no further is said in headers.ts, and asked of it here, once for each name. (In capitals: what it adds
// of its own is in small letters.)
const NOBODY: ClientFacts = { address: '', protocol: 'http', host: '' }
const DROPPED_FROM_REQUEST = dropped((name) => requestHeaders([name, ''], NOBODY, 'replace')[0] !== name)
const DROPPED_FROM_RESPONSE = dropped((name) => responseHeaders([name, '']).length === 0)

/** What a client's requests say of it to the target: `Host`, `Forwarded` and its kin, `Via`. Kept for one connection. */
export class ClientFields {
  readonly #client: Omit<ClientFacts, 'host'>
  readonly #mode: 'replace' | 'append'
  #host: string | undefined
  #lines = ''

  constructor(client: Omit<ClientFacts, 'host'>, mode: 'replace' | 'append') {
    this.#client = client
    this.#mode = mode
  }

  lines(head: RequestHead): string {
    const { fields, host } = head
    if (this.#mode === 'append' && fields.has(FORWARDING)) return this.#write(host, forwardingFields(head))
    // The next request on a connection is nearly always for the same host.
    if (this.#host !== host) {
      this.#lines = this.#write(host, [])
      this.#host = host
    }
    return this.#lines
  }

  #write(host: string, received: FlatHeaders): string {
    return asLines(requestHeaders(received, { ...this.#client, host }, this.#mode))
  }
}

/**
 * The head of a request as the target gets it: the line in origin-form and HTTP/1.1, the fields that go on as they are,
 * what the proxy says of the client, and the body's framing in our own words, so that what we have understood is
 * what the target reads. One character is one byte, to be sent as latin1: a socket takes such a text with one copy.
 *
 * @param upgrade ask for this protocol; without it no wish of the client's to change goes on
 */
export function writeRequestHead(head: RequestHead, client: ClientFields, upgrade?: string): string {
  const fields = keptFields(head, DROPPED_FROM_REQUEST)
  const wish = upgrade === undefined ? '' : upgradeLines(upgrade)
  return `${head.method} ${writtenTarget(head)} HTTP/1.1\r\n${fields}${client.lines(head)}${framingLine(head.framing)}${wish}\r\n`
}

/** How an answer goes to the client. */
export interface ResponsePlan {
  /** Where the body ends for the client; other than the target's, if it is put into other words on the way. */
  readonly framing: Framing
  /** In `Connection`, as a client of HTTP/1.0 or one that is to leave must be told; undefined says nothing. */
  readonly connection?: 'close' | 'keep-alive' | undefined
  readonly upgrade?: string | undefined
  /** For an answer that says nothing of when it was made: who passes it on and has a clock adds that (RFC 9110, 6.6.1). */
  readonly date?: string | undefined
}

/** The head of an answer as the client gets it; as latin1, too. */
export function writeResponseHead(head: ResponseHead, plan: ResponsePlan): string {
  const reason = head.bytes.toString('latin1', head.reasonStart, head.reasonEnd)
  const fields = keptFields(head, DROPPED_FROM_RESPONSE)
  const framing = `${lengthOfNoBody(head, plan)}${framingLine(plan.framing)}`
  const date = plan.date === undefined || head.fields.has(DATE) ? '' : `date: ${plan.date}\r\n`
  return `HTTP/1.1 ${head.status} ${reason}\r\n${fields}${date}${framing}${connectionLines(plan)}\r\n`
}

/** Of the empty line. */
const EMPTY_LINE = 2

/** The lines that go on, as many at a time as lie beside each other. */
function keptFields({ bytes, fields, end, connection }: RequestHead | ResponseHead, drops: Readonly<Uint8Array>): string {
  if (fields.count === 0) return ''
  const { named } = connection
  let kept = ''
  let from = fields.nameStart(0)
  for (let line = 0; line < fields.count; line += 1) {
    if (drops[fields.kind(line)] === 0 && (named.size === 0 || !named.has(fields.name(line).toLowerCase()))) continue
    const to = fields.nameStart(line)
    if (to > from) kept += bytes.toString('latin1', from, to)
    from = line + 1 < fields.count ? fields.nameStart(line + 1) : end - EMPTY_LINE
  }
  return kept + bytes.toString('latin1', from, end - EMPTY_LINE)
}

/** CONNECT keeps its own form. */
function writtenTarget({ target, path }: RequestHead): string {
  return target.form === 'authority' ? target.authority : path
}

/** A length without a body, of an answer to HEAD or a 304, says how long the body would be. */
function lengthOfNoBody({ fields, framing, status }: ResponseHead, plan: ResponsePlan): string {
  const without = framing.kind === 'none' && plan.framing.kind === 'none' && status >= 200 && status !== 204
  return without && fields.has(CONTENT_LENGTH) ? `content-length: ${fields.value(fields.indexOf(CONTENT_LENGTH))}\r\n` : ''
}

function framingLine(framing: Framing): string {
  if (framing.kind === 'length') return `content-length: ${framing.bytes}\r\n`
  return framing.kind === 'chunked' ? 'transfer-encoding: chunked\r\n' : ''
}

function connectionLines({ connection, upgrade }: ResponsePlan): string {
  if (upgrade !== undefined) return upgradeLines(upgrade)
  return connection === undefined ? '' : `connection: ${connection}\r\n`
}

function upgradeLines(protocol: string): string {
  return `connection: Upgrade\r\nupgrade: ${protocol}\r\n`
}

function forwardingFields({ fields, connection }: RequestHead): FlatHeaders {
  const found: string[] = []
  for (let line = 0; line < fields.count; line += 1) {
    if (fields.kind(line) !== FORWARDING) continue
    const name = fields.name(line)
    if (!connection.named.has(name.toLowerCase())) found.push(name, fields.value(line))
  }
  return found
}

function asLines(headers: FlatHeaders): string {
  let lines = ''
  for (let index = 0; index < headers.length; index += 2) lines += `${headers[index]}: ${headers[index + 1]}\r\n`
  return lines
}

/** By kind. The length is written anew from what was understood; forwarding fields are gone through by `ClientFields`. */
function dropped(isDropped: (name: string) => boolean): Readonly<Uint8Array> {
  const drops = Uint8Array.from(KNOWN_NAMES, (name, kind) => (kind !== OTHER && isDropped(name.toUpperCase()) ? 1 : 0))
  const all = new Uint8Array(KINDS)
  all.set(drops)
  all[CONTENT_LENGTH] = 1
  all[FORWARDING] = all[FORWARDING_ALIAS] = isDropped('X-FORWARDED-FOR') ? 1 : 0
  return all
}
