/** Enough for an error message, and histories of such texts stay small. */
const DETAIL_CHARACTERS = 200

/** Nothing in it has to be made safe: words of printable ASCII, with one space between them. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/

/**
 * A text from outside, made safe for one line of a log, a message or a history: control characters and line breaks
 * become a space, and what is longer than `maxCharacters` ends in three dots.
 */
export function clipDetail(text: string, maxCharacters: number = DETAIL_CHARACTERS): string {
  if (text.length <= maxCharacters && PLAIN.test(text)) return text
  const line = text
    .slice(0, 4 * maxCharacters)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  if (line.length <= maxCharacters) return line
  // Not through the middle of a character outside the basic plane.
  return `${line.slice(0, maxCharacters - 3).replace(/[\uD800-\uDBFF]$/, '')}...`
}
