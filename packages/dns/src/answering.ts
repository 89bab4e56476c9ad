import { AnsweringEngine, type Answering } from './answering/engine.ts'
import { checkRecords } from './answering/check-records.ts'
import { type AnsweringOptions, answeringSchema, type AnsweringSetOptions, answeringSetSchema } from './answering/options.ts'
import { parseOptions } from './options.ts'

export type { Answering } from './answering/engine.ts'
export type { AnsweringEvent, MassChangeRefused } from './answering/events.ts'
export type { HealthSource } from './answering/health-source.ts'
export type { AnsweringOptions, AnsweringRecord, AnsweringSetOptions, AnsweringTarget, AnsweringTerms } from './answering/options.ts'
export type { AnsweringSnapshot, RecordSnapshot, TargetSnapshot, WorkerSnapshot, WorkerState } from './answering/snapshot.ts'

/**
 * A record that answers from the health of targets. What it should be is decided once, whatever the number of providers, and each
 * of them is brought there on its own: again every `lookEveryMs`, and after each change. Nothing is remembered on a disk, so a crash
 * at any point is mended by the next start.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS` that names what is wrong, also what one of the providers cannot have
 */
export function createAnswering(options: AnsweringOptions): Answering {
  const who = 'answering'
  const { name, type, ttlSeconds, targets, policy, ...terms } = parseOptions(who, answeringSchema, options)
  const records = checkRecords([{ name, type, ttlSeconds, targets, policy }], terms.providers, { who, pathOf: () => [] })
  return new AnsweringEngine({ ...terms, records })
}

/**
 * Several records of one zone, which answer from the same health: their writes go one after the other at each provider, and too
 * much that would disappear from all of them at once is refused until people say so.
 *
 * @throws HotspareError `HOTSPARE_DNS_OPTIONS` that names what is wrong, also what one of the providers cannot have
 */
export function createAnsweringSet(options: AnsweringSetOptions): Answering {
  const who = 'answering set'
  const parsed = parseOptions(who, answeringSetSchema, options)
  return new AnsweringEngine({ ...parsed, records: checkRecords(parsed.records, parsed.providers, { who, pathOf: pathInSet }) })
}

function pathInSet(index: number): readonly PropertyKey[] {
  return ['records', index]
}
