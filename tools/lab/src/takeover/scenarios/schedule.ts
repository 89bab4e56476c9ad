import type { Random } from '@hotspare/core'
import { arbiterDown, killed, linkDown, oneWay, partitioned, paused, powerLoss, serviceKilled, stopped } from '../faults.ts'
import type { Fault } from '../scenario.ts'

/** A fault, and for how long it lasts before it is healed. */
export interface Happening {
  readonly fault: Fault
  readonly lastsMs: number
}

const LONGEST_MS = 3_000

const kinds: readonly ((random: Random) => Fault)[] = [
  () => killed('guard'),
  () => killed('control'),
  () => killed('all'),
  (random) => paused('all', Math.round(random.next() * LONGEST_MS)),
  (random) => paused('control', Math.round(random.next() * LONGEST_MS)),
  () => serviceKilled,
  () => stopped,
  () => powerLoss,
  () => linkDown,
  () => partitioned('peer'),
  () => partitioned('arbiter'),
  () => partitioned('both'),
  () => oneWay('to the peer'),
  () => oneWay('from the peer'),
  () => arbiterDown,
]

/** Faults in a random order, each for a random time; the same for the same seed. */
export function randomSchedule(random: Random, length: number): readonly Happening[] {
  return Array.from({ length }, () => {
    const kind = kinds[Math.floor(random.next() * kinds.length)] ?? (() => linkDown)
    return { fault: kind(random), lastsMs: Math.round(random.next() * LONGEST_MS) }
  })
}
