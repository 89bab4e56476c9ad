import { spawn } from 'node:child_process'
import { clipDetail, errorCode, errorText, HotspareError } from '@hotspare/core'
import { commandDefaults } from './defaults.ts'

export interface CommandOptions {
  /** What the command reads. */
  readonly input?: string | undefined
  /** It is killed after this. Default: 2,000 */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program with arguments, never through a shell.
 *
 * @returns how it ended, whatever its status
 * @throws HotspareError `HOTSPARE_VIP_UNAVAILABLE` when there is no such program, `HOTSPARE_VIP_SYSTEM` when it was killed
 */
export function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { input, timeoutMs = commandDefaults.timeoutMs, signal } = options
  return new Promise((resolve, reject) => {
    // Debian keeps them off the PATH of ordinary users.
    const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' }
    const child = spawn(program, args, { env, timeout: timeoutMs, killSignal: 'SIGKILL', ...(signal ? { signal } : {}) })
    const output = { stdout: '', stderr: '' }
    // A machine that has run out of descriptors gives none, and an error that ends the process unless somebody listens.
    const streams: Partial<Pick<typeof child, 'stdin' | 'stdout' | 'stderr'>> = child
    child.on('error', (error) => {
      if (errorCode(error) === 'ENOENT') {
        reject(new HotspareError({ code: 'HOTSPARE_VIP_UNAVAILABLE', message: `vip: ${program}: it is not installed`, cause: error }))
        return
      }
      const message = `vip: ${program}: ${errorText(error)}`
      reject(new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message, retryable: true, cause: error }))
    })
    for (const stream of ['stdout', 'stderr'] as const) {
      streams[stream]?.setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text
        if (output[stream].length > commandDefaults.maxOutputBytes) child.kill('SIGKILL')
      })
    }
    child.on('close', (status, killedBy) => {
      if (status !== null) return resolve({ status, ...output })
      const message = `vip: ${program} ${clipDetail(args.join(' '))}: ended by ${killedBy ?? 'a signal'} after at most ${timeoutMs} ms`
      reject(new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message, retryable: true }))
    })
    // A program that ends without reading is judged by its status.
    streams.stdin?.on('error', () => {})
    streams.stdin?.end(input ?? '')
  })
}
