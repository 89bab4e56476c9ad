/**
 * Turns shares into the whole numbers that engines take. Where whole numbers up to `most` can say the proportions exactly, the
 * smallest such are taken; otherwise the largest share becomes `most`, the others are rounded, and none falls below 1: who
 * serves gets something.
 *
 * @param shares each above 0, and finite
 * @param most the largest weight that the engine takes
 */
export function wholeWeights(shares: readonly number[], most: number): number[] {
  const largest = Math.max(...shares)
  for (let top = 1; top <= most; top++) {
    const scaled = shares.map((share) => (share / largest) * top)
    if (scaled.every(isWhole)) return scaled.map(Math.round)
  }
  return shares.map((share) => Math.max(1, Math.round((share / largest) * most)))
}

/** Shares come from divisions: a third three times is one. */
function isWhole(value: number): boolean {
  return Math.round(value) >= 1 && Math.abs(value - Math.round(value)) < 1e-9 * value
}
