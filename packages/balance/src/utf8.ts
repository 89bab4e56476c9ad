/** What stands for a surrogate without its other half, as in TextEncoder. */
const REPLACEMENT = 0xfffd

/** The most bytes that one UTF-16 unit takes. */
export const MAX_UNIT_BYTES = 3

/**
 * Writes a text as UTF-8 to the start of `bytes`, which has room for {@link MAX_UNIT_BYTES} for each unit of it.
 * TextEncoder does the same, but gives an object for each text.
 *
 * @returns how many bytes were written
 */
export function writeUtf8(text: string, bytes: Uint8Array): number {
  let end = 0
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    if (unit < 0x80) {
      bytes[end++] = unit
      continue
    }
    if (unit < 0x800) {
      bytes[end++] = 0xc0 | (unit >> 6)
      bytes[end++] = 0x80 | (unit & 0x3f)
      continue
    }
    const next = isHighSurrogate(unit) ? text.charCodeAt(place + 1) : 0
    if (isLowSurrogate(next)) {
      place++
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff)
      bytes[end++] = 0xf0 | (point >> 18)
      bytes[end++] = 0x80 | ((point >> 12) & 0x3f)
      bytes[end++] = 0x80 | ((point >> 6) & 0x3f)
      bytes[end++] = 0x80 | (point & 0x3f)
      continue
    }
    const point = isHighSurrogate(unit) || isLowSurrogate(unit) ? REPLACEMENT : unit
    bytes[end++] = 0xe0 | (point >> 12)
    bytes[end++] = 0x80 | ((point >> 6) & 0x3f)
    bytes[end++] = 0x80 | (point & 0x3f)
  }
  return end
}

export function toUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * MAX_UNIT_BYTES)
  return bytes.subarray(0, writeUtf8(text, bytes))
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
