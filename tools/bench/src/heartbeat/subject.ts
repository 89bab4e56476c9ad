import type { Random } from '@hotspare/core'
import type { Child } from '../linux/child.ts'
import type { Cores } from '../machine.ts'

/** Where a node and its peers find their place. */
export interface HeartbeatSite {
  readonly peers: number
  readonly intervalMs: number
  /** Empty and its own. */
  readonly folder: string
  readonly cores: Cores
  readonly random: Random
  readonly signal: AbortSignal
  /** Takes every process that is started, to be ended in the end, whatever happens. */
  readonly adopt: (child: Child) => Child
}

/** What a node has counted so far. */
export interface NodeCounters {
  /** Packets to peers. */
  readonly sent: number
  /** Packets of peers that counted. */
  readonly received: number
  /** Beats that it did not send, because it did not run when they were due. */
  readonly skipped: number
  /** How late each beat since the last reading was. */
  readonly lateMs: readonly number[]
}

/** The node under test, with its peers around it. */
export interface RunningNode {
  readonly child: Child
  /** How many peers it holds for alive. */
  alive(): Promise<number>
  /** Left out where the node counts nothing of the kind. */
  counters?(): Promise<NodeCounters>
}

/** One way to know which peers are alive that is measured. */
export interface HeartbeatSubject {
  readonly name: string
  /** What a reader must know to compare it. */
  readonly setup: string
  /** Whether the node is a process of Node, so that it can be set against one that does nothing. */
  readonly onNode: boolean
  /** How to get it onto a machine. */
  readonly install: string
  /** @returns its version; undefined where the machine does not have it */
  find(): Promise<string | undefined>
  start(site: HeartbeatSite): Promise<RunningNode>
}
