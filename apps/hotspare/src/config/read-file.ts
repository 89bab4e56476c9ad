import { constants, open } from 'node:fs/promises'
import { errorCode, errorText, HotspareError, type WaitOptions, withDeadline } from '@hotspare/core'
import { limits } from './defaults.ts'
import type { Position } from './problem.ts'

/** Reads a file, or as much of it as shows that it is longer than `maxBytes`. */
export type ReadFile = (path: string, options: { readonly maxBytes: number; readonly signal: AbortSignal }) => Promise<Uint8Array>

/** Reads at most one byte more than `maxBytes`, so that `/dev/zero` ends too. */
export const readFileBounded: ReadFile = async (path, { maxBytes, signal }) => {
  // A pipe that nobody writes to would hold the opening up for ever, and the end of the process with it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    while (size <= maxBytes) {
      signal.throwIfAborted()
      const { bytesRead, buffer } = await handle.read({ buffer: new Uint8Array(Math.min(maxBytes + 1 - size, CHUNK_BYTES)) })
      if (bytesRead === 0) break
      chunks.push(buffer.subarray(0, bytesRead))
      size += bytesRead
    }
    return Buffer.concat(chunks)
  } finally {
    await handle.close()
  }
}

const CHUNK_BYTES = 65_536

/** The text of a file, or why there is none, for people. */
export type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly at?: Position }

/** Reads a text file of at most `maxBytes` within {@link limits}`.readTimeoutMs`. Never throws, except for the caller's own abort. */
export async function readText(readFile: ReadFile, path: string, maxBytes: number, options: WaitOptions = {}): Promise<TextReading> {
  try {
    const bytes = await withDeadline('config', limits.readTimeoutMs, (signal) => readFile(path, { maxBytes, signal }), options)
    if (bytes.length > maxBytes) return { ok: false, reason: `is larger than ${maxBytes / 1_024} KiB` }
    return decode(bytes)
  } catch (error) {
    options.signal?.throwIfAborted()
    return { ok: false, reason: `cannot be read: ${reasonOf(error)}` }
  }
}

const REASONS = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
])

function reasonOf(error: unknown): string {
  if (HotspareError.is(error)) return `no answer within ${limits.readTimeoutMs / 1_000} s`
  const code = errorCode(error) ?? ''
  return REASONS.get(code) ?? (code || errorText(error))
}

/** UTF-8, with or without a byte order mark; the mark is taken off. */
export function decode(bytes: Uint8Array): TextReading {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { ok: false, reason: 'is UTF-16, not UTF-8' }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const bad = firstDifference(Buffer.from(text), bytes)
  if (bad !== undefined) return { ok: false, reason: 'is not UTF-8 text', at: positionAt(new TextDecoder().decode(bytes.subarray(0, bad))) }
  return { ok: true, text: text.replace(/^\uFEFF/, '') }
}

/** What could not be decoded comes back as another character. */
function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  const index = one.findIndex((byte, at) => byte !== other[at])
  if (index >= 0) return index
  return one.length === other.length ? undefined : one.length
}

/** Where the next character after `before` stands. */
export function positionAt(before: string): Position {
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
