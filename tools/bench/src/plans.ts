/** How long the proxies are measured. */
export interface ProxyPlan {
  readonly rounds: number
  /** Of measured load, for each system and body in each round; wrk takes whole seconds. */
  readonly secondsPerTurn: number
  /** Before the first round, for each system: the compiler of a Node process needs it. */
  readonly firstWarmUpSeconds: number
  /** Before each turn: a process that has been idle for a while starts slowly. */
  readonly warmUpSeconds: number
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

export interface Plan {
  readonly proxy: ProxyPlan
  readonly pick: PickPlan
  readonly lease: LeasePlan
  readonly heartbeat: HeartbeatPlan
}

/** Some ten minutes: odd rounds, so that the median is a value that was measured. */
export const fullPlan: Plan = {
  proxy: { rounds: 5, secondsPerTurn: 2, firstWarmUpSeconds: 2, warmUpSeconds: 1 },
  pick: { rounds: 21, batchMs: 20 },
  lease: { rounds: 5, turnMs: 1_000, warmUpMs: 200 },
  // Memory is looked at over the whole of it: a good minute.
  heartbeat: { settleMs: 15_000, windows: 5, windowMs: 10_000 },
}

/** Some two minutes: enough to see that it works and where things stand, not enough to compare closely. */
export const quickPlan: Plan = {
  proxy: { rounds: 1, secondsPerTurn: 1, firstWarmUpSeconds: 2, warmUpSeconds: 0 },
  pick: { rounds: 5, batchMs: 5 },
  lease: { rounds: 1, turnMs: 300, warmUpMs: 50 },
  heartbeat: { settleMs: 1_000, windows: 1, windowMs: 3_000 },
}

/** Whatever hangs, nothing of the bench outlives this. */
export const LONGEST_RUN_MS = 30 * 60_000
