import { type Finding, inconclusive } from '../failure.ts'
import { judgeLevel, percent, share } from './judge-level.ts'
import type { Look } from './look.ts'
import type { MemoryCheck } from './options.ts'
import { parseNumbers } from './proc.ts'
import { readKernelFile } from './read-file.ts'

export function memoryLook(check: MemoryCheck): Look {
  return async () => {
    const machine = parseNumbers(await readKernelFile(`${check.procRoot}/meminfo`))
    const total = machine.get('MemTotal')
    if (total === undefined) return inconclusive(`${check.procRoot}/meminfo tells no total`)
    if (check.cgroup !== undefined) return lookAtGroup(check, check.cgroup, total)
    const available = machine.get('MemAvailable')
    if (available === undefined) return inconclusive(`${check.procRoot}/meminfo does not tell what is available`)
    const value = share(total - available, total)
    const swap = machine.get('SwapTotal') ?? 0
    const measures = {
      'used-ratio': value,
      'available-bytes': available,
      'total-bytes': total,
      'swap-used-ratio': share(swap - (machine.get('SwapFree') ?? swap), swap),
    }
    return judgeLevel({ value, ...check, show: percent, says: 'of the memory is used', measures })
  }
}

/** What a group could not give back by dropping caches, of what it may have: its limit, or all that the machine has. */
async function lookAtGroup(check: MemoryCheck, cgroup: string, machineBytes: number): Promise<Finding> {
  const group = cgroup === 'self' ? await ownGroup(check.procRoot) : cgroup
  if (group === undefined) return inconclusive('this process is in no control group of version 2')
  const folder = `${check.sysRoot}/fs/cgroup${group.replace(/\/$/, '')}`
  const [currentText, maxText, stat] = await Promise.all(
    ['memory.current', 'memory.max', 'memory.stat'].map((name) => readKernelFile(`${folder}/${name}`)),
  )
  const current = wholeNumber(currentText)
  const limit = maxText?.trim() === 'max' ? machineBytes : wholeNumber(maxText)
  if (current === undefined || limit === undefined) return inconclusive(`the control group ${group} does not tell its memory`)
  const used = Math.max(current - (parseNumbers(stat ?? '').get('inactive_file') ?? 0), 0)
  const value = share(used, limit)
  const measures = { 'used-ratio': value, 'available-bytes': Math.max(limit - used, 0), 'total-bytes': limit }
  return judgeLevel({ value, ...check, show: percent, says: `of the memory of ${group} is used`, measures })
}

async function ownGroup(procRoot: string): Promise<string | undefined> {
  return /^0::(\/.*)$/m.exec(await readKernelFile(`${procRoot}/self/cgroup`))?.[1]
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,18}\s*$/.test(text) ? Number(text) : undefined
}
