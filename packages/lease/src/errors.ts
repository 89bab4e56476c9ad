import { errorText, HotspareError } from '@hotspare/core'

/** No usable answer from a register: unreachable, late, or not understood. Whether a write arrived is unknown. */
export function registerError(who: string, cause: unknown): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_LEASE_REGISTER',
    message: `${who}: no usable answer: ${errorText(cause)}`,
    retryable: true,
    cause,
  })
}

/** The register answered that we may not: credentials or permissions, for people to mend. */
export function refusedError(who: string, why: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_LEASE_REFUSED', message: `${who}: refused: ${why}` })
}
