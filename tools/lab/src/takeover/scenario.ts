import { sleep, systemRandom } from '@hotspare/core'
import { answersOf, attemptsDuring, commonSpans, failedCount, longestGapMs, overlaps, sharedMs, type Span, totalMs } from '@hotspare/netlab'
import { until } from '../network.ts'
import { type NodeName, nodeNames, type Site } from './site.ts'

/** What of a failover system can be hit on its own: its brain, what holds the address, everything. */
export type Part = 'control' | 'guard' | 'all'

/** Something that moves the address between the two nodes of a site. */
export interface FailoverSystem {
  readonly name: string
  /** What of it can be hit on its own. */
  readonly parts: readonly Part[]
  /** Whether it asks an arbiter beside the two nodes. */
  readonly hasArbiter: boolean
  /** For how long after a healing the address may still move by itself. */
  readonly unrestMs: number
  /** Starts it on both nodes, and the arbiter where it has one. */
  start(site: Site): Promise<void>
  /** Starts it again on a node where it was stopped or killed. */
  startNode(site: Site, node: NodeName): Promise<void>
  /** Tells it to move the address to that node, in the best way it has; resolves when it has been told. */
  switchover(to: NodeName): Promise<void>
  /** Sends a signal to all processes of that part. */
  signal(node: NodeName, part: Part, signal: NodeJS.Signals): void
  /** Tells it to stop on that node in an orderly way; resolves when it has ended. */
  stop(node: NodeName): Promise<void>
}

export interface Scene {
  readonly system: FailoverSystem
  readonly site: Site
  /** Who holds the address when it happens. */
  readonly holder: NodeName
  readonly other: NodeName
}

/** Something that happens to the holder. */
export interface Fault {
  readonly name: string
  inject(scene: Scene): Promise<void> | void
  /** Brings things back to normal; the address may move once more. */
  heal(scene: Scene): Promise<void> | void
}

export interface MeasureOptions {
  /** How long the site is left alone first at least, to learn the noise. Default: 3 s. */
  readonly quietMs?: number | undefined
  /** From the fault to the healing. Default: 5 s. */
  readonly watchMs?: number | undefined
}

export interface Measurement {
  readonly fault: string
  /** The longest time between the starts of two successive connections that succeeded, from the fault to the healing. */
  readonly gapMs: number
  /** The same before the fault. */
  readonly noiseMs: number
  /** Connections of the client that failed, from the fault to the healing. */
  readonly failed: number
  /** Who answered the client, in turn. */
  readonly answered: readonly string[]
  /** From the fault to the first claim of the other node on the network; undefined if there was none. */
  readonly claimedMs: number | undefined
  readonly holderBefore: NodeName
  /** Before the healing. */
  readonly holders: readonly NodeName[]
  /** After the healing, when all is quiet again. */
  readonly holderAfter: NodeName
  /** Connections that failed while it healed. */
  readonly failedHealing: number
  /** When two nodes certainly held the address at once, from the fault to the end, in milliseconds after the fault. */
  readonly overlaps: readonly Span[]
  /** How long both had the address itself. */
  readonly bothHadItMs: number
  /** How often a node that did not have the address got it, from the fault to the healing. */
  readonly takeovers: number
}

/** Lets something happen to the holder, and tells what the client, the observers and the network saw of it. */
export async function measure(system: FailoverSystem, site: Site, fault: Fault, options: MeasureOptions = {}): Promise<Measurement> {
  const { quietMs = 3_000, watchMs = 5_000 } = options
  await site.settled()
  const quietFromMs = sharedMs()
  // Up to a second more: nothing may happen in step with what is sent each second.
  await sleep(quietMs + systemRandom.next() * 1_000)
  const holder = await site.settled()
  const scene: Scene = { system, site, holder, other: holder === 'node1' ? 'node2' : 'node1' }
  const faultMs = sharedMs()
  await fault.inject(scene)
  await sleep(watchMs)
  const healMs = sharedMs()
  const holders = site.holders()
  await fault.heal(scene)
  // What began shortly before the healing fails, if it does, within the second that it is given.
  await until(() => site.attempts().some(({ startMs }) => startMs > healMs + 1_000), 'the client goes on')
  await sleep(system.unrestMs)
  const holderAfter = await site.settled()

  const seen = attemptsDuring(site.attempts(), faultMs, healMs)
  const [first, second] = nodeNames.map((node) => attemptsDuring(site.probes(node), faultMs, Infinity))
  const [has, hasToo] = nodeNames.map((node) => since(site.addressSpans(node), faultMs))
  const claimed = site.claims().find(({ atMs, node }) => atMs >= faultMs && node === scene.other)
  return {
    fault: fault.name,
    gapMs: Math.round(longestGapMs(site.attempts(), faultMs, healMs)),
    noiseMs: Math.round(longestGapMs(site.attempts(), quietFromMs, faultMs)),
    failed: failedCount(seen),
    answered: answersOf(seen).map(({ node }) => node),
    claimedMs: claimed && Math.round(claimed.atMs - faultMs),
    holderBefore: holder,
    holders,
    holderAfter,
    failedHealing: failedCount(site.attempts().filter(({ startMs }) => startMs >= healMs)),
    overlaps: overlaps(first ?? [], second ?? []).map((span) => ({
      fromMs: Math.round(span.fromMs - faultMs),
      toMs: Math.round(span.toMs - faultMs),
    })),
    bothHadItMs: Math.round(totalMs(commonSpans(has ?? [], hasToo ?? []))),
    takeovers: takeoversBetween(site, faultMs, healMs),
  }
}

/** How often a node that did not have the address got it, within that time; by the kernels of the nodes. */
export function takeoversBetween(site: Site, fromMs: number, untilMs: number): number {
  const began = nodeNames.flatMap((node) => site.addressSpans(node).map((span) => span.fromMs))
  return began.filter((atMs) => atMs > fromMs && atMs <= untilMs).length
}

function since(spans: readonly Span[], fromMs: number): readonly Span[] {
  return spans.filter(({ toMs }) => toMs > fromMs).map((span) => ({ ...span, fromMs: Math.max(span.fromMs, fromMs) }))
}
