import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningProgram {
  readonly child: ChildProcess
  /** Everything that it has written so far. */
  readonly output: () => string
  /** Resolves with all of its output when it has ended. */
  readonly ended: Promise<string>
}

export type Environment = Readonly<Record<string, string>>

let labs = 0
/** Those that are there. */
const present = new Set<Namespaces>()

/** Removes every network of this process with all that runs in it. Idempotent; never throws: for the last moment of a process, too. */
export function removeNetworks(): void {
  for (const namespaces of present) namespaces.remove()
}

/** The network namespaces of one lab, their folders, and what runs in them: all gone together. */
export class Namespaces {
  readonly #prefix: string
  readonly #folder: string
  readonly #names: string[] = []
  readonly #programs = new Set<ChildProcess>()

  constructor() {
    labs += 1
    this.#prefix = `hs${process.pid}x${labs}`
    this.#folder = mkdtempSync(join(tmpdir(), 'hotspare-lab-'))
    chmodSync(this.#folder, 0o755)
    present.add(this)
  }

  /** @returns what the kernel calls it */
  add(name: string): string {
    const namespace = `${this.#prefix}-${name}`
    ip('netns', 'add', namespace)
    this.#names.push(namespace)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    return namespace
  }

  /** Makes a folder. */
  addFolder(name: string): string {
    const folder = mkdtempSync(join(this.#folder, `${name}-`))
    // Root alone may enter a folder of mkdtemp, and some servers refuse to run as root.
    chmodSync(folder, 0o755)
    return folder
  }

  run(namespace: string, command: string, parameters: readonly string[], env: Environment = {}): RunningProgram {
    // A group of its own, so that a server goes with its workers.
    const child = spawn('ip', ['netns', 'exec', namespace, command, ...parameters], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env },
    })
    this.#programs.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
    const ended = new Promise<string>((resolve) => child.once('close', () => resolve(output)))
    return { child, output: () => output, ended }
  }

  /** Idempotent. */
  remove(): void {
    if (!present.delete(this)) return
    for (const child of this.#programs) killGroup(child)
    for (const namespace of this.#names) {
      // What has left the group of the program that started it, or has outlived it.
      killAll(namespace)
      // A namespace takes its links with it.
      spawnSync('ip', ['netns', 'delete', namespace])
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Runs a short program in a namespace to its end. @returns its output */
export function execute(namespace: string, command: string, parameters: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', namespace, command, ...parameters], { encoding: 'utf8' })
}

/** @throws Error where `ip` fails; what it said goes to stderr */
export function ip(...parameters: readonly string[]): void {
  execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Kills all that runs in a namespace. */
export function killAll(namespace: string): void {
  const pids = () => spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)
  // Once more for what was just being started.
  for (let round = 0; round < 2; round++) for (const pid of pids()) kill(Number(pid))
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  kill(-child.pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
