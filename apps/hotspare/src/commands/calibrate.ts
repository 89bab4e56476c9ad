import type { BeatMeasurement, PeerStatus } from '@hotspare/api'
import { formatDuration, HotspareError, parseDuration } from '@hotspare/core'
import { calibrate, type Calibration, type HeartbeatPromise, LATENESS_BOUNDS_MS } from '@hotspare/heartbeat'
import { falseAlarms } from '../config/false-alarms.ts'
import {
  clientFor,
  type CommandContext,
  type ExitCode,
  exitCodes,
  printJson,
  printLine,
  type RemoteOptions,
  usageError,
} from './context.ts'

export interface CalibrateCommandOptions extends RemoteOptions {
  readonly detect: string
  readonly falseAlarms: string
  readonly json?: boolean | undefined
}

/** `hotspare calibrate`: interval and timeout for a promise, by what the daemon has measured; and what to write into the file. */
export async function calibrateHeartbeat(options: CalibrateCommandOptions, context: CommandContext): Promise<ExitCode> {
  const promise = { detectMs: readTime(options.detect), falseAlarmsPerYear: readRate(options.falseAlarms) }
  const { cluster } = await clientFor(options).status({ signal: context.signal })
  if (!cluster) throw usageError('this daemon is no node of a cluster: nothing is measured')
  const peers = cluster.peers.map(({ beats = [] }) => beats.filter(isReadable))
  const found = calibrate({ ...promise, peers })
  if (options.json) printJson(context, { ...promise, ...found })
  else printLine(context, [...cluster.peers.map(formatMeasured), ...formatCalibration(promise, found)].join('\n'))
  return found.kept ? exitCodes.done : exitCodes.failed
}

/** Of a daemon of another version, which may count by other bounds. */
function isReadable({ later }: BeatMeasurement): boolean {
  return later.length === LATENESS_BOUNDS_MS.length
}

function readTime(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw HotspareError.is(error) ? usageError(`--detect: ${error.message}`) : error
  }
}

const TIMES_A_YEAR: Readonly<Record<string, number>> = { year: 1, month: 12, week: 52, day: 365 }

function readRate(text: string): number {
  const [, count = '', unit = 'year'] = /^(\d+(?:\.\d+)?)(?:\/(year|month|week|day))?$/.exec(text) ?? []
  const perYear = Number(count) * (TIMES_A_YEAR[unit] ?? 1)
  if (count !== '' && perYear > 0) return perYear
  throw usageError('--false-alarms: write how many, and in how long: 1/year, 0.1/year, 2/month')
}

function formatMeasured({ name, beats = [] }: PeerStatus): string {
  const ways = beats.map(({ received, lost, worstMs, intervalMs }) => {
    if (received === 0) return 'nothing heard'
    const percent = ((100 * lost) / (received + lost)).toPrecision(2)
    const time = formatDuration(Math.round((received * intervalMs) / 1_000) * 1_000)
    return `${received} beats in ${time}, ${lost === 0 ? 'none' : `${Number(percent)} %`} lost, the latest ${Math.ceil(worstMs)} ms late`
  })
  return `measured of ${name}: ${ways.length === 0 ? 'nothing' : ways.join('; by another path ')}`
}

function formatCalibration({ detectMs, falseAlarmsPerYear }: HeartbeatPromise, found: Calibration): string[] {
  if (!found.kept) {
    const { because, nearestDetectMs, nearestFalseAlarmsPerYear } = found
    const nearest = [
      ...(nearestDetectMs === undefined ? [] : [`${falseAlarms(falseAlarmsPerYear)} a year with ${formatDuration(nearestDetectMs)}`]),
      ...(nearestFalseAlarmsPerYear === undefined
        ? []
        : [`${formatDuration(detectMs)} with ${falseAlarms(nearestFalseAlarmsPerYear)} a year`]),
    ]
    return [
      `this cannot be promised: ${because}`,
      ...(nearest.length === 0 ? [] : [`what can: ${nearest.join(', or ')}`]),
      'The longer the daemon has measured, the more can be promised; let it see a day with its backups.',
    ]
  }
  const { intervalMs, timeoutMs, expectedFalseAlarmsPerYear, worstDetectMs, heldUpDetectMs } = found
  return [
    `in the whole cluster at most ${falseAlarms(expectedFalseAlarmsPerYear)} a year; a dead node is noticed within ${formatDuration(worstDetectMs)}, within ${formatDuration(Math.round(heldUpDetectMs))} by one that is itself held up`,
    'write this into the file, the same on all nodes:',
    'cluster:',
    '  heartbeat:',
    `    interval: ${formatDuration(intervalMs)}`,
    `    timeout: ${formatDuration(timeoutMs)}`,
    `    promise: { detect: ${formatDuration(detectMs)}, falseAlarmsPerYear: ${falseAlarmsPerYear} }`,
  ]
}
