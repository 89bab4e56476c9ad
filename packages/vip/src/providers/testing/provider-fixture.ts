import type { StandInFault } from '@hotspare/cloud/testing'
import type { Clock } from '@hotspare/core'
import type { AddressProvider } from '../provider.ts'

/** Something on loopback that passes for a provider: strict about what it is asked, and slow or broken when told to be. */
export interface ProviderStandIn {
  /** Who has the address, in every place; `mixed` where places differ. */
  holder(): string | undefined
  setHolder(target: string | undefined): void
  /** Beside the address, where there is room for one. */
  readonly token: number | undefined
  setToken(token: number): void
  /** What was asked, in order; what changes something begins with `change`. */
  readonly asked: readonly string[]
  /** How many requests were left without an answer so far. */
  readonly hung: number
  /** What a real one would have refused: expected to stay empty. */
  readonly objections: readonly string[]
  /** Requests that are not answered as they should be. */
  fail(fault: StandInFault, options?: { readonly times?: number | undefined; readonly changes?: boolean | undefined }): void
  /** Called before a change is made. */
  onChange(listener: (() => void) | undefined): void
  /** The next operation that goes on by itself ends badly; absent where there are none. */
  failOperation?(): void
  /** What was granted is good no more; absent where nothing is granted. */
  expireCredentials?(): void
  /** Nobody is believed from now on. */
  refuseCredentials(): void
  close(): Promise<void>
}

export interface ProviderFixture {
  readonly standIn: ProviderStandIn
  /** A client of its own. */
  open(clock: Clock): AddressProvider
  /** Of two members, and of somebody else; the stranger is undefined where one cannot be seen. */
  readonly targets: { readonly 'web-1': string; readonly 'web-2': string; readonly stranger: string | undefined }
  readonly keepsToken: boolean
  /** What must be in no message. */
  readonly secrets: readonly string[]
}
