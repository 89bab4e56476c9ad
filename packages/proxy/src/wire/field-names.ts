import { HOP_BY_HOP } from '../headers.ts'
import { lower } from './bytes.ts'

/** A field that the engine knows by name. Small numbers: they are kept beside each line and used as bits. */
export type FieldKind = number

export const OTHER: FieldKind = 0
export const HOST: FieldKind = 1
export const CONNECTION: FieldKind = 2
export const CONTENT_LENGTH: FieldKind = 3
export const TRANSFER_ENCODING: FieldKind = 4
export const EXPECT: FieldKind = 5
export const UPGRADE: FieldKind = 6
/** `Forwarded`, `X-Real-IP`, and all that begins with `X-Forwarded`. */
export const FORWARDING: FieldKind = 13
/**
 * One of the last, written with underscores. CGI, WSGI and their like put `X_Forwarded_For` and `X-Forwarded-For` into
 * the same variable, so one is as good as the other for a client that lies.
 */
export const FORWARDING_ALIAS: FieldKind = 14
/** One of the others, written with underscores: `Content_Length`. */
export const ALIAS: FieldKind = 15
/** Of an answer: whether it must be added. */
export const DATE: FieldKind = 16
/** How many kinds there are. */
export const KINDS = 17

/** Those with a constant, each at the place of its kind. */
const NAMED: readonly string[] = ['', 'host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade']

/** Each at the place of its kind. Those without a constant are known only so that the head's writer can leave them out. */
export const KNOWN_NAMES: readonly string[] = [...NAMED, ...[...HOP_BY_HOP].filter((name) => !NAMED.includes(name))]

interface KnownName {
  readonly kind: FieldKind
  readonly aliasKind: FieldKind
  readonly bytes: Readonly<Uint8Array>
}

const X_FORWARDED = knownName('x-forwarded', FORWARDING, FORWARDING_ALIAS)

const BY_LENGTH: readonly (readonly KnownName[])[] = byLength([
  ...KNOWN_NAMES.slice(1).map((name, index) => knownName(name, index + 1, ALIAS)),
  knownName('forwarded', FORWARDING, FORWARDING_ALIAS),
  knownName('date', DATE, DATE),
  knownName('x-real-ip', FORWARDING, FORWARDING_ALIAS),
])

/** Which field it is, by the bytes of its name, in any case. The name is a token. */
export function fieldKind(bytes: Buffer, from: number, to: number): FieldKind {
  const first = lower(bytes[from]!)
  const candidates = BY_LENGTH[to - from]
  if (candidates !== undefined) {
    for (const candidate of candidates) {
      if (candidate.bytes[0] !== first) continue
      const kind = startsWith(bytes, from, candidate)
      if (kind !== OTHER) return kind
    }
  }
  return first === X_FORWARDED.bytes[0] ? xForwarded(bytes, from, to) : OTHER
}

const HYPHEN = 0x2d
const UNDERSCORE = 0x5f

/** `X-Forwarded`, or that and a hyphen and more. */
function xForwarded(bytes: Buffer, from: number, to: number): FieldKind {
  const behind = from + X_FORWARDED.bytes.length
  if (behind > to) return OTHER
  if (behind < to && bytes[behind] !== HYPHEN && bytes[behind] !== UNDERSCORE) return OTHER
  const kind = startsWith(bytes, from, X_FORWARDED)
  return kind !== OTHER && behind < to && bytes[behind] === UNDERSCORE ? FORWARDING_ALIAS : kind
}

function startsWith(bytes: Buffer, from: number, name: KnownName): FieldKind {
  let kind = name.kind
  for (let index = 0; index < name.bytes.length; index += 1) {
    const byte = lower(bytes[from + index]!)
    if (byte === name.bytes[index]) continue
    if (byte !== UNDERSCORE || name.bytes[index] !== HYPHEN) return OTHER
    kind = name.aliasKind
  }
  return kind
}

function knownName(name: string, kind: FieldKind, aliasKind: FieldKind): KnownName {
  return { kind, aliasKind, bytes: Buffer.from(name, 'latin1') }
}

function byLength(names: readonly KnownName[]): readonly (readonly KnownName[])[] {
  const longest = Math.max(...names.map(({ bytes }) => bytes.length))
  return Array.from({ length: longest + 1 }, (_none, length) => names.filter(({ bytes }) => bytes.length === length))
}
