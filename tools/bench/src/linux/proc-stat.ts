/** What `/proc/PID/stat` says of a process's CPU time, in clock ticks. */
export interface ProcessTimes {
  readonly pid: number
  readonly parentPid: number
  /** The command's name, at most 15 bytes; it may hold spaces and parentheses. */
  readonly command: string
  readonly userTicks: number
  readonly systemTicks: number
}

// The fields behind the command's name, counted from 0 (proc_pid_stat(5) counts the state as field 3).
const PARENT_PID = 1
const USER_TICKS = 11
const SYSTEM_TICKS = 12

/** @returns undefined for a text that is no such line */
export function parseProcStat(text: string): ProcessTimes | undefined {
  // The name is not escaped: only the last parenthesis is sure to be its end.
  const open = text.indexOf(' (')
  const close = text.lastIndexOf(') ')
  if (open < 0 || close < open) return undefined
  const pid = wholeNumber(text.slice(0, open))
  const fields = text
    .slice(close + 2)
    .trimEnd()
    .split(' ')
  const parentPid = wholeNumber(fields[PARENT_PID])
  const userTicks = wholeNumber(fields[USER_TICKS])
  const systemTicks = wholeNumber(fields[SYSTEM_TICKS])
  if (pid === undefined || parentPid === undefined || userTicks === undefined || systemTicks === undefined) return undefined
  return { pid, parentPid, command: text.slice(open + 2, close), userTicks, systemTicks }
}

/** @returns the process and all that descend from it, itself first; nothing where it is not in the list */
export function processTree(all: readonly ProcessTimes[], rootPid: number): readonly ProcessTimes[] {
  const root = all.find(({ pid }) => pid === rootPid)
  if (!root) return []
  const tree = new Map([[root.pid, root]])
  // A Map's iteration reaches what is added during it: first the children, then theirs.
  for (const { pid } of tree.values()) {
    for (const process of all) if (process.parentPid === pid && !tree.has(process.pid)) tree.set(process.pid, process)
  }
  return [...tree.values()]
}

export function totalTicks(processes: readonly ProcessTimes[]): number {
  return processes.reduce((sum, { userTicks, systemTicks }) => sum + userTicks + systemTicks, 0)
}

/**
 * How long a core has been at work since the machine started, from `/proc/stat`: everything but idle and waiting for a disk.
 *
 * @returns ticks; undefined where the text does not list the core
 */
export function coreBusyTicks(procStat: string, core: number): number | undefined {
  const line = procStat.split('\n').find((candidate) => candidate.startsWith(`cpu${core} `))
  if (!line) return undefined
  const [user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(wholeNumber)
  if (user === undefined || nice === undefined || system === undefined) return undefined
  return user + nice + system + (irq ?? 0) + (softirq ?? 0) + (steal ?? 0)
}

/** @returns the CPU time of a thread in microseconds, from its `/proc/PID/task/TID/schedstat`; undefined for another text */
export function parseSchedStat(text: string): number | undefined {
  const fields = text.trim().split(' ')
  // A kernel that does not count writes zeros.
  const nanos = fields.length === 3 && fields[2] !== '0' ? wholeNumber(fields[0]) : undefined
  return nanos === undefined ? undefined : nanos / 1_000
}

/** @returns what of a process is in RAM, in bytes, from `/proc/PID/status`; undefined for another text */
export function parseResidentBytes(procStatus: string): number | undefined {
  const kibibytes = wholeNumber(/^VmRSS:\s+(\d+) kB$/m.exec(procStatus)?.[1])
  return kibibytes === undefined ? undefined : kibibytes * 1_024
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
