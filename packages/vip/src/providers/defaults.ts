import type { ProviderTerms } from './provider.ts'

/** How providers are called. Each number with its reason. */
export const providerDefaults: Readonly<
  Record<'retryBaseMs' | 'retryCapMs' | 'limitedMs' | 'longestPauseMs' | 'patienceMs' | 'reserveShare' | 'longestLookPauseMs', number>
> = Object.freeze({
  /** Upper bound of the first pause after a call that failed: most of what a second try meets is over by then. */
  retryBaseMs: 250,
  /** Upper bound of every pause: a takeover is given a minute at least, and is to have a few tries at its end. */
  retryCapMs: 15_000,
  /** The least that a limit lasts for which the provider has named no time: limits come back by the second. */
  limitedMs: 1_000,
  /** A provider that wants to be left alone for longer is not waited for in the middle of a plan. */
  longestPauseMs: 20_000,
  /** How long an observation waits for a provider that has answered before: then what was seen last stands. */
  patienceMs: 1_000,
  /** Of the calls that are allowed at once: what looks leave to whoever has to act. */
  reserveShare: 0.5,
  /** The longest pause between two looks that fail: an outage that ends is noticed within a minute. */
  longestLookPauseMs: 60_000,
})

/** What is asked of most providers alike. Each number with its reason. */
export const usualTerms: Pick<ProviderTerms, 'callMs' | 'pollMs' | 'lookEveryMs' | 'credentialsPauseMs'> = Object.freeze({
  /** Their APIs answer within a second or two; one that takes longer than this has lost the question. */
  callMs: 10_000,
  /** Operations take seconds: less would be calls, and more would be the address's time. */
  pollMs: 500,
  /** Six a minute are far below every limit, and what somebody changes by hand is noticed soon enough. */
  lookEveryMs: 10_000,
  /** Credentials that were refused are seldom mended sooner; and refusals in a row are what locks an account out. */
  credentialsPauseMs: 30_000,
})
