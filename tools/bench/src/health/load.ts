/** What is looked at: one request and its answer, or a connection alone. */
export type ProbeKind = 'http' | 'tcp'

/** How many targets are looked at, and how often. */
export interface ProbeLoad {
  /** What the tables call it. */
  readonly name: string
  readonly kind: ProbeKind
  readonly targets: number
  /** From one look at a target to the next. */
  readonly intervalMs: number
  /** More is asked for than a core can do: how much it does shows what a look costs at least. */
  readonly isBusy: boolean
}

export const httpPaced: ProbeLoad = { name: 'HTTP, paced', kind: 'http', targets: 2_000, intervalMs: 2_000, isBusy: false }
const httpBusy: ProbeLoad = { name: 'HTTP, busy', kind: 'http', targets: 2_000, intervalMs: 50, isBusy: true }
const tcpPaced: ProbeLoad = { name: 'TCP, paced', kind: 'tcp', targets: 2_000, intervalMs: 2_000, isBusy: false }

/** In the order of each round. */
export const loads: readonly ProbeLoad[] = [httpPaced, httpBusy, tcpPaced]

/** Whether one core is enough for it, and what a target takes in memory. */
export const manyTargets: ProbeLoad = { name: 'HTTP, many', kind: 'http', targets: 10_000, intervalMs: 2_000, isBusy: false }
