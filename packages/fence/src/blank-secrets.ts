/** Stands in the place of a secret. */
const BLANK = '***'
/** Whatever is shorter would blank half of every message, and is no secret. */
const SHORTEST = 3

/**
 * Takes secrets out of what a program wrote: as they are, and as they stand in URLs, in JSON, and in basic credentials.
 *
 * @returns the text without them
 */
export function blankSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => (secret.length < SHORTEST ? [] : formsOf(secret)))
  // The longest first: one may be a part of another one.
  return [...new Set(forms)].toSorted((one, other) => other.length - one.length).reduce((left, form) => left.replaceAll(form, BLANK), text)
}

function formsOf(secret: string): readonly string[] {
  // Half of a character cannot stand in a URL, and would throw.
  const inUrl = /\p{Cs}/u.test(secret) ? [] : [encodeURIComponent(secret)]
  return [secret, ...inUrl, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')]
}
