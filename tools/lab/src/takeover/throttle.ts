import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@hotspare/core'
import { signalAll } from './processes.ts'

const CPU_CONTROLLER = '/sys/fs/cgroup/cpu'
const PERIOD_MS = 100

export interface Throttle {
  /** `quota`: the kernel's own limit. `turns`: the processes are stopped and continued, where it has none. */
  readonly by: 'quota' | 'turns'
  /** Gives them the whole machine again. @returns for how long they were held back, in milliseconds */
  lift(): number
}

/** Lets processes run for that share of one core's time, in percent, and no more. */
export function throttle(pids: readonly number[], percent: number): Throttle {
  return quota(pids, percent) ?? turns(pids, percent)
}

/** The CPU controller of cgroup v1: its processes share the quota. */
function quota(pids: readonly number[], percent: number): Throttle | undefined {
  const group = join(CPU_CONTROLLER, `hotspare-lab-${process.pid}-${pids[0]}`)
  const moveTo = (folder: string) => {
    for (const pid of pids) {
      try {
        writeFileSync(join(folder, 'cgroup.procs'), String(pid))
      } catch {
        // It has just ended.
      }
    }
  }
  try {
    mkdirSync(group)
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_MS * 1_000))
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(PERIOD_MS * 10 * percent))
  } catch {
    remove(group)
    return undefined
  }
  moveTo(group)
  return {
    by: 'quota',
    lift() {
      const [, heldBackNs] = /^throttled_time (\d+)$/mu.exec(readFileSync(join(group, 'cpu.stat'), 'latin1')) ?? []
      // What it has started meanwhile stays in the group until it ends; without a quota that does no harm.
      writeFileSync(join(group, 'cpu.cfs_quota_us'), '-1')
      moveTo(CPU_CONTROLLER)
      remove(group)
      return Number(heldBackNs) / 1e6
    },
  }
}

function turns(pids: readonly number[], percent: number): Throttle {
  const runMs = (PERIOD_MS * percent) / 100
  let lifted = false
  let heldBackMs = 0
  const turn = (running: boolean) => {
    if (lifted) return
    signalAll(pids, running ? 'SIGCONT' : 'SIGSTOP')
    if (!running) heldBackMs += PERIOD_MS - runMs
    systemClock.schedule(running ? runMs : PERIOD_MS - runMs, () => turn(!running))
  }
  turn(false)
  return {
    by: 'turns',
    lift() {
      lifted = true
      signalAll(pids, 'SIGCONT')
      return heldBackMs
    },
  }
}

function remove(group: string): void {
  try {
    rmdirSync(group)
  } catch {
    // It was never there, or somebody is still in it.
  }
}
