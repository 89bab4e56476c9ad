import type { Random } from '@hotspare/core'
import type { Child } from '../linux/child.ts'

/** Where a store finds its place. */
export interface StoreSite {
  /** Empty, its own, and to be reached by every user. */
  readonly folder: string
  /** The core of its server; undefined for any. */
  readonly core: number | undefined
  readonly random: Random
}

export interface RunningStore {
  readonly url: string
  readonly server: Child
}

/** A store that is on this machine. */
export interface InstalledStore {
  readonly version: string
  /** Left out where it lives within the process that uses it. */
  start?(site: StoreSite): Promise<RunningStore>
}

/** What keeps records: one file each. */
export interface LeaseStore {
  readonly name: string
  /** How to get it onto a machine. */
  readonly install: string
  /** @returns undefined where the machine does not have it */
  find(): Promise<InstalledStore | undefined>
}
