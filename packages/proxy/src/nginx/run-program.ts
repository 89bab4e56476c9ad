import { abortReason, clipDetail, errorCode, errorText } from '@hotspare/core'
import { execFile } from 'node:child_process'
import type { EngineFailure } from '../engines/engine.ts'
import type { Argv } from './options.ts'

/** What nginx prints is kept up to here. */
const OUTPUT_BYTES = 65_536

/** Runs a program to its end, without a shell. @returns what it complained of, where it failed */
export async function runProgram(
  argv: Argv,
  {
    timeoutMs,
    signal,
    reason,
  }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined; readonly reason: EngineFailure['reason'] },
): Promise<{ readonly ok: true } | EngineFailure> {
  const [file, ...parameters] = argv
  return new Promise((resolve, reject) => {
    const limits = { timeout: timeoutMs, maxBuffer: OUTPUT_BYTES, killSignal: 'SIGKILL' as const, signal, windowsHide: true }
    execFile(file, parameters, limits, (error, _, complaints) => {
      if (!error) return resolve({ ok: true })
      if (signal?.aborted) return reject(abortReason(signal))
      if (errorCode(error) === 'ENOENT') return resolve({ ok: false, reason: 'missing', detail: `there is no program ${file}` })
      if (errorCode(error) === 'EACCES') return resolve({ ok: false, reason: 'denied', detail: `${file} may not be run` })
      if (error.killed) return resolve({ ok: false, reason: 'unreachable', detail: `${file}: not done within ${timeoutMs} ms` })
      return resolve({ ok: false, reason, detail: clipDetail(`${file}: ${saidBy(complaints) ?? errorText(error)}`, 400) })
    })
  })
}

/** nginx's first `[emerg]` says what is wrong; what follows says that something was. */
function saidBy(complaints: string): string | undefined {
  const lines = complaints.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => line.includes('[emerg]')) ?? lines.at(-1)
}
