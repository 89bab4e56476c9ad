import { type CloudAnswer, type CloudComplaint, type CloudFault, listAt, parseJson, textAt } from '@hotspare/cloud'

/** By the codes of Cloudflare; what is not here is judged by its status. */
const FAULTS: Readonly<Record<string, CloudFault>> = {
  // Invalid request headers: a token that is none.
  6003: 'credentials',
  9103: 'credentials',
  9106: 'credentials',
  9109: 'credentials',
  10000: 'credentials',
  // "Please wait and consider throttling your request speed".
  971: 'limited',
}

/** Who goes over the limit is refused everything for five minutes. */
const BLOCKED_MS = 300_000

/** The record that was named is not there; or the one to be made is there already. */
const CHANGED_MEANWHILE = new Set(['81044', '81057', '81058'])

/** What a failed answer says. */
export function complaintOf(answer: CloudAnswer): CloudComplaint {
  const errors = listAt(parseJson(answer.text), 'errors')
  const code = textAt(errors[0], 'code')
  const message = errors.flatMap((each) => textAt(each, 'message') ?? []).join('; ')
  const fault = errors.map((each) => FAULTS[textAt(each, 'code') ?? '']).find((known) => known !== undefined)
  const isLimited = answer.status === 429 || fault === 'limited'
  return { code, message, ...(fault ? { fault } : {}), ...(isLimited ? { retryAfterMs: BLOCKED_MS } : {}) }
}

/** Whether a change failed since records are no longer those that were read; nothing of it was done. */
export function wasOvertaken(answer: CloudAnswer): boolean {
  if (answer.status < 400 || answer.status >= 500) return false
  return listAt(parseJson(answer.text), 'errors').some((each) => CHANGED_MEANWHILE.has(textAt(each, 'code') ?? ''))
}
