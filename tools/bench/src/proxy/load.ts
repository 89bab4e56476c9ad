import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { errorText, HotspareError } from '@hotspare/core'
import { type LoadResult, parseWrkOutput } from './wrk-output.ts'

const REPORT_SCRIPT = fileURLToPath(new URL('wrk-report.lua', import.meta.url))
/** How much longer than asked wrk may take: it waits for its last answers. */
const GRACE_MS = 15_000

/** Keep-alive connections of the load generator: enough to keep one core busy, and few enough for a latency that means something. */
const CONNECTIONS = 32

export interface LoadOptions {
  /** wrk's full path. */
  readonly wrk: string
  readonly core: number | undefined
  readonly url: string
  readonly seconds: number
  readonly signal?: AbortSignal | undefined
}

/** @throws HotspareError `HOTSPARE_BENCH_LOAD` when wrk fails or prints no report */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { wrk, core, url, seconds, signal } = options
  const command = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', REPORT_SCRIPT, url]
  const [program, given] = core === undefined ? [wrk, command] : ['taskset', ['-c', `${core}`, wrk, ...command]]
  return new Promise((resolve, reject) => {
    execFile(program, given, { timeout: seconds * 1_000 + GRACE_MS, signal }, (error, stdout, stderr) => {
      const result = error ? undefined : parseWrkOutput(stdout)
      if (result) return resolve(result)
      const message = `bench: wrk gave no report for ${url}: ${`${stdout}${stderr}`.trim() || errorText(error)}`
      reject(new HotspareError({ code: 'HOTSPARE_BENCH_LOAD', message, cause: error }))
    })
  })
}
