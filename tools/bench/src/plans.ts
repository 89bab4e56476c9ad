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

export interface Plan {
  readonly proxy: ProxyPlan
  readonly pick: PickPlan
}

/** Some three minutes with all six systems: odd rounds, so that the median is a value that was measured. */
export const fullPlan: Plan = {
  proxy: { rounds: 5, secondsPerTurn: 2, firstWarmUpSeconds: 2, warmUpSeconds: 1 },
  pick: { rounds: 21, batchMs: 20 },
}

/** Some thirty-five seconds: enough to see that it works and where things stand, not enough to compare closely. */
export const quickPlan: Plan = {
  proxy: { rounds: 1, secondsPerTurn: 1, firstWarmUpSeconds: 2, warmUpSeconds: 0 },
  pick: { rounds: 5, batchMs: 5 },
}

/** Whatever hangs, nothing of the bench outlives this. */
export const LONGEST_RUN_MS = 15 * 60_000
