import { attemptsDuring, failedCount, overlaps, sharedMs, type Span } from '@hotspare/netlab'
import type { TestContext } from 'vitest'
import { needLab } from '../../network.ts'
import { createHotspare, type Hotspare, type HotspareSetup } from '../hotspare.ts'
import { takeoversBetween } from '../scenario.ts'
import { createSite, LASTING_MS, type NodeName, sitePrograms, type Site } from '../site.ts'

export const SHORT: boolean = process.env['HOTSPARE_LAB_SHORT'] === '1'

export interface Started {
  readonly site: Site
  readonly system: Hotspare
}

/** A site with the real daemon on both nodes; skips the test where a program is missing. */
export async function startHotspare(context: TestContext, setup: HotspareSetup, ...programs: readonly string[]): Promise<Started> {
  needLab(context, ...sitePrograms, 'etcd', ...programs)
  const site = await createSite()
  const system = createHotspare(setup)
  await system.start(site)
  return { site, system }
}

/** The node that is not that one. */
export function otherThan(node: NodeName): NodeName {
  return node === 'node1' ? 'node2' : 'node1'
}

/** What clients and observers have seen since then. */
export interface Seen {
  readonly takeovers: number
  readonly failed: number
  /** When two nodes certainly held the address at once. */
  readonly overlaps: readonly Span[]
}

/** @param fromMs when something happened to a site that was settled */
export function seenSince(site: Site, fromMs: number): Seen {
  // Whoever had waited for longer than that had begun before the site was settled, and fails of what was then.
  const attempts = site.attempts().filter(({ startMs }) => startMs > fromMs - LASTING_MS)
  return {
    takeovers: takeoversBetween(site, fromMs, sharedMs()),
    failed: failedCount(attemptsDuring(attempts, fromMs, Infinity)),
    overlaps: overlaps(attemptsDuring(site.probes('node1'), fromMs, Infinity), attemptsDuring(site.probes('node2'), fromMs, Infinity)),
  }
}
