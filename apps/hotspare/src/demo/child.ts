import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { HotspareError, withDeadline } from '@hotspare/core'

/** A process of this same CLI. It ends with its parent, also when the parent is killed. */
export function spawnSelf(parameters: readonly string[], logFile: string): ChildProcess {
  const [, script = ''] = process.argv
  const log = openSync(logFile, 'a')
  return spawn(process.execPath, [...process.execArgv, script, ...parameters], {
    stdio: ['ignore', log, log, 'ipc'],
    // A process group of its own: Ctrl-C in a terminal is for the parent, which then ends its children in order.
    detached: true,
    env: { ...process.env, HOTSPARE_END_WITH_PARENT: '1' },
  })
}

/** Ends a process, frozen or not: with SIGTERM, and with SIGKILL when that takes longer than `graceMs`. */
export async function endChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  await withDeadline(`end of process ${child.pid}`, graceMs, () => exited).catch((error: unknown) => {
    if (!HotspareError.is(error)) throw error
    child.kill('SIGKILL')
    return exited
  })
}
