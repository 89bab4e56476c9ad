import { seededRandom, type Random } from '@hotspare/core'
import type { Asked } from './framing.ts'
import { llhttpMethods, llhttpReading } from './llhttp.fixture.ts'
import { type Reading, readRequests, readResponses } from './messages.fixture.ts'
import { requestCases, type WireCase } from './request-cases.fixture.ts'
import { responseCases } from './response-cases.fixture.ts'

/** Good messages, of which most are made, and bad ones. */
const REQUESTS = { good: small(requestCases, true), bad: small(requestCases, false) }
const RESPONSES = { good: small(responseCases, true), bad: small(responseCases, false) }

function small<Item extends WireCase>(cases: readonly Item[], good: boolean): readonly Item[] {
  return cases.filter(({ bytes, verdict }) => bytes.length < 600 && verdict.startsWith('ok') === good)
}

/** What mutations put in: bytes that end, separate or count something; texts that say where a body ends. */
const BYTES = '\r\n\t :;,=+-_0123456789abcfxX/%#?*"\\\0\x0b\x0c\x7f\x80\xa0\xff'
const TEXTS = [
  '\r\n',
  '\r\n\r\n',
  '\n\n',
  '\r\n ',
  ': ',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  ', chunked',
  'HTTP/1.0',
  'HTTP/1.1',
  '000',
  'Host: b\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'TE: trailers\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Connection: Upgrade\r\nUpgrade: x\r\n',
  'Expect: 100-continue\r\n',
  'X-A: 1\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HEAD',
  'CONNECT',
  'OPTIONS',
]
const PIECES: readonly string[] = [...BYTES.split(''), ...TEXTS]

/** One to four changes, mostly one: a byte flipped, put in, taken out, a stretch doubled or taken out, the tail of another message. */
function mutate(message: string, others: readonly WireCase[], random: Random): string {
  let text = message
  for (let left = 1 + below(random, 1 + below(random, 4)); left > 0; left -= 1) {
    const at = below(random, text.length + 1)
    const before = text.slice(0, at)
    const kind = below(random, 12)
    if (kind < 2) text = before + String.fromCharCode(text.charCodeAt(at) ^ (1 << below(random, 8))) + text.slice(at + 1)
    else if (kind < 5) text = before + pick(random, PIECES) + text.slice(at + 1)
    else if (kind < 8) text = before + pick(random, PIECES) + text.slice(at)
    else if (kind < 10) text = before + text.slice(at + 1)
    else if (kind === 10) text = text.slice(0, at + below(random, 40)) + text.slice(at)
    else {
      const other = pick(random, others).bytes
      text = before + other.slice(below(random, other.length))
    }
  }
  return text
}

export interface Disagreement {
  readonly bytes: string
  readonly what: string
  readonly ours: Reading
  readonly theirs: Reading
}

export interface Tally {
  cases: number
  /** Both read the same. */
  same: number
  bothRefused: number
  /** We refuse what llhttp reads. */
  stricter: number
  /** llhttp refuses what has not ended yet, and we will too, whatever comes. */
  earlier: number
  /** llhttp refuses a method that it does not know. */
  unknownMethod: number
  /** llhttp stops at a wish to change the protocol, which HTTP/1.0 knows nothing of (RFC 9110, 7.8). */
  oldUpgrade: number
  readonly reasons: Map<string, number>
  readonly disagreements: Disagreement[]
}

/** Compares our reading of mutated messages with llhttp's, and with our own reading of the same bytes in other pieces. */
export function runDifferential(kind: 'request' | 'response', cases: number, seed: number): Tally {
  const random = seededRandom(seed)
  const tally: Tally = {
    cases,
    same: 0,
    bothRefused: 0,
    stricter: 0,
    earlier: 0,
    unknownMethod: 0,
    oldUpgrade: 0,
    reasons: new Map(),
    disagreements: [],
  }
  for (let done = 0; done < cases; done += 1) {
    const { text, asked } = mutant(kind, random)
    const bytes = Buffer.from(text, 'latin1')
    const ours = read([bytes], asked)
    const inPieces = read(cut(bytes, random), asked)
    if (JSON.stringify(inPieces) === JSON.stringify(ours)) judge({ text, asked, ours, theirs: llhttpReading(bytes, asked) }, tally)
    else tally.disagreements.push({ bytes: text, what: 'the pieces matter', ours, theirs: inPieces })
  }
  return tally
}

/** Mutated messages that we accept, out of so many: the ones that an oracle must not refuse. */
export function acceptedMutants(kind: 'request' | 'response', cases: number, seed: number): Mutant[] {
  const random = seededRandom(seed)
  const mutants = Array.from({ length: cases }, () => mutant(kind, random))
  return mutants.filter(({ text, asked }) => {
    const { messages, end } = read([Buffer.from(text, 'latin1')], asked)
    // An interim answer alone is none.
    const whole = asked === undefined || !/^1(?!01)/.test(messages.at(-1)?.start ?? '1')
    return whole && (end === 'clean' || end === 'last')
  })
}

/** What came of a message; of an answer, to what. */
export interface Mutant {
  readonly text: string
  readonly asked: Asked | undefined
}

function mutant(kind: 'request' | 'response', random: Random): Mutant {
  const good = below(random, 5) > 0 ? 'good' : 'bad'
  const asked = kind === 'response' ? pick(random, RESPONSES.good).asked : undefined
  const from = kind === 'request' ? REQUESTS : RESPONSES
  return { text: mutate(pick<WireCase>(random, from[good]).bytes, from.good, random), asked }
}

interface Case {
  readonly text: string
  readonly asked: Asked | undefined
  readonly ours: Reading
  readonly theirs: Reading
}

function judge(one: Case, tally: Tally): void {
  const { ours, theirs, text } = one
  const weRefuse = typeof ours.end === 'object'
  const theyRefuse = typeof theirs.end === 'object'
  const differ = (what: string) => tally.disagreements.push({ bytes: text, what, ours, theirs })
  if (typeof ours.end === 'object') tally.reasons.set(ours.end.reason, (tally.reasons.get(ours.end.reason) ?? 0) + 1)
  const common = Math.min(ours.messages.length, theirs.messages.length)
  if (JSON.stringify(ours.messages.slice(0, common)) !== JSON.stringify(theirs.messages.slice(0, common))) differ('the messages differ')
  else if (weRefuse && theyRefuse) tally.bothRefused += 1
  else if (weRefuse) tally.stricter += 1
  else if (theyRefuse) {
    const accepted = acceptedBeyond(one)
    if (accepted === undefined) tally.earlier += 1
    else if (llhttpMethods.has(accepted.slice(0, accepted.indexOf(' ')))) differ('llhttp refuses')
    else tally.unknownMethod += 1
  } else if (ours.end === 'last' && theirs.messages.length > common) {
    // `close` wins over `keep-alive` (RFC 9112, 9.3); in HTTP/1.0 llhttp has it the other way.
    tally.stricter += 1
  } else if (theirs.end === 'last' && ours.messages.length > common && isOldUpgrade(text)) tally.oldUpgrade += 1
  else if (ours.messages.length !== theirs.messages.length) differ('the number of messages differs')
  // An empty line may come before the next request: to us it has begun, to llhttp not.
  else if (ours.end === 'incomplete' && theirs.end === 'clean' && /\r\n?$/.test(text)) tally.same += 1
  else if (ours.end !== theirs.end && (ours.end === 'incomplete' || theirs.end === 'incomplete')) differ('the ends differ')
  else tally.same += 1
}

function isOldUpgrade(text: string): boolean {
  return /HTTP\/1\.0\r\n/.test(text) && /\r\nupgrade:/i.test(text) && /\r\nconnection:.*upgrade/i.test(text)
}

/** How a message that has not ended may go on. */
const ENDINGS = [
  '',
  '\n',
  '\r\n',
  '\n\r\n',
  '\r\n\r\n',
  ' / HTTP/1.1\r\nHost: a\r\n\r\n',
  ' HTTP/1.1\r\nHost: a\r\n\r\n',
  'x'.repeat(99),
  '\r\n0\r\n\r\n',
]

/** The start of a message that we read, or might still read, where llhttp has refused. */
function acceptedBeyond({ text, asked, theirs }: Case): string | undefined {
  for (const ending of ENDINGS) {
    const message = read([Buffer.from(text + ending, 'latin1')], asked).messages[theirs.messages.length]
    if (message) return message.start
  }
  return undefined
}

function read(pieces: readonly Buffer[], asked: Asked | undefined): Reading {
  return asked ? readResponses(pieces, asked) : readRequests(pieces)
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = []
  // Copies: what a reader keeps must not depend on a buffer that the network uses again.
  for (let at = 0; at < bytes.length;) {
    const to = Math.min(bytes.length, at + 1 + below(random, below(random, 2) === 0 ? 3 : 60))
    pieces.push(Buffer.from(bytes.subarray(at, to)))
    at = to
  }
  return pieces
}

function below(random: Random, end: number): number {
  return Math.floor(random.next() * end)
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}
