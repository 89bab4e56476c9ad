/** What HAProxy counted for one server since it was started, and how it is now. Times in milliseconds, over the last 1,024 requests. */
export interface HaproxyServerStats {
  readonly id: string
  /** HAProxy's own word: `UP`, `MAINT`, `DRAIN`, `no check`. */
  readonly status: string
  readonly weight: number
  readonly sessions: number
  readonly sessionsTotal: number
  /** New sessions in the last second. */
  readonly sessionsPerSecond: number
  readonly queued: number
  /** Of HTTP; undefined in TCP mode. */
  readonly requestsTotal: number | undefined
  readonly bytesInTotal: number
  readonly bytesOutTotal: number
  readonly connectErrorsTotal: number
  readonly responseErrorsTotal: number
  readonly retriesTotal: number
  readonly redispatchesTotal: number
  readonly responses5xxTotal: number | undefined
  readonly queueMs: number | undefined
  readonly connectMs: number | undefined
  readonly responseMs: number | undefined
  readonly totalMs: number | undefined
}

/**
 * Reads the answer to `show stat <backend> 4 -1` (management guide, section 9.1): CSV, with a header.
 *
 * @returns undefined where it is no such answer
 */
export function parseStats(text: string, backend: string): readonly HaproxyServerStats[] | undefined {
  const [header = '', ...lines] = text.split('\n')
  if (!header.startsWith('# pxname,svname,')) return undefined
  const names = header.slice(2).split(',')
  const stats: HaproxyServerStats[] = []
  for (const line of lines) {
    if (line.trim() === '') continue
    const cells = cellsOf(line)
    const cell = (name: string) => cells[names.indexOf(name)] ?? ''
    if (cell('pxname') !== backend) continue
    const optional = (name: string) => (/^\d+$/.test(cell(name)) ? Number(cell(name)) : undefined)
    const count = (name: string) => optional(name) ?? 0
    const classes = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'].map(optional)
    stats.push({
      id: cell('svname'),
      status: cell('status'),
      weight: count('weight'),
      sessions: count('scur'),
      sessionsTotal: count('stot'),
      sessionsPerSecond: count('rate'),
      queued: count('qcur'),
      requestsTotal: classes.every((each) => each === undefined) ? undefined : classes.reduce<number>((sum, each) => sum + (each ?? 0), 0),
      bytesInTotal: count('bin'),
      bytesOutTotal: count('bout'),
      connectErrorsTotal: count('econ'),
      responseErrorsTotal: count('eresp'),
      retriesTotal: count('wretr'),
      redispatchesTotal: count('wredis'),
      responses5xxTotal: optional('hrsp_5xx'),
      queueMs: optional('qtime'),
      connectMs: optional('ctime'),
      responseMs: optional('rtime'),
      totalMs: optional('ttime'),
    })
  }
  return stats
}

/** A line of RFC 4180; what a check has said may stand in quotation marks, with commas in it. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
