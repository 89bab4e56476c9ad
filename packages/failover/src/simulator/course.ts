import type { Site } from './site.ts'

/** What a fault needs to last for a while. */
export interface Course {
  readonly site: Site
  /** Whether everything is to be mended by now. */
  readonly isOver: boolean
  /** Calls back after so long, and at the calm at the latest. */
  later(forMs: number | undefined, callback: () => void): void
}

/** What ends a fault; undefined where there was nothing to strike. */
export type Mend = (() => void) | undefined

/** Whoever ends what lasts for a moment only. */
export function nothingToMend(): void {
  // It cannot be taken back.
}
