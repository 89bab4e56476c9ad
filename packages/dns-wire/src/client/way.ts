/** One call, as those see it who carry it out. */
export interface Run {
  /** Ends at the deadline, with the caller's signal, with the client. */
  readonly signal: AbortSignal
  /** What is waited for, for people. */
  phase: string
  /** From now on the server may know what was asked. */
  sent(): void
}

/** Where something goes. */
export interface Way {
  readonly server: { readonly address: string; readonly port: number }
  readonly run: Run
}
