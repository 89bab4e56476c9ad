// Remote answers are read field by field, and whatever else stands in them is ignored.

/** What stands at a path of keys; undefined where nothing does. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined),
    value,
  )
}

/** A text or a number, as a text; undefined for anything else, and for an empty text. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path)
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** A fencing token that was written as decimal digits; undefined for anything else. */
export function readFencingToken(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  const token = Number(text)
  return Number.isSafeInteger(token) ? token : undefined
}

/** For a regular expression that people compare an output with. */
export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}

/** Matches any line but this one. */
export function anythingBut(text: string): string {
  return `^(?!${escaped(text)}$)`
}
