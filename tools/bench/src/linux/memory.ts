import { readFile } from 'node:fs/promises'
import { parseResidentBytes } from './proc-stat.ts'
import { treeOf } from './tree.ts'

/** @returns the memory of the process that is in RAM, in bytes; undefined where it has gone */
export async function residentBytes(pid: number): Promise<number | undefined> {
  return parseResidentBytes(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))
}

/** @returns the same for the process and all that descend from it; memory that they share counts for each */
export async function treeResidentBytes(rootPid: number): Promise<number | undefined> {
  const tree = await treeOf(rootPid)
  if (tree.length === 0) return undefined
  const each = await Promise.all(tree.map(({ pid }) => residentBytes(pid)))
  return each.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)
}
