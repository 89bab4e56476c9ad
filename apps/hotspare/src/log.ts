import { Writable } from 'node:stream'
import type { Logger } from '@hotspare/core'
import pino from 'pino'
import pretty from 'pino-pretty'
import type { LogConfig } from './config/config.ts'
import type { Redactor } from './config/redactor.ts'
import { redactedText } from './redacted.ts'

export interface LogOptions extends LogConfig {
  /** Takes each line, its end included. */
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined }
  readonly redactor: Redactor
  readonly node: string
}

/** The process's log: JSON lines, or readable ones on a terminal. No line leaves with a secret in it. */
export function createLogger(options: LogOptions): Logger {
  const { level, format, output, redactor, node } = options
  const readable = format === 'pretty' || (format === 'auto' && output.isTTY === true)
  const redacting = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const line = chunk.toString()
      output.write(readable ? redactor.redact(line) : redactedText(line, redactor))
      done()
    },
  })
  const destination = readable
    ? pretty({
        destination: redacting,
        colorize: output.isTTY === true,
        ignore: 'pid,hostname,node,event',
        translateTime: 'SYS:HH:MM:ss.l',
        sync: true,
      })
    : redacting
  return pino({ level, base: { node }, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** A log that can be replaced by another one: whoever was given it writes into that from then on. */
export function followingLogger(first: Logger): { readonly logger: Logger; readonly follow: (next: Logger) => void } {
  let current = first
  return {
    logger: {
      debug: (fields, message) => current.debug(fields, message),
      info: (fields, message) => current.info(fields, message),
      warn: (fields, message) => current.warn(fields, message),
      error: (fields, message) => current.error(fields, message),
    },
    follow(next) {
      current = next
    },
  }
}
