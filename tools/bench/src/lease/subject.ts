/** Where the records of a subject are. */
export interface LeaseSite {
  /** For its files; empty and its own. */
  readonly folder: string
  /** Of the store's server; empty where there is none. */
  readonly url: string
}

/** A subject at work. */
export interface OpenLeases {
  /**
   * Renews one of the leases, which exist.
   *
   * @throws whatever happens, also when the renewal is not granted
   */
  renew(lease: number): Promise<void>
}

/** One way to keep a lease that is measured. */
export interface LeaseSubject {
  readonly name: string
  /** The name of the {@link LeaseStore} that it works on. */
  readonly store: string
  /** What it is compared as: ours; the store's cheapest equivalent; what else people use this store with. */
  readonly role: 'hotspare' | 'floor' | 'alternative'
  /** Set where it leaves the store's server alone, whose CPU time then is not its own. */
  readonly serverless?: true | undefined
  /** What a reader must know to compare it. */
  readonly setup: string
  /** Connects, and creates the leases. The process ends when they are no longer needed: nothing is closed. */
  open(site: LeaseSite, leases: number): Promise<OpenLeases>
}
