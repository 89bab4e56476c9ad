import type { EventSource } from '@hotspare/core'

/**
 * What is wanted of a member:
 * - `serve`: it gets its share of the traffic;
 * - `spare`: it is healthy, and gets nothing while others serve (nginx: `backup`; HAProxy, which cannot say so at run time: as `drain`);
 * - `drain`: no new clients; what is under way, and whoever is bound to it by a cookie where the engine allows that, goes on;
 * - `off`: no new request at all.
 */
export type EngineMemberState = 'serve' | 'spare' | 'drain' | 'off'

/** A server as it is wanted. */
export interface EngineMember {
  /** Its name in the engine: letters, digits, `-`, `_`, `.` and `:`, up to 63. Unique among the members. */
  readonly id: string
  /** An IP address without brackets, or a host name. */
  readonly host: string
  readonly port: number
  /** Share of the traffic relative to the others that serve, above 0 where it serves. Default: 1 */
  readonly weight?: number | undefined
  readonly state: EngineMemberState
}

/** A server as the engine has it. */
export interface ObservedMember {
  readonly id: string
  /** `10.0.0.1:8080`, `[2001:db8::1]:8080` */
  readonly address: string
  /** The engine's own whole number. */
  readonly weight: number
  readonly state: EngineMemberState
}

/**
 * Why an engine is not as it is wanted:
 * - `unreachable`: nobody answers, or not in time;
 * - `denied`: it refuses, for want of a permission;
 * - `missing`: it has no such backend or server, or its program is not there;
 * - `unsupported`: its version cannot do it;
 * - `rejected`: it says that what is wanted is not valid;
 * - `not-applied`: it took the order, and still is not as it should be;
 * - `malformed`: its answer cannot be read.
 */
export type EngineFailureReason = 'unreachable' | 'denied' | 'missing' | 'unsupported' | 'rejected' | 'not-applied' | 'malformed'

export interface EngineFailure {
  readonly ok: false
  readonly reason: EngineFailureReason
  /** One line for people. */
  readonly detail: string
}

export interface EngineSynced {
  readonly ok: true
  /** What was done, a line each; none where everything was as wanted. */
  readonly changes: readonly string[]
  /** What has to wait, as the removal of a server that still has connections. */
  readonly pending: readonly string[]
}

export interface EngineObserved {
  readonly ok: true
  readonly members: readonly ObservedMember[]
}

export type EngineEvent =
  /**
   * The engine was brought to what is wanted. `drift`: nothing new was wanted since the last time, and it was no longer so:
   * it was started again, or somebody else changed it.
   */
  | { readonly type: 'engine-changed'; readonly at: number; readonly cause: 'wanted' | 'drift'; readonly changes: readonly string[] }
  /** It is not as wanted. Told once, and again where the reason has become another. */
  | { readonly type: 'engine-failed'; readonly at: number; readonly reason: EngineFailureReason; readonly detail: string }
  /** It is as wanted again. */
  | { readonly type: 'engine-recovered'; readonly at: number; readonly failedForMs: number }

/** Something that carries the traffic and can be told where to. */
export interface TrafficEngine extends EventSource<EngineEvent> {
  readonly type: 'haproxy' | 'nginx'
  /**
   * Looks, does what is missing, and looks again. Idempotent: where everything is as wanted, nothing is done. Calls while one
   * is under way wait for it, and then the latest of them counts for all.
   *
   * @returns what was done, or why the engine is not as wanted; never rejects for what the engine does
   * @throws HotspareError `HOTSPARE_PROXY_ENGINE_MEMBERS` for members that cannot be (names, addresses, weights); the reason of `signal`
   */
  sync(members: readonly EngineMember[], options?: { readonly signal?: AbortSignal | undefined }): Promise<EngineSynced | EngineFailure>
  /** Looks alone. */
  observe(options?: { readonly signal?: AbortSignal | undefined }): Promise<EngineObserved | EngineFailure>
}
