/** Statuses from `first` to `last`, both included. */
export interface StatusRange {
  readonly first: number
  readonly last: number
}

/**
 * Reads statuses as people write them: `200`, `200-299`, `200-299,401`.
 *
 * @returns undefined where the text cannot be read, or names a status outside 100 to 599
 */
export function parseStatusRanges(text: string): readonly StatusRange[] | undefined {
  const ranges: StatusRange[] = []
  for (const part of text.split(',')) {
    const match = /^\s*([1-5]\d\d)\s*(?:-\s*([1-5]\d\d)\s*)?$/.exec(part)
    if (!match) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first) return undefined
    ranges.push({ first, last })
  }
  return ranges
}

export function inStatusRanges(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ first, last }) => status >= first && status <= last)
}
