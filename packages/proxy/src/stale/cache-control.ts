/** Directives by name in small letters; `true` where one has no value. A name that stands twice has its first value (RFC 9111, 4.2.1). */
export type Directives = ReadonlyMap<string, string | true>

/** `name`, `name=token` or `name="quoted, with commas"` (RFC 9111, 5.2; RFC 9110, 5.6.4). */
const DIRECTIVE = /([^\s,=";]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;]*)))?/g

/** Read leniently: of what cannot be read, the rest still counts. */
export function directivesOf(value: string | undefined): Directives {
  const found = new Map<string, string | true>()
  for (const [, name = '', quoted, plain] of (value ?? '').matchAll(DIRECTIVE)) {
    const key = name.toLowerCase()
    if (!found.has(key)) found.set(key, quoted ?? plain ?? true)
  }
  return found
}

/** Seconds, or undefined where there are none that can be read. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name)
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : undefined
}
