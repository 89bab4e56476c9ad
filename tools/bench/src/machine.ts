import { readFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { allowedCores } from './linux/cpu-list.ts'
import { findProgram } from './linux/programs.ts'

/** Which core is whose; undefined where the machine cannot pin, and the scheduler decides. */
export interface Cores {
  readonly proxy?: number | undefined
  readonly load?: number | undefined
}

/** @returns two different cores where this process may use two and `taskset` is there */
export async function chooseCores(): Promise<Cores> {
  if ((await findProgram('taskset')) === undefined) return {}
  const [proxy, load] = allowedCores(readOrNothing('/proc/self/status'))
  return proxy === undefined || load === undefined ? {} : { proxy, load }
}

/** The machine in a line. */
export function describeMachine(): string {
  const all = cpus()
  return `${all[0]?.model.trim() ?? 'unknown CPU'}, ${all.length} cores, ${process.platform} ${release()}, Node ${process.versions.node}`
}

/** How many threads ran or waited for a core in the last one, five and fifteen minutes. */
export function describeLoad(): string {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(', ')
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
