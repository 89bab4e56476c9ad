import { isNewerSerial } from '../serial.ts'

/**
 * The serial of the next version of a zone: the time in seconds, so that it grows over restarts; one more where that is no newer, as
 * for several changes in a second.
 *
 * @param current undefined before the first version
 * @param wallMs milliseconds since the Unix epoch
 */
export function nextSerial(current: number | undefined, wallMs: number): number {
  const now = Math.floor(wallMs / 1_000) >>> 0
  return current === undefined || isNewerSerial(now, current) ? now : (current + 1) >>> 0
}
