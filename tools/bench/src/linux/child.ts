import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { HotspareError, sleep, withDeadline } from '@hotspare/core'

const STOP_WITHIN_MS = 3_000
const OUTPUT_LIMIT = 4_000

export interface ChildOptions {
  readonly name: string
  readonly program: string
  readonly arguments: readonly string[]
  /** The core that it may run on; undefined for any. */
  readonly core?: number | undefined
  /** A channel for messages, for children that are Node. */
  readonly ipc?: boolean | undefined
}

/** A process of the bench's own, in a group of its own, so that its children end with it. */
export interface Child {
  readonly name: string
  readonly pid: number
  readonly process: ChildProcess
  /** Why it has ended; undefined while it runs. */
  readonly ended: () => string | undefined
  stop(): Promise<void>
}

/** @throws HotspareError `HOTSPARE_BENCH_CHILD` when the program cannot be started */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, core } = options
  // taskset replaces itself by the program, so the process id stays.
  const [program, ...given] = [...(core === undefined ? [] : ['taskset', '-c', `${core}`]), options.program, ...options.arguments]
  const child = spawn(program ?? options.program, given, {
    stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? ['ipc' as const] : [])],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-OUTPUT_LIMIT)))
  }
  let ended: string | undefined
  child.once('exit', (code, signal) => {
    ended = `${name} ended with ${signal ?? code}${output.trim() === '' ? '' : `: ${output.trim()}`}`
  })
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => {
      throw new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message: `bench: ${name} cannot be started`, cause: error })
    }),
  ])
  child.on('error', () => {})
  const pid = child.pid ?? 0
  return {
    name,
    pid,
    process: child,
    ended: () => ended,
    async stop() {
      if (ended !== undefined) return
      const exited = once(child, 'exit')
      signalGroup(pid, 'SIGTERM')
      await withDeadline(name, STOP_WITHIN_MS, () => exited).catch(() => {})
      signalGroup(pid, 'SIGKILL')
      await exited
    },
  }
}

/**
 * Asks again and again until `attempt` gives something.
 *
 * @throws HotspareError `HOTSPARE_BENCH_CHILD` when the child ends before that; `HOTSPARE_CORE_TIMEOUT`
 */
export function whenReady<T>(child: Child, attempt: () => Promise<T | undefined>, withinMs: number): Promise<T> {
  return withDeadline(child.name, withinMs, async (signal) => {
    for (;;) {
      const ended = child.ended()
      if (ended !== undefined) throw new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message: `bench: ${ended}` })
      const result = await attempt().catch(() => undefined)
      if (result !== undefined) return result
      await sleep(50, { signal })
    }
  })
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has ended.
  }
}
