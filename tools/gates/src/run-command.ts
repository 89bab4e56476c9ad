import { spawn } from 'node:child_process'
import { root } from './root.ts'

/** Enough to see what went wrong; a tool that prints without end must not fill the memory. */
const OUTPUT_LIMIT = 200_000
const DEFAULT_TIMEOUT_MS = 5 * 60_000

export interface CommandOptions {
  readonly cwd?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface CommandResult {
  readonly ok: boolean
  /** Why it is not ok: `exited with 1`, `did not end within 300 s`. */
  readonly reason: string
  /** Both streams, the last 200,000 characters. */
  readonly output: string
  readonly seconds: number
}

/** Runs a command in a process group of its own, so that a time limit or Ctrl-C ends its children as well. Never throws. */
export function runCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<CommandResult> {
  const [program, ...programArguments] = command
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const startedMs = performance.now()
  return new Promise((resolve) => {
    let output = ''
    let stopped: string | undefined
    const child = spawn(program, programArguments, {
      cwd: options.cwd ?? root,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const stop = (reason: string) => {
      stopped ??= reason
      killGroup(child.pid)
    }
    const timer = setTimeout(() => stop(`did not end within ${timeoutMs / 1000} s`), timeoutMs)
    const onAbort = () => stop('was interrupted')
    options.signal?.addEventListener('abort', onAbort, { once: true })
    if (options.signal?.aborted) onAbort()
    const finish = (failure: string | undefined) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      const reason = stopped ?? failure
      const seconds = (performance.now() - startedMs) / 1000
      resolve({ ok: reason === undefined, reason: reason ?? '', output: output.trim(), seconds })
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-OUTPUT_LIMIT)
      })
    }
    child.on('error', (error) => finish(`could not be started: ${error.message}`))
    child.on('close', (code, signal) => {
      if (code === 0) finish(undefined)
      else finish(signal ? `was ended by ${signal}` : `exited with ${code}`)
    })
  })
}

/** SIGTERM, then SIGKILL for whoever is left two seconds later. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal)
    } catch {
      // The group has ended.
    }
  }
  send('SIGTERM')
  setTimeout(() => send('SIGKILL'), 2_000).unref()
}
