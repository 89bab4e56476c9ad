/** By trial division: the largest table has some five million slots, so a thousand divisions at most. */
export function isPrime(candidate: number): boolean {
  if (!Number.isSafeInteger(candidate) || candidate < 2) return false
  if (candidate % 2 === 0) return candidate === 2
  for (let divisor = 3; divisor * divisor <= candidate; divisor += 2) if (candidate % divisor === 0) return false
  return true
}
