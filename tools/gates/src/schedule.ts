import type { Gate, GateOutcome } from './gate.ts'

/** What may happen next, given what has happened. */
export interface NextGates {
  /** To start now, in this order. */
  readonly start: readonly Gate[]
  /** Never to start, because a gate that they need did not pass. */
  readonly skip: readonly { readonly gate: Gate; readonly because: string }[]
}

/** Decides which gates to start: in the order of the list, at most `limit` at a time, each after those that it needs. */
export function nextGates(
  gates: readonly Gate[],
  running: ReadonlySet<string>,
  outcomes: ReadonlyMap<string, GateOutcome>,
  limit: number,
): NextGates {
  const start: Gate[] = []
  const skip: { gate: Gate; because: string }[] = []
  for (const gate of gates) {
    if (running.has(gate.name) || outcomes.has(gate.name)) continue
    const broken = (gate.needs ?? []).find((name) => (outcomes.get(name)?.state ?? 'passed') !== 'passed')
    if (broken !== undefined) skip.push({ gate, because: `it needs "${broken}", which did not pass` })
    else if (running.size + start.length < limit && (gate.needs ?? []).every((name) => outcomes.has(name))) start.push(gate)
  }
  return { start, skip }
}

/** @returns the gates with these names and those that they need, in the order of the list */
export function selectGates(gates: readonly Gate[], names: readonly string[]): readonly Gate[] {
  const wanted = new Set<string>()
  const add = (name: string) => {
    const gate = gates.find((candidate) => candidate.name === name)
    if (!gate) throw new Error(`there is no gate "${name}"; there are ${gates.map((known) => known.name).join(', ')}`)
    wanted.add(name)
    gate.needs?.forEach(add)
  }
  names.forEach(add)
  return gates.filter((gate) => wanted.has(gate.name))
}
