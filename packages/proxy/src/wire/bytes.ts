/** The bytes that HTTP/1.1 is made of. */
export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a

/** A set of bytes; one look-up says whether a byte is in it (1) or not (0). */
export type ByteClass = Readonly<Uint8Array>

/** RFC 9110, 5.6.2: what names are made of. */
export const TOKEN: ByteClass = byteClass((character) => /[\w!#$%&'*+.^`|~-]/.test(character))

/**
 * Of a token, what registered methods are made of, and nginx accepts. Above all no small letters: a target that takes
 * `head` for HEAD answers without the body that its length announces, and the next answer on that connection would be
 * read as the body.
 */
export const METHOD: ByteClass = byteClass((character) => /[A-Z_-]/.test(character))

/**
 * Visible ASCII without `#`, which never goes over the wire. Wider than RFC 3986 by what browsers send as it is: quotes,
 * brackets, braces, `|`, `\`, `^`.
 */
export const TARGET: ByteClass = byteClass((character) => /[!-~]/.test(character) && character !== '#')

/** RFC 9110, 5.5: visible ASCII, obs-text, and the two that may stand between. No control character, NUL, CR or LF. */
export const FIELD_VALUE: ByteClass = byteClass((character) => /[\t -~\u0080-\u00ff]/.test(character))

function byteClass(contains: (character: string) => boolean): ByteClass {
  return Uint8Array.from({ length: 256 }, (_none, byte) => (contains(String.fromCharCode(byte)) ? 1 : 0))
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** Whether these bytes spell `word`, in any case. `word` is in small letters, digits and hyphens. */
export function spells(bytes: Buffer, from: number, to: number, word: Readonly<Uint8Array>): boolean {
  if (to - from !== word.length) return false
  for (let index = 0; index < word.length; index += 1) {
    if (lower(bytes[from + index]!) !== word[index]) return false
  }
  return true
}

export function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}
