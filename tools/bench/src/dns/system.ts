import type { Child } from '../linux/child.ts'
import type { Launch } from '../proxy/system.ts'

/** Where a server finds its place; its folder is empty and its own. */
export interface DnsSite {
  readonly folder: string
  /** To answer on, on 127.0.0.1. */
  readonly port: number
}

export interface InstalledDnsSystem {
  readonly version: string
  launch(site: DnsSite): Launch
  /** Tells it that the follower has another address from now on; left out where its answers do not change. */
  change?(child: Child, site: DnsSite, address: string): Promise<void>
}

/** One of the servers that are compared: one file each. */
export interface DnsSystem {
  readonly name: string
  /** What a reader must know of its set-up to judge the figures. */
  readonly setup: string
  readonly install: string
  /** How many changes are timed, of those that are planned: one that takes seconds is not asked so often. */
  readonly changesShare: number
  /** @returns undefined where the machine does not have it */
  find(): Promise<InstalledDnsSystem | undefined>
}
