const CIRCLE_HALF = 0x8000_0000

/** Whether a serial comes after another in their circle of 32 bits (RFC 1982, 3.2). */
export function isNewerSerial(serial: number, than: number): boolean {
  const ahead = (serial - than) >>> 0
  return ahead !== 0 && ahead < CIRCLE_HALF
}

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
