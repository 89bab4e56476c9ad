/** How long the proxies are measured. */
export interface ProxyPlan {
  readonly rounds: number
  /** Of measured load, for each system and body in each round; wrk takes whole seconds. */
  readonly secondsPerTurn: number
  /** Before the first round, for each system: the compiler of a Node process needs it. */
  readonly firstWarmUpSeconds: number
  /** Before each turn: a process that has been idle for a while starts slowly. */
  readonly warmUpSeconds: number
  /** Connections without a request, to see what one takes. */
  readonly idleConnections: number
}

/** How long picks are measured. */
export interface PickPlan {
  readonly rounds: number
  /** Of measured picks, for each subject and size in each round. */
  readonly batchMs: number
}

/** How long renewals are measured. */
export interface LeasePlan {
  readonly rounds: number
  /** Of measured renewals, for each subject and number of leases in each round. */
  readonly turnMs: number
  /** Before each turn, uncounted: a process and its connections have been idle. */
  readonly warmUpMs: number
}

/** How long heartbeats are measured. */
export interface HeartbeatPlan {
  /** After all peers are there, uncounted: the compiler comes late to code that runs ten times a second. */
  readonly settleMs: number
  /** One after the other: the nodes of a size run side by side, and so meet the same machine in each. */
  readonly windows: number
  readonly windowMs: number
}

/** How long probers are measured. */
export interface HealthPlan {
  readonly rounds: number
  /** Of measured looks, for each prober and load in each round. */
  readonly windowMs: number
  /** Before the first round, and before each later turn: longer than the interval, so that every target was looked at once. */
  readonly firstWarmUpMs: number
  readonly warmUpMs: number
  /** With ten thousand targets: memory and schedule need some intervals to settle. */
  readonly manySettleMs: number
  readonly manyMs: number
  readonly verdicts: { readonly rounds: number; readonly lookMs: number }
}

/** How long proxies of TCP are measured. */
export interface TcpPlan {
  readonly rounds: number
  /** Of measured load, for each system and load in each round; wrk takes whole seconds. */
  readonly secondsPerTurn: number
  /** Before the first round, for each system and load. */
  readonly warmUpSeconds: number
}

/** How long name servers are measured. */
export interface DnsPlan {
  readonly rounds: number
  /** Of measured load, for each server and load in each round. */
  readonly secondsPerTurn: number
  /** Before the first round, for each server. */
  readonly warmUpSeconds: number
  /** How often a server is told that an address is another one. */
  readonly changes: number
}

export interface Plan {
  readonly dns: DnsPlan
  readonly tcp: TcpPlan
  readonly proxy: ProxyPlan
  readonly pick: PickPlan
  readonly lease: LeasePlan
  readonly heartbeat: HeartbeatPlan
  readonly health: HealthPlan
}

/** Some fifteen minutes: odd rounds, so that the median is a value that was measured. */
export const fullPlan: Plan = {
  proxy: { rounds: 5, secondsPerTurn: 2, firstWarmUpSeconds: 2, warmUpSeconds: 1, idleConnections: 5_000 },
  tcp: { rounds: 5, secondsPerTurn: 1, warmUpSeconds: 1 },
  dns: { rounds: 5, secondsPerTurn: 2, warmUpSeconds: 3, changes: 40 },
  pick: { rounds: 21, batchMs: 20 },
  lease: { rounds: 5, turnMs: 1_000, warmUpMs: 200 },
  // Memory is looked at over the whole of it: a good minute.
  heartbeat: { settleMs: 15_000, windows: 5, windowMs: 10_000 },
  // Of ten thousand targets twenty results each are kept: 40 s fill the histories.
  health: {
    rounds: 5,
    windowMs: 4_000,
    firstWarmUpMs: 4_000,
    warmUpMs: 2_500,
    manySettleMs: 20_000,
    manyMs: 20_000,
    verdicts: { rounds: 5, lookMs: 1_000 },
  },
}

/** Some five minutes: enough to see that it works and where things stand, not enough to compare closely. */
export const quickPlan: Plan = {
  proxy: { rounds: 1, secondsPerTurn: 1, firstWarmUpSeconds: 2, warmUpSeconds: 0, idleConnections: 5_000 },
  tcp: { rounds: 1, secondsPerTurn: 1, warmUpSeconds: 1 },
  dns: { rounds: 1, secondsPerTurn: 1, warmUpSeconds: 1, changes: 8 },
  pick: { rounds: 5, batchMs: 5 },
  lease: { rounds: 1, turnMs: 300, warmUpMs: 50 },
  heartbeat: { settleMs: 1_000, windows: 1, windowMs: 3_000 },
  health: {
    rounds: 2,
    windowMs: 3_000,
    firstWarmUpMs: 2_500,
    warmUpMs: 2_100,
    manySettleMs: 6_000,
    manyMs: 6_000,
    verdicts: { rounds: 2, lookMs: 300 },
  },
}

/** Whatever hangs, nothing of the bench outlives this. */
export const LONGEST_RUN_MS = 30 * 60_000
