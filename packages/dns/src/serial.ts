/**
 * How far `to` is ahead of `from`, in the circle of serial numbers: negative where it is behind. RFC 1982, 3.2, leaves two
 * serials that are exactly half the circle apart undefined; here the second one is behind then.
 *
 * @param from an SOA serial, 0 to 2^32 - 1
 * @param to another one
 */
export function serialDistance(from: number, to: number): number {
  return (to - from) | 0
}

/** Whether a serial comes after another. */
export function isNewerSerial(serial: number, than: number): boolean {
  return serialDistance(than, serial) > 0
}

/** The newest of some serials; undefined where there is none. */
export function newestSerial(serials: Iterable<number | undefined>): number | undefined {
  let newest: number | undefined
  for (const serial of serials) {
    if (serial === undefined) continue
    if (newest === undefined || isNewerSerial(serial, newest)) newest = serial
  }
  return newest
}
