/** RFC 9110, 5.6.7: dates of HTTP are in GMT, in whichever of the three formats. */
const HTTP_DATE = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? [\w :-]{10,40}$/

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3), which is a number of seconds or a date.
 *
 * @param nowMs the wall clock, in milliseconds since the Unix epoch
 * @returns milliseconds from now, 0 or more; undefined where there is nothing that can be read
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000
  if (!HTTP_DATE.test(text)) return undefined
  const dueMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
  return Number.isNaN(dueMs) ? undefined : Math.max(0, dueMs - nowMs)
}
