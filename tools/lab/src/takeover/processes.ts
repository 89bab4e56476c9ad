import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process and all that it has started, and they in turn. */
export function descendantsOf(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(descendantsOf)]
}

/** All processes that see the mounts that this one sees. */
export function sharingMountsWith(pid: number): readonly number[] {
  const mounts = mountsOf(pid)
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
  return mounts === undefined ? [] : pids.filter((each) => mountsOf(each) === mounts)
}

/** What a process is called. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim()
}

/** Sends a signal to each that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has just ended.
    }
  }
}

function mountsOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return undefined
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
