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
