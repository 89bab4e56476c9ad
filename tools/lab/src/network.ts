import { createNetwork as createMachines, type Machine, missingForNetworks } from '@hotspare/netlab'
import { sleep } from '@hotspare/core'
import { onTestFinished, type TestContext } from 'vitest'

export { removeNetworks, type Machine, type RunningProgram } from '@hotspare/netlab'

/**
 * Machines on one switch, with addresses of 10.77.0.0/24.
 * @param whenDone called with what removes them. Default: they are made for the running test, and removed after it
 */
export function createNetwork<Name extends string>(
  names: readonly Name[],
  whenDone: (remove: () => void) => void = onTestFinished,
): Readonly<Record<Name, Machine>> {
  const specs = Object.fromEntries(names.map((name) => [name, {}])) as Record<Name, object>
  const { machines, remove } = createMachines(specs)
  whenDone(remove)
  return machines
}

/** Skips the test, with its reason, where this machine cannot have namespaces or lacks a program. */
export function needLab(context: TestContext, ...programs: readonly string[]): void {
  for (const missing of missingForNetworks(...programs)) context.skip(missing)
}

/** @param what a function where it is to tell how things stood at the end */
export async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`never happened: ${typeof what === 'string' ? what : what()}`)
    await sleep(20)
  }
}
