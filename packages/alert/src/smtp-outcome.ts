import { oneLine } from './text.ts'
import type { Delivery } from './types.ts'

/** The fields of a failure that say whether it may pass; nodemailer's errors have them. */
export interface SmtpFailure {
  readonly message: string
  readonly code?: string | undefined
  /** The server's three digits. */
  readonly responseCode?: number | undefined
  /** The server's whole answer. */
  readonly response?: string | undefined
}

/** Failures on our own side of the wire, before any answer, that no repetition cures. */
const HOPELESS = new Set(['EAUTH', 'ENOAUTH', 'EENVELOPE', 'EMESSAGE', 'ECONFIG', 'EREQUIRETLS', 'EMAXRECIPIENTS'])

/**
 * RFC 5321 section 4.2.1: 4yz may pass, 5yz will not. Two exceptions: 503 says that the session went wrong, not the mail;
 * and 5.4.4, "unable to route", is what servers say while their DNS is broken.
 */
export function isPassing({ code, responseCode, response }: SmtpFailure): boolean {
  if (responseCode === undefined) return !HOPELESS.has(code ?? '')
  return responseCode < 500 || responseCode === 503 || /^\d{3}[ -]5\.4\.4\b/.test(response ?? '')
}

/** What a send means that failed for everybody who was still to get the mail. */
export function judgeSmtpFailure(who: string, failure: SmtpFailure): Delivery & { readonly ok: false } {
  return { ok: false, retryable: isPassing(failure), reason: oneLine(`${who} failed: ${failure.message}`) }
}

/** How the recipients of a mail fared, over all its attempts. */
export interface RecipientOutcome {
  readonly total: number
  readonly accepted: number
  /** Those whom the server refused in this attempt. */
  readonly refused: readonly SmtpFailure[]
  /** The server's answer to the whole mail. */
  readonly response: string
}

/** A mail that some have is repeated for those who may still get it, and done when the rest never will. */
export function judgeRecipients(who: string, { total, accepted, refused, response }: RecipientOutcome): Delivery {
  const share = `${accepted} of ${total} recipients`
  const passing = refused.find((failure) => isPassing(failure))
  if (passing) return { ok: false, retryable: true, reason: oneLine(`${who} reached ${share} so far: ${passing.message}`) }
  if (refused[0]) return { ok: true, receipt: oneLine(`${share} accepted: ${refused[0].message}`) }
  return { ok: true, receipt: oneLine(response) }
}
