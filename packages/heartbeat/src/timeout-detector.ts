import type { Detector } from './detector.ts'

/** Convicts after a fixed silence: simple to reason about, and the bound is known beforehand. */
export function timeoutDetector({ timeoutMs }: { readonly timeoutMs: number }): Detector {
  const detector: Detector = { limitMs: timeoutMs, learn: () => detector }
  return detector
}
