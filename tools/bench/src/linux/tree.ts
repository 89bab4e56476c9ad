import { readdir, readFile } from 'node:fs/promises'
import { parseProcStat, processTree, type ProcessTimes } from './proc-stat.ts'

/** @returns the process and all that descend from it now, itself first; nothing where it has gone */
export async function treeOf(rootPid: number): Promise<readonly ProcessTimes[]> {
  const entries = await readdir('/proc')
  const all: ProcessTimes[] = []
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue
    // Processes come and go while the list is read.
    const parsed = parseProcStat(await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => ''))
    if (parsed) all.push(parsed)
  }
  return processTree(all, rootPid)
}
