import { spells } from './bytes.ts'
import { CONNECTION, CONTENT_LENGTH, HOST, KNOWN_NAMES } from './field-names.ts'
import type { FieldLines } from './field-lines.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What `Connection` says (RFC 9110, 7.6.1), all of its lines together. */
export interface ConnectionOptions {
  readonly kind: 'options'
  readonly close: boolean
  readonly keepAlive: boolean
  readonly upgrade: boolean
  /** Fields that are meant for this connection alone, in small letters, beside those that always are. */
  readonly named: ReadonlySet<string>
}

const NAMES_NONE: ReadonlySet<string> = new Set()
const SILENT: ConnectionOptions = options({})
const KEEP_ALIVE: ConnectionOptions = options({ keepAlive: true })
const CLOSE: ConnectionOptions = options({ close: true })
const UPGRADE: ConnectionOptions = options({ upgrade: true })

const WORDS: readonly (readonly [word: Readonly<Uint8Array>, options: ConnectionOptions])[] = [
  [Buffer.from('keep-alive', 'latin1'), KEEP_ALIVE],
  [Buffer.from('close', 'latin1'), CLOSE],
  [Buffer.from('upgrade', 'latin1'), UPGRADE],
]

/** To take one of these off would leave the message without its end, or without where it wants to go. */
const NEVER_NAMED: readonly string[] = [KNOWN_NAMES[HOST]!, KNOWN_NAMES[CONTENT_LENGTH]!]

export function connectionOptions(fields: FieldLines): ConnectionOptions | Refusal {
  const line = fields.indexOf(CONNECTION)
  if (line === -1) return SILENT
  if (!fields.hasTwice(CONNECTION)) {
    const from = fields.valueStart(line)
    const to = fields.valueEnd(line)
    for (const [word, meaning] of WORDS) {
      if (spells(fields.bytes, from, to, word)) return meaning
    }
  }
  return readLists(fields)
}

/** Empty between its commas, or a token; HAProxy reads a list with quotes in another way. */
const OPTION = /^[\t ]*([\w!#$%&'*+.^`|~-]*)[\t ]*$/

function readLists(fields: FieldLines): ConnectionOptions | Refusal {
  const named = new Set<string>()
  for (let line = 0; line < fields.count; line += 1) {
    if (fields.kind(line) !== CONNECTION) continue
    for (const part of fields.value(line).toLowerCase().split(',')) {
      const option = OPTION.exec(part)?.[1]
      if (option === undefined) return refuse(400, 'connection-option', 'Connection is no list of tokens')
      named.add(option)
    }
  }
  if (NEVER_NAMED.some((name) => named.has(name))) {
    return refuse(400, 'connection-option', 'Connection names a field that the message cannot do without')
  }
  return options({ close: named.delete('close'), keepAlive: named.delete('keep-alive'), upgrade: named.delete('upgrade'), named })
}

function options(given: Partial<ConnectionOptions>): ConnectionOptions {
  return { kind: 'options', close: false, keepAlive: false, upgrade: false, named: NAMES_NONE, ...given }
}

/** Whether the connection may carry another message after this one (RFC 9112, 9.3). */
export function persists({ close, keepAlive }: ConnectionOptions, minorVersion: 0 | 1): boolean {
  return !close && (minorVersion === 1 || keepAlive)
}
