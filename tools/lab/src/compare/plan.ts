import type { Cell } from './results.ts'

/** What could be measured: a system, its settings, and the faults that mean something to it. */
export interface Candidate {
  readonly id: string
  readonly settings: string
  readonly faults: readonly string[]
}

/** A cell that lacks rounds. */
export interface Task {
  readonly system: string
  readonly fault: string
  readonly settings: string
  readonly missingRounds: number
  /** What is there already, and still counts. */
  readonly before: Cell['rounds']
}

export interface Wanted {
  readonly rounds: number
  /** In the order of the table. */
  readonly faults: readonly string[]
  readonly systems: readonly Candidate[]
}

/** What is still to be measured: one fault after the other with all systems, since a busy hour should be everybody's. */
export function tasksFor({ rounds, faults, systems }: Wanted, cells: readonly Cell[]): readonly Task[] {
  return faults.flatMap((fault) =>
    systems.flatMap(({ id, settings, faults: meaningful }): Task[] => {
      if (!meaningful.includes(fault)) return []
      const cell = cells.find((each) => each.system === id && each.fault === fault && each.settings === settings)
      const before = cell?.rounds ?? []
      const missingRounds = rounds - before.length
      return missingRounds > 0 ? [{ system: id, fault, settings, missingRounds, before }] : []
    }),
  )
}
