import { validateHeaderName, validateHeaderValue } from 'node:http'

/** These frame the message or the connection; they belong to the probe. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'expect', 'transfer-encoding', 'upgrade'])

/** @returns what keeps a probe from sending a header of this name, or undefined */
export function headerNameProblem(name: string): string | undefined {
  if (OWN_HEADERS.has(name.toLowerCase())) return 'the probe sets it itself'
  return isHeaderName(name) ? undefined : 'no header has such a name'
}

export function isHeaderName(name: string): boolean {
  return !throws(() => validateHeaderName(name))
}

/** @returns what is wrong with the value of a header, without the value, which may be a secret; or undefined */
export function headerValueProblem(value: string): string | undefined {
  return throws(() => validateHeaderValue('value', value)) ? 'no line breaks, control characters or characters past U+00FF' : undefined
}

/** @returns what keeps a probe from sending these headers, by name, or undefined */
export function headersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    const problem = headerNameProblem(name) ?? headerValueProblem(value)
    if (problem !== undefined) return `"${name}": ${problem}`
  }
  return undefined
}

export function lowerCaseNames(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function throws(check: () => void): boolean {
  try {
    check()
    return false
  } catch {
    return true
  }
}
