import { type ChildProcess, spawn } from 'node:child_process'
import { type Clock, errorCode, errorText } from '@hotspare/core'
import { agentDefaults } from '../defaults.ts'

/** What is run, and what it reads. */
export interface AgentRun {
  readonly file: string
  /** Everything that the agent is told, secrets included: nobody sees it in the list of processes. */
  readonly input: string
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  /** Kept of the beginning of stdout instead of its end, in characters: for metadata. */
  readonly keepFirst?: number | undefined
}

/** How an agent ended. */
export type AgentEnd =
  | { readonly type: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly type: 'not-started'; readonly because: string }
  /** Ended by a signal, by us or others. */
  | { readonly type: 'broken'; readonly because: string }

/** As Debian has it; agents log in by telnet, ssh and HTTP, and need nothing of this process. */
const ENVIRONMENT = Object.freeze({ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' })

/**
 * Runs an agent without a shell, in a process group that ends with it. Never rejects; resolves at the deadline at the latest,
 * even where the agent cannot be killed.
 */
export function runAgent({ file, input, timeoutMs, clock, signal, keepFirst }: AgentRun): Promise<AgentEnd> {
  return new Promise((resolve) => {
    let child: ChildProcess
    try {
      child = spawn(file, [], { cwd: '/', env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    } catch (error) {
      return resolve({ type: 'not-started', because: startProblem(error) })
    }
    const texts = { stdout: '', stderr: '' }
    let bytes = 0
    let because: string | undefined
    let grace: { cancel(): void } | undefined
    const end = (why: string) => {
      if (because !== undefined) return
      because = why
      killGroup(child, 'SIGTERM')
      grace = clock.schedule(agentDefaults.graceMs, () => killGroup(child, 'SIGKILL'))
      resolve({ type: 'broken', because: why })
    }
    const deadline = clock.schedule(timeoutMs, () => end(`it did not end within ${timeoutMs} ms`))
    const onAbort = () => end('it was given up')
    signal?.addEventListener('abort', onAbort, { once: true })
    const settled = () => {
      deadline.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        bytes += Buffer.byteLength(text)
        texts[stream] = kept(texts[stream] + text, stream === 'stdout' ? keepFirst : undefined)
        if (bytes > agentDefaults.maxOutputBytes) end(`it wrote more than ${agentDefaults.maxOutputBytes} bytes`)
      })
      child[stream]?.on('error', () => {})
    }
    // An agent that ends without reading is judged by its status.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    // Stays for good: a later failure to signal it is an 'error' too.
    child.on('error', (error) => {
      if (child.pid !== undefined) return
      settled()
      resolve({ type: 'not-started', because: startProblem(error) })
    })
    child.once('exit', () => {
      settled()
      grace?.cancel()
      // What it left behind in its group. In the same turn as the news of its end, so that the number cannot belong to others yet.
      killGroup(child, 'SIGKILL')
      // A process that has left the group may hold the pipe open for days.
      const left = clock.schedule(agentDefaults.leftPipeMs, () => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      })
      child.once('close', () => left.cancel())
    })
    child.once('close', (code, by) => {
      if (code === null) resolve({ type: 'broken', because: `it was ended by ${by ?? 'a signal'}` })
      else resolve({ type: 'exited', code, ...texts })
    })
    if (signal?.aborted) onAbort()
  })
}

function kept(text: string, first: number | undefined): string {
  return first === undefined ? text.slice(-agentDefaults.keptCharacters) : text.slice(0, first)
}

function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody of the group is left.
  }
}

function startProblem(error: unknown): string {
  const code = errorCode(error)
  if (code === 'ENOENT') return 'there is no such program; Debian has most of them in the package fence-agents'
  if (code === 'EACCES') return 'it may not be run'
  return `it cannot be started: ${errorText(error)}`
}
