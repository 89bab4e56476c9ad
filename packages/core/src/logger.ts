/** One log call: structured fields first, then a sentence, as pino does it. */
export type LogMethod = (fields: Readonly<Record<string, unknown>>, message: string) => void

/** The four methods that every package takes; a pino logger fits. Silent unless one is injected. */
export interface Logger {
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
}

const ignore: LogMethod = () => {}

export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
