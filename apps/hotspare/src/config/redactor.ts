/** What stands where a secret stood. */
const MASK = '[redacted]'

/**
 * Shorter values are left alone in running text: blanking each `1` of a log would hide everything but the secret.
 * So the loader refuses a token, a password or a header that is a secret where it is shorter; and its own messages never
 * quote a value that came from outside, however short.
 */
export const SHORTEST_SECRET = 4

/**
 * Knows every secret of the configuration and takes them out of texts: as they are, JSON-escaped, URI-encoded, and in
 * base64 at any alignment (the value of an `Authorization: Basic` header). A mask hides the whole run of overlapping secrets.
 */
export class Redactor {
  readonly #values = new Set<string>()
  #forms: readonly string[] = []

  add(secret: string): void {
    if (this.#values.has(secret)) return
    this.#values.add(secret)
    this.#forms = [...new Set([...this.#forms, ...formsOf(secret)])]
  }

  redact(text: string): string {
    const spans = this.#forms.flatMap((form) => occurrences(text, form)).toSorted((one, other) => one.start - other.start)
    let redacted = ''
    let shownUntil = 0
    for (const { start, end } of spans) {
      if (start >= shownUntil) redacted += text.slice(shownUntil, start) + MASK
      shownUntil = Math.max(shownUntil, end)
    }
    return redacted + text.slice(shownUntil)
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

function occurrences(text: string, form: string): Span[] {
  const spans: Span[] = []
  for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + 1)) spans.push({ start, end: start + form.length })
  return spans
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // The round trip replaces a lone surrogate, which no encoder takes.
  const encoded = encodeURIComponent(bytes.toString())
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    lowerCaseHex(encoded),
    encoded.replaceAll('%20', '+'),
    ...base64Forms(bytes),
  ]
  return secret.length < SHORTEST_SECRET ? [] : forms.filter((form) => form.length >= SHORTEST_SECRET)
}

function lowerCaseHex(encoded: string): string {
  return encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())
}

/** Base64 packs three bytes into four characters: what a secret looks like depends on how many bytes stand before it. */
function base64Forms(bytes: Buffer): string[] {
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // Only the characters that hold nothing but bits of the secret.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  const standard = [bytes.toString('base64').replace(/=+$/, ''), ...shifted]
  return [...standard, ...standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]
}
