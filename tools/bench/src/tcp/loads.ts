import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { errorText, HotspareError } from '@hotspare/core'
import { type LoadResult, parseWrkOutput } from '../proxy/wrk-output.ts'

const REPORT_SCRIPT = fileURLToPath(new URL('../proxy/wrk-report.lua', import.meta.url))
/** How much longer than asked wrk may take: it waits for its last answers. */
const GRACE_MS = 15_000
const MEBIBYTE = 1_048_576

/** One way to use a proxy, and what its cost is divided by. */
export interface TcpLoad {
  /** What the tables call it. */
  readonly name: string
  /** A file of the origin. */
  readonly file: string
  readonly bytes: number
  /** Of the load generator, at a time. */
  readonly connections: number
  readonly headers: readonly string[]
  readonly unit: string
  /** How many of the unit one answer is. */
  readonly units: number
}

/** The proxies see bytes alone; that it is HTTP is a matter of the origin and the load generator. */
export const tcpLoads: readonly TcpLoad[] = [
  { name: '16 KiB answers', file: 'large', bytes: 16_384, connections: 32, headers: [], unit: 'answer', units: 1 },
  { name: 'bulk', file: 'bulk', bytes: 16 * MEBIBYTE, connections: 4, headers: [], unit: 'MiB', units: 16 },
  { name: 'connections', file: 'small', bytes: 100, connections: 16, headers: ['Connection: close'], unit: 'connection', units: 1 },
]

export interface TcpLoadOptions {
  /** wrk's full path. */
  readonly wrk: string
  readonly core: number | undefined
  readonly port: number
  readonly seconds: number
  readonly signal: AbortSignal
}

/** @throws HotspareError `HOTSPARE_BENCH_LOAD` when wrk fails or prints no report */
export function runTcpLoad({ file, connections, headers }: TcpLoad, options: TcpLoadOptions): Promise<LoadResult> {
  const { wrk, core, port, seconds, signal } = options
  const url = `http://127.0.0.1:${port}/${file}`
  const command = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', REPORT_SCRIPT, ...headers.flatMap((header) => ['-H', header]), url]
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
