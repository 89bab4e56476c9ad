import { DnsValueError } from './errors.ts'

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Where a byte goes that is no UTF-8: to half of a surrogate pair, which no text has (as Python's surrogateescape). */
const STRAY = 0xdc_00

/** @returns the text that these bytes are in UTF-8; `textBytes` makes the same bytes of it, whatever they are */
export function bytesText(bytes: Uint8Array): string {
  const whole = decoded(bytes)
  if (whole !== undefined) return whole
  let text = ''
  for (let index = 0; index < bytes.length;) {
    const lead = bytes[index] ?? 0
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    const character = index + size <= bytes.length ? decoded(bytes.subarray(index, index + size)) : undefined
    text += character ?? String.fromCharCode(STRAY + lead)
    index += character === undefined ? 1 : size
  }
  return text
}

/** @throws DnsValueError where it has halves of surrogate pairs that `bytesText` does not write */
export function textBytes(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return utf8.encode(text)
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code >= STRAY + 0x80 && code <= STRAY + 0xff) bytes.push(code - STRAY)
    else if (code >= 0xd8_00 && code <= 0xdf_ff) throw new DnsValueError('a text has half of a character in it')
    else bytes.push(...utf8.encode(character))
  }
  return Uint8Array.from(bytes)
}

/** @returns the bytes as they stand between quotes in a zone file (RFC 1035, 5.1) */
export function quotedText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    if (character === '"' || character === '\\') text += `\\${character}`
    else text += byte >= 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`
  }
  return text
}

/** The other way. @throws DnsValueError where a backslash stands before nothing, or before a number that is no byte */
export function unquotedBytes(text: string): Uint8Array {
  const plain = text.replaceAll(/\\(\d{3})|\\([^\d])|\\/gu, (whole, digits?: string, character?: string) => {
    const byte = Number(digits ?? 0)
    if (whole === '\\' || byte > 0xff) throw new DnsValueError('a backslash stands before three digits of a byte, or before a sign')
    if (character !== undefined) return character
    // Beyond ASCII it is not a character, but a byte.
    return String.fromCharCode(byte < 0x80 ? byte : STRAY + byte)
  })
  return textBytes(plain)
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
