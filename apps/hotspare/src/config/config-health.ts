import type { DampingRules, ObserverOptions } from '@hotspare/health'
import type { OwnOptions, CheckProbeConfig, ProbeConfig, TargetProbeConfig } from './config-probes.ts'
import type { OutlierRules } from '@hotspare/health/outliers'
import type { QuorumOptions } from '@hotspare/health/quorum'
import type { ResolvedAgentProbeOptions } from '@hotspare/health/agent'
import type { ThresholdRules } from '@hotspare/health/thresholds'

/** When something is looked at, and what is made of the results: as `@hotspare/health` takes them. */
export interface WatchRules {
  readonly intervalMs: number
  /** While the state may be about to change; undefined: `intervalMs`. */
  readonly fastIntervalMs?: number | undefined
  /** While it is down; undefined: `intervalMs`. */
  readonly downIntervalMs?: number | undefined
  readonly timeoutMs: number
  /** Successes in a row that declare it up. */
  readonly rise: number
  /** Failures in a row that declare it down. */
  readonly fall: number
  /** What is believed before anything was seen; undefined: `unknown`. */
  readonly initialState?: 'unknown' | 'up' | 'down' | undefined
  /** Holds it back when it flaps; undefined: off. */
  readonly damping?: DampingRules | undefined
  /** Limits on what is measured; undefined: none. */
  readonly thresholds?: readonly ThresholdConfig[] | undefined
  /** What it cannot be reached without; undefined: nothing. */
  readonly dependsOn?: DependsOnConfig | undefined
}

/** A limit on something that probes measure. */
export interface ThresholdConfig {
  /** Unique for what is watched. */
  readonly name: string
  readonly rules: ThresholdRules
}

/** As `@hotspare/health/dependencies` takes it. */
export interface DependsOnConfig {
  /** Ids of targets (`pool/target`) and names of checks, each once; a whole pool of the file is its targets here. */
  readonly on: readonly string[]
  readonly need: 'all' | 'any' | number
}

/** How the targets of a pool are looked at. */
export type HealthConfig = TargetProbeConfig & TargetRules

interface TargetRules extends WatchRules {
  /** Failed requests in a row, as the proxy sees them, that declare a target down; 0 leaves it to the probes. */
  readonly trafficFailures: number
  /** What the agent of each target says of its weight and its state; undefined: there is none. Its silence means nothing. */
  readonly agent?: AgentConfig | undefined
}

/** HAProxy's agent-check, beside the probe of a pool. */
export interface AgentConfig {
  readonly port: number
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly options: OwnOptions<ResolvedAgentProbeOptions>
}

/** What each member of a service runs against itself. */
export type ServiceCheckConfig = ProbeConfig & WatchRules

/** Anything else that is watched. */
export type CheckConfig = CheckProbeConfig &
  WatchRules & {
    readonly name: string
    /** What may well fail together has the same; undefined: it stands alone. */
    readonly group?: string | undefined
    /** Whether it shows how this machine itself is: it has nothing in common with the others, and is always there. */
    readonly canary: boolean
  }

/** What holds for everything that this node watches. */
export interface HealthSettings {
  /** As `createHealthMonitor` takes them. */
  readonly monitor: MonitorSettings
  /** How many nodes it takes to call something down; undefined: each believes itself. As `createVoteKeeper` takes it. */
  readonly quorum: QuorumOptions | undefined
  /** How far apart a cause and its effect may be noticed; as the dependency tracker takes it. */
  readonly dependencyWindowMs: number
}

export interface MonitorSettings {
  readonly observer: ObserverOptions | false
  readonly historySize: number
  readonly maxConcurrentProbes: number
}

/** What requests must meet for a target to be put aside; undefined: nothing does. */
export type OutlierConfig = OutlierRules | undefined
