import { execFile } from 'node:child_process'
import { errorText, HotspareError } from '@hotspare/core'

/** What dnsperf counted. */
export interface DnsLoadResult {
  readonly answered: number
  /** Questions that nobody answered in time. */
  readonly lost: number
  readonly seconds: number
  /** How many answers had an rcode other than NOERROR and NXDOMAIN. */
  readonly failed: number
  readonly averageLatencyMs: number
}

export interface DnsLoadOptions {
  /** dnsperf's full path. */
  readonly program: string
  readonly core: number | undefined
  readonly port: number
  readonly file: string
  readonly seconds: number
  /** Undefined: as fast as answers come. */
  readonly perSecond: number | undefined
  readonly signal: AbortSignal
}

/** Questions that are under way at a time. */
const OUTSTANDING = 100
/** How much longer than asked it may take: it waits for its last answers. */
const GRACE_MS = 15_000

/** @throws HotspareError `HOTSPARE_BENCH_LOAD` when dnsperf fails or prints no report */
export function runDnsLoad(options: DnsLoadOptions): Promise<DnsLoadResult> {
  const { program, core, port, file, seconds, perSecond, signal } = options
  const pace = perSecond === undefined ? [] : ['-Q', `${perSecond}`]
  const command = [
    '-s',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-d',
    file,
    '-l',
    `${seconds}`,
    '-c',
    '4',
    '-T',
    '1',
    '-q',
    `${OUTSTANDING}`,
    '-t',
    '2',
    ...pace,
  ]
  const [run, given] = core === undefined ? [program, command] : ['taskset', ['-c', `${core}`, program, ...command]]
  return new Promise((resolve, reject) => {
    execFile(run, given, { timeout: seconds * 1_000 + GRACE_MS, signal }, (error, stdout, stderr) => {
      const result = error ? undefined : parseDnsperf(stdout)
      if (result) return resolve(result)
      const message = `bench: dnsperf gave no report for port ${port}: ${`${stdout}${stderr}`.trim().slice(-500) || errorText(error)}`
      reject(new HotspareError({ code: 'HOTSPARE_BENCH_LOAD', message, cause: error }))
    })
  })
}

/** @returns undefined where the text is no report of dnsperf */
export function parseDnsperf(text: string): DnsLoadResult | undefined {
  const number = (pattern: RegExp) => {
    const [, found] = pattern.exec(text) ?? []
    return found === undefined ? undefined : Number(found)
  }
  const answered = number(/Queries completed:\s+(\d+)/)
  const lost = number(/Queries lost:\s+(\d+)/)
  const seconds = number(/Run time \(s\):\s+([\d.]+)/)
  const latency = number(/Average Latency \(s\):\s+([\d.]+)/)
  if (answered === undefined || lost === undefined || seconds === undefined || latency === undefined) return undefined
  const [, codes = ''] = /Response codes:\s+(.*)/.exec(text) ?? []
  const failed = [...codes.matchAll(/([A-Z]+\d*) (\d+)/g)].reduce(
    (sum, [, name, count]) => (name === 'NOERROR' || name === 'NXDOMAIN' ? sum : sum + Number(count)),
    0,
  )
  return { answered, lost, seconds, failed, averageLatencyMs: latency * 1_000 }
}
