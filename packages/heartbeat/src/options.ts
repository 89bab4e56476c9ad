import type { Clock, Logger } from '@hotspare/core'
import { z } from 'zod'
import type { CounterStore } from './counter.ts'
import { heartbeatDefaults, SHORTEST_INTERVAL_MS } from './defaults.ts'
import { type DetectorOptions, detectorSchema, initialDetector, type ResolvedDetector, resolveDetector } from './detector-options.ts'
import { clusterSecrets, type ClusterSecret, milliseconds, MOST_PEERS, nodeName } from './schema-parts.ts'
import { type ResolvedPeer, resolvePeers, settingsProblems } from './settings-check.ts'
import type { TransportFactory } from './transport.ts'

/** One way to a peer. */
export interface PathOptions {
  /** What the path is called, the same on both nodes. Default: its place in the list, "1" for the first */
  readonly name?: string | undefined
  /** Where the peer listens on it: `10.0.0.2:7401` or `[fd00::2]:7401`. */
  readonly address: string
  /**
   * One of `listen`: the path's packets leave from there, and are taken from there alone. Default: the first of the
   * address's family, and packets are taken from all. A peer with several paths of a family needs it for each of them, if
   * `listen` has several addresses of that family: nothing else tells which belongs to which
   */
  readonly from?: string | undefined
}

export interface PeerOptions {
  readonly name: string
  /** In the same order on both nodes, or named. At least one. */
  readonly paths: readonly PathOptions[]
}

/** What a heartbeat goes by: plain data, so it can be handed to another process. */
export interface HeartbeatSettings {
  /** This node's name, as the peers know it. */
  readonly node: string
  /** Addresses of this node to listen on, with a port: `10.0.0.1:7401`, `[fd00::1]:7401`, `0.0.0.0:7401`. */
  readonly listen: readonly string[]
  /** The other nodes; at least one: an empty list is a mistake and never means "I am alone". */
  readonly peers: readonly PeerOptions[]
  /**
   * The first signs, all are accepted: for a rotation without a gap, add the new secret last everywhere, then put it first,
   * then drop the old.
   */
  readonly secrets: readonly ClusterSecret[]
  /** From one beat to the next, in milliseconds. Default: 100 */
  readonly intervalMs?: number | undefined
  /** When silence convicts. Default: `{ type: 'timeout' }` with 15 intervals, 1,500 ms */
  readonly detector?: DetectorOptions | undefined
  /** Beats in a row that bring a silent path back. Default: 2 */
  readonly rise?: number | undefined
  /**
   * When this process did not run for longer, it tells so (`heartbeat-late`), and packets that waited for it meanwhile are not
   * called too old, in milliseconds. Default: two intervals, or a quarter of the silence that convicts, whichever is longer: 375 ms
   */
  readonly ownPauseMs?: number | undefined
  /** How old a beat may be when it arrives, in milliseconds. Default: 5,000 */
  readonly maxAgeMs?: number | undefined
  /** Keeps the counter over restarts; in a folder that exists. Default: none, the wall clock serves */
  readonly counterFile?: string | undefined
  /** What each socket asks the kernel to hold, in bytes. Default: 131,072 */
  readonly receiveBufferBytes?: number | undefined
}

export interface HeartbeatOptions extends HeartbeatSettings {
  /** Instead of `counterFile`. */
  readonly counter?: CounterStore | undefined
  /** 16 hex digits that were never used before. Default: random */
  readonly session?: string | undefined
  /**
   * Beats are numbered above it. For whoever starts a heartbeat again under the same `session`: above the last number of the one
   * before (`snapshot().beats.counter`), also when the wall clock was set back. Default: 0
   */
  readonly counterFloor?: number | undefined
  /** Default: UDP. */
  readonly transport?: TransportFactory | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
}

/** The settings, complete. */
export interface ResolvedSettings {
  readonly node: string
  readonly listen: readonly string[]
  readonly peers: readonly ResolvedPeer[]
  readonly secrets: readonly ClusterSecret[]
  readonly intervalMs: number
  readonly detector: ResolvedDetector
  readonly rise: number
  readonly ownPauseMs: number
  readonly maxAgeMs: number
  readonly counterFile: string | undefined
  readonly receiveBufferBytes: number
}

const MOST_PATHS = 8
const address = z.string().max(80)

/** As many numbers are left above it as beats of 10 ms in two million years. */
export const counterFloorSchema: z.ZodType<number, number> = z
  .int()
  .min(0)
  .max(2 ** 52)

/** The settings as data, for whoever reads them from a file or hands them on. */
export const heartbeatSettingsSchema: z.ZodType<ResolvedSettings, HeartbeatSettings> = z
  .strictObject({
    node: nodeName,
    listen: z.array(address).min(1, 'expected at least one address').max(MOST_PATHS),
    peers: z
      .array(
        z.strictObject({
          name: nodeName,
          paths: z
            .array(z.strictObject({ name: nodeName.optional(), address, from: address.optional() }))
            .min(1, 'expected at least one path')
            .max(MOST_PATHS),
        }),
      )
      .min(1, 'no peers: an empty list is a mistake and never means "I am alone"')
      .max(MOST_PEERS),
    secrets: clusterSecrets,
    intervalMs: z.int().min(SHORTEST_INTERVAL_MS).max(60_000).default(heartbeatDefaults.intervalMs),
    detector: detectorSchema.default({ type: 'timeout' }),
    rise: z.int().min(1).max(100).default(heartbeatDefaults.rise),
    ownPauseMs: milliseconds.optional(),
    maxAgeMs: milliseconds.default(heartbeatDefaults.maxAgeMs),
    counterFile: z.string().min(1).optional(),
    receiveBufferBytes: z.int().min(4_096).max(16_777_216).default(heartbeatDefaults.receiveBufferBytes),
  })
  .superRefine((settings, context) => {
    for (const { path, message } of settingsProblems(settings)) context.addIssue({ code: 'custom', path: [...path], message })
  })
  .transform(({ counterFile, ownPauseMs, ...settings }): ResolvedSettings => {
    const { intervalMs } = settings
    const detector = resolveDetector(settings.detector, intervalMs)
    const { limitMs } = initialDetector(detector)
    return {
      ...settings,
      detector,
      peers: resolvePeers(settings.peers, settings.listen),
      ownPauseMs: ownPauseMs ?? Math.max(2 * intervalMs, limitMs / 4),
      counterFile,
    }
  })
