import type { Release } from './subject.ts'

/**
 * How many picks are open at a time, as requests would be under way: each is given back sixteen picks later. It also
 * keeps the compiler from proving that a pick is thrown away at once, and leaving out its allocation.
 */
const OPEN_PICKS = 16

/** Reads time and heap: injected, so that the arithmetic can be tested. */
export interface Instruments {
  monotonicMs(): number
  /** Bytes in use on the heap. */
  heapBytes(): number
  collectGarbage(): void
}

/** @returns milliseconds for `picks` picks, each given back */
export function timePicks(pick: () => Release | undefined, picks: number, instruments: Pick<Instruments, 'monotonicMs'>): number {
  const startedMs = instruments.monotonicMs()
  runPicks(pick, picks)
  return instruments.monotonicMs() - startedMs
}

/** A pause of the machine, a first compilation: what meets one batch hardly meets three in a row. */
const TRIES = 3

/** @returns how many picks take about `batchMs`; found by doing them, which warms the code up as well */
export function calibrate(pick: () => Release | undefined, batchMs: number, instruments: Pick<Instruments, 'monotonicMs'>): number {
  let picks = 1
  while (picks < 1_000_000_000 && !alwaysFills(pick, picks, batchMs, instruments)) picks *= 2
  return picks
}

function alwaysFills(
  pick: () => Release | undefined,
  picks: number,
  batchMs: number,
  instruments: Pick<Instruments, 'monotonicMs'>,
): boolean {
  for (let tried = 0; tried < TRIES; tried++) if (timePicks(pick, picks, instruments) < batchMs) return false
  return true
}

/**
 * @returns bytes of heap that a pick allocates: the growth of the heap over `picks` picks between two collections,
 * divided by them; never less than 0
 */
export function bytesPerPick(
  pick: () => Release | undefined,
  picks: number,
  instruments: Pick<Instruments, 'heapBytes' | 'collectGarbage'>,
): number {
  instruments.collectGarbage()
  const before = instruments.heapBytes()
  runPicks(pick, picks)
  return Math.max(0, (instruments.heapBytes() - before) / picks)
}

function runPicks(pick: () => Release | undefined, picks: number): void {
  const open: (Release | undefined)[] = Array.from({ length: OPEN_PICKS }, () => undefined)
  for (let count = 0; count < picks; count++) {
    const slot = count % OPEN_PICKS
    open[slot]?.()
    open[slot] = pick()
  }
  for (const release of open) release?.()
}
