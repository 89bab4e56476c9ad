/** The arbiter's name, where faults name machines. */
export const ARBITER = 'arbiter'

/** Stands for the node that a {@link Moment} came from: the one whose plan began, or that was granted a right. */
export const ACTOR = '@actor'

/** When a fault strikes: at a time since the start, in milliseconds, or so long after something has happened for the nth time. */
export type Moment =
  | number
  | {
      /** `plan`: a plan has begun. `grant`: a node was granted a right. */
      readonly after: 'plan' | 'grant'
      /** From 1 on, counted over all nodes and services. */
      readonly nth: number
      readonly delayMs: number
    }

interface FaultBase {
  readonly atMs: Moment
}

/** It ends after so many milliseconds of true time; at the calm at the latest, and there where it is left out. */
interface Lasting extends FaultBase {
  readonly forMs?: number | undefined
}

interface OnNode {
  /** A node's name, or {@link ACTOR}. */
  readonly node: string
}

/** Of one service; of each of the node's services where it is left out. */
interface OnService extends OnNode {
  readonly service?: string | undefined
}

/** What happens to the processes and machines of a site. */
export type MachineFault =
  /** Hotspare's process stands still, as by SIGSTOP. */
  | (Lasting & OnNode & { readonly type: 'pause' })
  /** As on a machine that starves: it stands still again and again, and runs for moments. */
  | (Lasting & OnNode & { readonly type: 'stutter'; readonly pauseMs: number; readonly runMs: number })
  /** The whole machine sleeps, and its monotonic clock with it. */
  | (Lasting & OnNode & { readonly type: 'suspend' })
  /** Hotspare's process dies; `told`: its peers see their connections reset. It is started again in the end. */
  | (Lasting & OnNode & { readonly type: 'crash'; readonly told: boolean })
  | (Lasting & OnNode & { readonly type: 'power' })
  /** Of all clocks of the machine: milliseconds that they show for each that passes. */
  | (FaultBase & OnNode & { readonly type: 'clock-rate'; readonly rate: number })
  | (FaultBase & OnNode & { readonly type: 'wall-jump'; readonly byMs: number })
  /** The time since boot jumps forward, and nothing else does. */
  | (FaultBase & OnNode & { readonly type: 'boot-jump'; readonly byMs: number })
  /** What watches services and addresses falls silent; the engine lives. */
  | (Lasting & OnNode & { readonly type: 'control-dead' })
  | (Lasting & OnService & { readonly type: 'service-dead' })
  /** What acquires and releases is slow (`byMs` more), fails, throws, or never comes back. */
  | (Lasting &
      OnService & {
        readonly type: 'actuator'
        readonly how: 'slow' | 'refuses' | 'throws' | 'hangs'
        /** Default: both */
        readonly verb?: 'acquire' | 'release' | undefined
        /** For `slow`, in milliseconds. */
        readonly byMs?: number | undefined
      })

/** What happens to the networks of a site, and to its arbiter. Sides and ways name nodes and {@link ARBITER}. */
export type NetworkFault =
  /** Nothing passes between machines of different sides; who is on none is reached by all. */
  | (Lasting & { readonly type: 'partition'; readonly sides: readonly (readonly string[])[] })
  /** Nothing passes from the ones to the others; the other direction works. */
  | (Lasting & { readonly type: 'cut'; readonly from: readonly string[]; readonly to: readonly string[] })
  /** Packets are lost, late, doubled or overtaken: everywhere, or on one way. */
  | (Lasting & {
      readonly type: 'rough'
      readonly way?: { readonly from: string; readonly to: string } | undefined
      readonly lossRatio?: number | undefined
      readonly delayMs?: readonly [least: number, most: number] | undefined
      readonly duplicateRatio?: number | undefined
      /** Of packets that come `lateMs` later than they would, so that others overtake them. */
      readonly lateRatio?: number | undefined
      readonly lateMs?: number | undefined
    })
  | (Lasting & { readonly type: 'arbiter-killed' })
  | (Lasting & { readonly type: 'arbiter-paused' })
  /** Its answers take so much longer. */
  | (Lasting & { readonly type: 'arbiter-slow'; readonly byMs: number })

/** What happens to what a site uses and does not run: providers of addresses, and devices that switch nodes off. */
export type OutsideFault =
  /** It refuses every call; of all providers where none is named. What it has done stays. */
  | (Lasting & { readonly type: 'provider-down'; readonly provider?: string | undefined })
  /** Each call takes so much longer. */
  | (Lasting & { readonly type: 'provider-slow'; readonly provider?: string | undefined; readonly byMs: number })
  /** The device that switches the node off does not answer. */
  | (Lasting & OnNode & { readonly type: 'fence-dead' })
  /** It takes so much longer. */
  | (Lasting & OnNode & { readonly type: 'fence-slow'; readonly byMs: number })

/** What people do. */
export type PeopleFault =
  | (Lasting & OnNode & { readonly type: 'hold' })
  | (Lasting & OnNode & { readonly type: 'maintenance' })
  | (FaultBase & OnService & { readonly type: 'command'; readonly command: 'switchover' | 'failover'; readonly to?: string | undefined })
  /** Hotspare is stopped in order, and started again so long after it has stopped. */
  | (Lasting & OnNode & { readonly type: 'stop' })
  /** The node has another configuration than the others. */
  | (Lasting & OnNode & { readonly type: 'disagree' })

/** One thing that goes wrong, or that people do. Data: the same faults give the same run. */
export type Fault = MachineFault | NetworkFault | OutsideFault | PeopleFault

export type FaultType = Fault['type']
