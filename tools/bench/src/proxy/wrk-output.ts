/** What one run of wrk measured. */
export interface LoadResult {
  readonly requests: number
  readonly durationMicros: number
  /** Received, heads included. */
  readonly bytes: number
  readonly p50Micros: number
  readonly p99Micros: number
  /** Requests and connections that failed: sockets, time-outs, and a status of 400 or more. */
  readonly failures: number
}

const MARK = 'hotspare-bench '

/**
 * Reads the line that `wrk-report.lua` prints at the end of wrk's output.
 *
 * @returns undefined where the line is missing, or a number in it is missing or no number
 */
export function parseWrkOutput(output: string): LoadResult | undefined {
  const line = output.split('\n').findLast((candidate) => candidate.startsWith(MARK))
  if (line === undefined) return undefined
  const fields = new Map(line.slice(MARK.length).trim().split(' ').map(readField))
  const numberOf = (name: string) => fields.get(name) ?? Number.NaN
  const result: LoadResult = {
    requests: numberOf('requests'),
    durationMicros: numberOf('duration_us'),
    bytes: numberOf('bytes'),
    p50Micros: numberOf('p50_us'),
    p99Micros: numberOf('p99_us'),
    failures: numberOf('connect') + numberOf('read') + numberOf('write') + numberOf('status') + numberOf('timeout'),
  }
  return Object.values(result).every((value) => Number.isFinite(value)) ? result : undefined
}

function readField(text: string): [string, number] {
  const [, name = '', digits = ''] = /^([a-z0-9_]+)=(\d{1,15})$/.exec(text) ?? []
  return [name, digits === '' ? Number.NaN : Number(digits)]
}
