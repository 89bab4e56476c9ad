import { readFile } from 'node:fs/promises'

/** The workers of a master that take connections; undefined where that cannot be seen: no Linux, or another namespace. */
export async function workersOf(master: number): Promise<ReadonlySet<number> | undefined> {
  try {
    const children = (await readFile(`/proc/${master}/task/${master}/children`, 'utf8')).trim().split(' ')
    const pids = children.map(Number).filter((pid) => pid > 0)
    const titles = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
    // A worker of the last generation calls itself "nginx: worker process is shutting down".
    return new Set(pids.filter((_, index) => /worker process/.test(titles[index]!) && !titles[index]!.includes('shutting down')))
  } catch {
    return undefined
  }
}

/** @returns the master's process id; undefined where the file has none, or it runs no more */
export async function masterOf(pidFile: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim())
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    // It is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? pid : undefined
  }
}

/** Whether a reload has happened: all that takes connections now was started after `before` was looked at. */
export function isNewGeneration(before: ReadonlySet<number>, now: ReadonlySet<number>): boolean {
  return now.size > 0 && [...now].every((pid) => !before.has(pid))
}
