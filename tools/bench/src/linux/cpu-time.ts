import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { coreBusyTicks, parseSchedStat, totalTicks } from './proc-stat.ts'
import { treeOf } from './tree.ts'

/** What Linux has used on every architecture since 2.6; asked for all the same. */
const USUAL_TICKS_PER_SECOND = 100

export async function ticksPerSecond(): Promise<number> {
  const asked = await promisify(execFile)('getconf', ['CLK_TCK'], { timeout: 5_000 }).catch(() => undefined)
  const ticks = Number(asked?.stdout)
  return ticks > 0 ? ticks : USUAL_TICKS_PER_SECOND
}

/**
 * @returns the CPU time, user and system, that the process and its descendants have used so far, in ticks; undefined
 * where the process has gone
 */
export async function treeTicks(rootPid: number): Promise<number | undefined> {
  const tree = await treeOf(rootPid)
  return tree.length > 0 ? totalTicks(tree) : undefined
}

/** @returns ticks that the core has been at work since the machine started */
export async function coreTicks(core: number): Promise<number | undefined> {
  return coreBusyTicks(await readFile('/proc/stat', 'utf8'), core)
}

/**
 * @returns the CPU time that the process's threads have used so far, in microseconds: the scheduler's own count, exact
 * where a tick of 10 ms is too coarse; without its children, and without threads that have ended. Undefined where the
 * process has gone, or the kernel does not count
 */
export async function threadsCpuMicros(pid: number): Promise<number | undefined> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const counts = await Promise.all(
    threads.map(async (thread) => parseSchedStat(await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => ''))),
  )
  const known = counts.filter((micros) => micros !== undefined)
  return known.length > 0 ? known.reduce((sum, micros) => sum + micros, 0) : undefined
}
