const MASK = '***'

/**
 * Builds a filter that takes secrets out of a text: each as it is, percent-encoded, percent-decoded and in base64,
 * since servers and libraries echo them in any of these. A short secret blanks more than itself; that is the safe side.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = new Set(secrets.flatMap((secret) => (secret ? formsOf(secret) : [])))
  // The longest first, so that a part of a secret does not hide the rest of it.
  const ordered = [...forms].toSorted((left, right) => right.length - left.length)
  return (text) => ordered.reduce((result, secret) => result.replaceAll(secret, MASK), text)
}

function formsOf(secret: string): readonly string[] {
  return [secret, attempt(encodeURIComponent, secret), attempt(decodeURIComponent, secret), Buffer.from(secret).toString('base64')]
}

/** Text that has no such form stands for itself. */
function attempt(convert: (text: string) => string, text: string): string {
  try {
    return convert(text)
  } catch {
    return text
  }
}
