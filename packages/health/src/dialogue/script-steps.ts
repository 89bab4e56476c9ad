import { failed, passed } from '../failure.ts'
import { compilePattern } from '../pattern.ts'
import { type Cut, upTo } from './inbox.ts'
import { type Dialogue, end, type Part, read, send, startTls } from './moves.ts'

/** One step of a script. */
export type ScriptStep =
  /** Sends a text as UTF-8, as it is: a line needs its own `\r\n`. */
  | { readonly send: string }
  /** Sends bytes: `0d0a`, `0D 0A`. */
  | { readonly sendHex: string }
  /**
   * Waits for a text, or for a match of a pattern, anywhere in what comes. The next step looks at what follows it.
   * With `unless`, what comes instead fails the script at once, so that it does not have to wait for its deadline.
   */
  | { readonly expect: Expected; readonly unless?: Expected | undefined }
  /** Waits for bytes. */
  | { readonly expectHex: string }
  /** Goes over to TLS. */
  | { readonly startTls: true }

/** A text as it is, or a pattern in RE2's syntax, to which every byte is one character (Latin-1). */
export type Expected = string | { readonly pattern: string }

/** A script as a dialogue: each step in its turn. What a server answers may repeat a secret that was sent, so no detail shows it. */
export function* scriptDialogue(steps: readonly ScriptStep[], maxBytes: number): Dialogue {
  let readBytes = 0
  for (const [index, step] of steps.entries()) {
    const where = `step ${index + 1}`
    if ('send' in step) yield* send(step.send)
    else if ('sendHex' in step) yield* send(fromHex(step.sendHex))
    else if ('startTls' in step) yield* startTls()
    else if ('expectHex' in step)
      readBytes += yield* waitFor(where, { wanted: upTo(fromHex(step.expectHex)), name: shown('', step.expectHex), maxBytes })
    else readBytes += yield* waitFor(where, wish(step, maxBytes))
  }
  return passed(`${steps.length} ${steps.length === 1 ? 'step' : 'steps'}, ${readBytes} bytes read`)
}

interface Wish {
  readonly wanted: Cut
  readonly unwanted?: Cut | undefined
  readonly name: string
  readonly maxBytes: number
}

function wish({ expect, unless }: { readonly expect: Expected; readonly unless?: Expected | undefined }, maxBytes: number): Wish {
  return { wanted: cutFor(expect), unwanted: unless === undefined ? undefined : cutFor(unless), name: nameOf(expect), maxBytes }
}

/** @returns how many bytes it took */
function* waitFor(where: string, { wanted, unwanted, name, maxBytes }: Wish): Part<number> {
  let refused = false
  const cut: Cut = (bytes) => {
    const good = wanted(bytes)
    const bad = unwanted?.(bytes)
    // Whichever ends first has come first.
    refused = bad !== undefined && (good === undefined || bad < good)
    return refused ? bad : good
  }
  const bytes = yield* read({ what: `${name} (${where})`, cut, maxBytes, tooLong: 'unexpected' })
  if (refused) return yield* end(failed('unexpected', `what must not come has come instead of ${name} (${where})`))
  return bytes.length
}

function cutFor(expected: Expected): Cut {
  if (typeof expected === 'string') return upTo(Buffer.from(expected))
  const pattern = compilePattern(expected.pattern)
  return (bytes) => pattern?.endOfMatch(bytes.toString('latin1'))
}

function nameOf(expected: Expected): string {
  return typeof expected === 'string' ? shown('"', expected) : shown('/', expected.pattern)
}

/** Short, so that the number of the step behind it is seen too. */
function shown(mark: '' | '"' | '/', text: string): string {
  return `${mark}${text.length > 40 ? `${text.slice(0, 37)}...` : text}${mark}`
}

/** @returns undefined for what is no row of whole bytes */
export function parseHex(text: string): Buffer | undefined {
  const digits = text.replaceAll(/\s+/g, '')
  return /^(?:[\da-f]{2})+$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined
}

function fromHex(text: string): Buffer {
  return parseHex(text) ?? Buffer.alloc(0)
}
