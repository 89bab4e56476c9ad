import { assertNever } from '@hotspare/core'

/** What is known of the files of one proxy. */
export interface LookState {
  /** What is served with, as a digest of all files. */
  readonly used: string
  /** What could not be used, and whether people were told. */
  readonly refused?: { readonly digest: string; readonly told: boolean } | undefined
}

export type LookResult =
  /** They are as they were. */
  { readonly type: 'same' } | { readonly type: 'used'; readonly digest: string } | { readonly type: 'refused'; readonly digest: string }

/** Whether there is anything to try. Files that could not be used are tried again: what refuses one may be its time. */
export function isNew(state: LookState, digest: string): boolean {
  return digest !== state.used
}

/**
 * What follows from a look. A certificate and its key are two files, and may be written one after the other: people are
 * told of what cannot be used when it is so twice in a row, and once.
 */
export function afterLook(state: LookState, result: LookResult): { readonly state: LookState; readonly tell: boolean } {
  switch (result.type) {
    case 'same':
      return { state: { used: state.used }, tell: false }
    case 'used':
      return { state: { used: result.digest }, tell: true }
    case 'refused': {
      const again = state.refused?.digest === result.digest
      const tell = again && !state.refused.told
      return { state: { used: state.used, refused: { digest: result.digest, told: again } }, tell }
    }
    default:
      return assertNever(result)
  }
}
