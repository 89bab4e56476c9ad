import { distance } from 'fastest-levenshtein'
import { quote } from './problem.ts'

/** Longer words are no typing errors, and comparing them takes time. */
const LONGEST = 64

/** The word that was probably meant: a third of its letters may be wrong; case, `-` and `_` count for nothing. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined
  const plain = plainForm(word)
  let best: { readonly candidate: string; readonly errors: number } | undefined
  for (const candidate of candidates) {
    const errors = distance(plain, plainForm(candidate))
    if (errors <= Math.max(1, Math.round(candidate.length / 3)) && errors < (best?.errors ?? Infinity)) best = { candidate, errors }
  }
  return best?.candidate
}

/** `did you mean "interval"?`, or what there is to choose from. */
export function suggestion(word: string, candidates: readonly string[], known: string): string {
  const meant = closest(word, candidates)
  if (meant !== undefined) return `did you mean ${quote(meant)}?`
  return candidates.length === 0 ? `${known}: none` : `${known}: ${candidates.join(', ')}`
}

function plainForm(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '')
}
