import { assertNever, clipDetail, errorText, HotspareError, type HotspareErrorOptions } from '@hotspare/core'

/** Why a call to a cloud has failed. */
export type CloudFault =
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

export interface CloudErrorOptions {
  /** `aws-elastic-ip` */
  readonly who: string
  readonly fault: CloudFault
  readonly why: string
  /** How long the other side wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** What a cloud, or the way to it, has done to a call. */
export class CloudError extends HotspareError {
  readonly fault: CloudFault
  /** How long the other side wants to be left alone, in milliseconds; undefined where it has not said. */
  readonly retryAfterMs: number | undefined

  constructor({ who, fault, why, retryAfterMs, cause }: CloudErrorOptions) {
    super({ ...detailsOf(fault, `${who}: ${clipDetail(why)}`), cause })
    this.fault = fault
    this.retryAfterMs = retryAfterMs
  }
}

/** What was thrown, as an error of a cloud: whatever is none of those means that no usable answer came. */
export function asCloudError(thrown: unknown, who: string): CloudError {
  if (thrown instanceof CloudError) return thrown
  return new CloudError({ who, fault: 'unavailable', why: `no usable answer: ${errorText(thrown)}`, cause: thrown })
}

function detailsOf(fault: CloudFault, message: string): HotspareErrorOptions {
  switch (fault) {
    case 'limited':
      return { code: 'HOTSPARE_CLOUD_LIMITED', message, retryable: true }
    case 'unavailable':
      return { code: 'HOTSPARE_CLOUD_UNAVAILABLE', message, retryable: true }
    case 'busy':
      return { code: 'HOTSPARE_CLOUD_BUSY', message, retryable: true }
    case 'credentials':
      return { code: 'HOTSPARE_CLOUD_CREDENTIALS', message, retryable: false }
    case 'refused':
      return { code: 'HOTSPARE_CLOUD_REFUSED', message, retryable: false }
    default:
      return assertNever(fault)
  }
}
