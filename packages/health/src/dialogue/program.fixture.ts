import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** How long a server on a loaded machine may take to start. */
const PATIENCE_MS = 15_000

/** Where Debian keeps daemons, which is not always on PATH. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** @returns the path of a program of this machine, or undefined */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-dialogue-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface RunningProgram {
  readonly child: ChildProcess
  /** What it has said so far, the last of it. */
  readonly log: () => string
  readonly kill: () => Promise<void>
}

/** Starts a server that stays in the foreground, until its port answers; it is ended when the test is over. */
export async function runProgram(
  path: string,
  args: readonly string[],
  port: number,
  options: { readonly uid?: number; readonly gid?: number; readonly cwd?: string; readonly killSignal?: NodeJS.Signals } = {},
): Promise<RunningProgram> {
  const { killSignal = 'SIGKILL', ...how } = options
  const child = spawn(path, args, { ...how, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  const keep = (chunk: unknown) => (log = `${log}${chunk}`.slice(-64_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', keep)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    const exited = once(child, 'exit')
    child.kill(killSignal)
    await exited
  }
  onTestFinished(kill)
  const deadlineMs = performance.now() + PATIENCE_MS
  while (!(await answers(port))) {
    if (performance.now() > deadlineMs || child.exitCode !== null) throw new Error(`${path} did not start: ${log}`)
    await wait(20)
  }
  return { child, log: () => log, kill }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
