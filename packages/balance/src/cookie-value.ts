/**
 * @param header a `Cookie` header
 * @returns the value of the first cookie of that name, without the quotes around it; undefined where there is none
 */
export function cookieValue(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    if (equals === -1 || part.slice(0, equals).trim() !== name) continue
    const value = part.slice(equals + 1).trim()
    return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
  }
  return undefined
}

/** Whether text can be the name of a cookie, or of a header: a token of RFC 9110. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)
}
