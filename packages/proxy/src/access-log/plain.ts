/** What may stand in a line as it is; the rest would end a field, or the line, or say something to a terminal. */
const PLAIN = /^[ !#-[\]-~]*$/
const NOT_PLAIN = /[^ !#-[\]-~]/g
const HIGHEST_BYTE = 0xff

/**
 * As nginx and Apache write what a client says: quotes, backslashes, and whatever is no visible ASCII become `\xHH`. One line
 * stays one line, and a quoted field ends where its quote is.
 */
export function escaped(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(NOT_PLAIN, escape)
}

/** In quotes, or `-` where there is nothing. */
export function quoted(text: string | undefined): string {
  return text === undefined ? '"-"' : `"${escaped(text)}"`
}

/** A header's text is one character for each byte; any other text goes as UTF-8. */
function escape(character: string): string {
  const code = character.charCodeAt(0)
  if (code <= HIGHEST_BYTE) return hex(code)
  let bytes = ''
  for (const byte of Buffer.from(character, 'utf8')) bytes += hex(byte)
  return bytes
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
