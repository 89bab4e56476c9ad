interface EngineDefaults {
  readonly maxMembers: number
  readonly maxWeight: number
  readonly commandTimeoutMs: number
  readonly maxAnswerBytes: number
  readonly maxRemarks: number
  readonly programTimeoutMs: number
  readonly maxFileBytes: number
  readonly minReloadIntervalMs: number
  readonly retryRejectedMs: number
  readonly liveTimeoutMs: number
  readonly livePollMs: number
  readonly keepalive: number
  readonly maxFails: number
  readonly failTimeoutSeconds: number
}

/** Each number with its reason. */
export const engineDefaults: EngineDefaults = Object.freeze({
  /** As many as HAProxy's own weights can tell apart with room to spare; a file has at most half as many. */
  maxMembers: 1_000,
  /** HAProxy's largest (SRV_UWGHT_MAX); nginx takes it as well. */
  maxWeight: 256,
  /** The runtime API answers within a millisecond; a process that is stopped never does. */
  commandTimeoutMs: 2_000,
  /** `show stat` has some 500 bytes for each server. */
  maxAnswerBytes: 4_194_304,
  /** What HAProxy said against commands; nobody reads more at once. */
  maxRemarks: 3,
  /** `nginx -t` looks names up, and reads every certificate. */
  programTimeoutMs: 20_000,
  /** A thousand servers have some 100 KB. */
  maxFileBytes: 1_048_576,
  /** Each reload leaves a generation of workers that finish what they have. */
  minReloadIntervalMs: 1_000,
  /** What nginx has rejected stays wrong until somebody mends it; and while it is tried, it stands in the file. */
  retryRejectedMs: 10_000,
  /** Until the new workers are there: nginx reads its configuration once more before it starts them. */
  liveTimeoutMs: 5_000,
  livePollMs: 20,
  /** Idle connections that each worker keeps to the members: enough for a busy site, few enough for any server. */
  keepalive: 32,
  /** nginx's own default: one failed attempt. Hotspare's verdict follows soon, and what is above is for the time until then. */
  maxFails: 1,
  /** The shortest that nginx can say, so that its judgement ends before it contradicts Hotspare's. */
  failTimeoutSeconds: 1,
})
