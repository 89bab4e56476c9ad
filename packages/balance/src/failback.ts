/** How a spread is being reached. One entry for each slot, the most preferred first. */
export interface Failback {
  /** Percents, where it leads to. */
  readonly loads: readonly number[]
  /** Percents, what slots have beside that at the start of the failback; below 0 for those that take it back. All 0 without one. */
  readonly kept: readonly number[]
  readonly startMs: number
}

export interface FailbackInput {
  /** The new spread, in percents. */
  readonly loads: readonly number[]
  /** Whether the slot has a target to serve with. */
  readonly serves: readonly boolean[]
  /** Whether the slot has served or failed before: who never has is not coming back, it is starting. */
  readonly proven: readonly boolean[]
}

/**
 * Leads from one spread to the next. What moves to a less preferred slot moves at once, since somebody has failed; what
 * comes back to a more preferred one stays where it is for now, as far as those can still serve, and follows step by step.
 * A spread that stays the same leaves a failback alone; any other begins one anew, from where this one is.
 *
 * @param ratio of what was kept that has moved by now, 0 to 1
 */
export function turnTo(before: Failback, ratio: number, { loads, serves, proven }: FailbackInput, nowMs: number): Failback {
  const goesOn = loads.every((load, slot) => load === before.loads[slot]) && before.kept.every((kept, slot) => kept <= 0 || serves[slot])
  if (goesOn) return before
  const kept = loads.map(() => 0)
  const gains: { readonly slot: number; left: number }[] = []
  for (const [slot, load] of loads.entries()) {
    const held = serves[slot] ? loadOf(before, slot, ratio) : 0
    if (load > held && proven[slot]) gains.push({ slot, left: load - held })
    for (let over = held - load; over > 0 && gains.length > 0;) {
      const gain = gains[0]!
      const part = Math.min(over, gain.left)
      kept[slot]! += part
      kept[gain.slot]! -= part
      over -= part
      gain.left -= part
      if (gain.left <= 0) gains.shift()
    }
  }
  return { loads, kept, startMs: nowMs }
}

/** @returns the percents that the slot has when `ratio` of what was kept has moved */
export function loadOf({ loads, kept }: Failback, slot: number, ratio: number): number {
  return (loads[slot] ?? 0) + (kept[slot] ?? 0) * (1 - ratio)
}

export function isUnderWay({ kept }: Failback): boolean {
  return kept.some((percent) => percent !== 0)
}
