import type { Logger } from '../logger.ts'

/** One call of a recording logger. */
export interface LogRecord {
  readonly level: keyof Logger
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A logger that keeps what it is told, for tests to look at. */
export function recordingLogger(): Logger & { readonly records: readonly LogRecord[] } {
  const records: LogRecord[] = []
  const method = (level: keyof Logger) => (fields: Readonly<Record<string, unknown>>, message: string) =>
    void records.push({ level, fields, message })
  return { records, debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') }
}
