import { assertNever, clipDetail, errorText, HotspareError, type HotspareErrorOptions } from '@hotspare/core'

/** Why a call to a provider has failed. */
export type ProviderFault =
  /** Too many calls; later ones are answered. */
  | 'limited'
  /** Nobody answered, or nothing that can be understood; whether the call has worked is unknown. */
  | 'unavailable'
  /** It did not work now: something else is changing the same thing, or an operation has ended badly. */
  | 'busy'
  /** Who we are is not believed. */
  | 'credentials'
  /** We may not, or it cannot be: for people. */
  | 'refused'

export interface ProviderErrorOptions {
  /** `aws-elastic-ip` */
  readonly who: string
  readonly fault: ProviderFault
  readonly why: string
  /** How long the provider wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** What a provider, or the way to it, has done to a call. */
export class ProviderError extends HotspareError {
  readonly fault: ProviderFault
  readonly retryAfterMs: number | undefined

  constructor({ who, fault, why, retryAfterMs, cause }: ProviderErrorOptions) {
    super({ ...detailsOf(fault, `${who}: ${clipDetail(why)}`), cause })
    this.fault = fault
    this.retryAfterMs = retryAfterMs
  }
}

/** What was thrown, as an error of a provider: whatever is none of those means that no usable answer came. */
export function asProviderError(thrown: unknown, who: string): ProviderError {
  if (thrown instanceof ProviderError) return thrown
  return new ProviderError({ who, fault: 'unavailable', why: `no usable answer: ${errorText(thrown)}`, cause: thrown })
}

function detailsOf(fault: ProviderFault, message: string): HotspareErrorOptions {
  switch (fault) {
    case 'limited':
      return { code: 'HOTSPARE_VIP_PROVIDER_LIMITED', message, retryable: true }
    case 'unavailable':
      return { code: 'HOTSPARE_VIP_PROVIDER_UNAVAILABLE', message, retryable: true }
    case 'busy':
      return { code: 'HOTSPARE_VIP_PROVIDER_BUSY', message, retryable: true }
    case 'credentials':
      return { code: 'HOTSPARE_VIP_PROVIDER_CREDENTIALS', message, retryable: false }
    case 'refused':
      return { code: 'HOTSPARE_VIP_PROVIDER_REFUSED', message, retryable: false }
    default:
      return assertNever(fault)
  }
}
