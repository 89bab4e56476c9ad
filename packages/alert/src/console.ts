import { z } from 'zod'
import { parseOptions } from './parse-options.ts'
import { channelName } from './schema-parts.ts'
import { isoTime, oneLine } from './text.ts'
import type { Alert, Channel, Severity } from './types.ts'

export interface ConsoleChannelOptions {
  /** What it is called in events. */
  readonly name: string
  /** Takes one line without its end. Required, since a library owns no terminal: `console.log`, or what a service writes to. */
  readonly write: (line: string) => void
  /** Colours by ANSI escapes, for a writer that is a terminal. Default: false */
  readonly colors?: boolean | undefined
}

export interface ResolvedConsoleChannelOptions {
  readonly name: string
  readonly write: (line: string) => void
  readonly colors: boolean
}

export const consoleChannelOptionsSchema: z.ZodType<ResolvedConsoleChannelOptions, ConsoleChannelOptions> = z.strictObject({
  name: channelName,
  write: z.custom<(line: string) => void>((value) => typeof value === 'function', 'expected a function that takes a line'),
  colors: z.boolean().default(false),
})

/** A line of a log, not of a screen: long enough for a whole story. */
const LINE_LENGTH = 2_000
const RESET = '\u001B[0m'
const GREEN = '\u001B[32m'
const SEVERITY_COLOR: Readonly<Record<Severity, string>> = { critical: '\u001B[31m', warning: '\u001B[33m', info: '\u001B[36m' }

/**
 * Writes one line for each alert, whatever the alert holds.
 *
 * @throws HotspareError `HOTSPARE_ALERT_OPTIONS` when the options cannot work
 */
export function consoleChannel(options: ConsoleChannelOptions): Channel {
  const { name, write, colors } = parseOptions('console channel', consoleChannelOptionsSchema, options)
  return {
    name,
    type: 'console',
    async send(alert, sendOptions) {
      if (sendOptions?.signal?.aborted) return { ok: false, retryable: true, reason: 'aborted' }
      try {
        write(formatLine(alert, colors))
        return { ok: true }
      } catch {
        return { ok: false, retryable: true, reason: 'the writer threw' }
      }
    },
  }
}

function formatLine(alert: Alert, colors: boolean): string {
  const { at, severity, status, type, key, title, text } = alert
  const state = `${severity.toUpperCase()} ${status}`
  const color = status === 'resolved' ? GREEN : SEVERITY_COLOR[severity]
  const story = text === '' ? title : `${title} - ${text}`
  // The colours come after the cleaning, which would take them for an attack.
  return [isoTime(at), colors ? `${color}${state}${RESET}` : state, oneLine(`${type} ${key}: ${story}`, LINE_LENGTH)].join(' ')
}
