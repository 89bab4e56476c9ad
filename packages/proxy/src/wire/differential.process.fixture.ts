/**
 * A long differential run, by hand: `node --conditions=@hotspare/source packages/proxy/src/wire/differential.process.fixture.ts
 * 1000000 7` compares a million mutated requests and as many answers with llhttp, from seed 7 on.
 */
import { runDifferential, type Tally } from './differential.fixture.ts'

/** At a time, so that progress can be seen and a case found again by its seed. */
const BATCH = 50_000
const SHOWN = 12

const [, , cases = '1000000', seed = '1'] = process.argv

for (const kind of ['request', 'response'] as const) {
  const total: Omit<Tally, 'disagreements'> = {
    cases: 0,
    same: 0,
    bothRefused: 0,
    stricter: 0,
    earlier: 0,
    unknownMethod: 0,
    oldUpgrade: 0,
    reasons: new Map(),
  }
  const groups = new Map<string, number>()
  for (let batch = 0; total.cases < Number(cases); batch += 1) {
    const tally = runDifferential(kind, Math.min(BATCH, Number(cases) - total.cases), Number(seed) + batch)
    for (const key of ['cases', 'same', 'bothRefused', 'stricter', 'earlier', 'unknownMethod', 'oldUpgrade'] as const)
      total[key] += tally[key]
    for (const [reason, count] of tally.reasons) total.reasons.set(reason, (total.reasons.get(reason) ?? 0) + count)
    for (const { what, bytes, ours, theirs } of tally.disagreements) {
      const group = `${what}: ${typeof theirs.end === 'object' ? theirs.end.because : theirs.end}`
      groups.set(group, (groups.get(group) ?? 0) + 1)
      if ((groups.get(group) ?? 0) <= SHOWN) console.log(kind, group, JSON.stringify({ bytes, ours, theirs }))
    }
  }
  console.log(kind, JSON.stringify({ ...total, reasons: Object.fromEntries(total.reasons), disagreements: Object.fromEntries(groups) }))
}
