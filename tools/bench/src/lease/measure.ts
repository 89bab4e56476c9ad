import { quantile } from '../statistics.ts'

/** So many latencies are kept at most, and a turn ends with them: a store in memory would fill more than a machine has. */
const MOST_RENEWALS = 200_000

/** Reads time: injected, so that the arithmetic can be tested. */
export interface Instruments {
  monotonicMs(): number
  /** User and system time of this process so far. */
  cpuMicros(): number
}

/** What a turn of renewals took. */
export interface RenewalTurn {
  readonly renewals: number
  readonly elapsedMs: number
  readonly cpuMicros: number
  readonly p50Micros: number
  readonly p99Micros: number
}

/**
 * Renews `leases` leases for `turnMs`, at the same time, each one renewal after the other.
 *
 * @throws what `renew` throws, once no renewal is under way any more
 */
export async function renewFor(
  renew: (lease: number) => Promise<void>,
  { leases, turnMs }: { readonly leases: number; readonly turnMs: number },
  instruments: Instruments,
): Promise<RenewalTurn> {
  const latencies = new Float64Array(MOST_RENEWALS)
  let renewals = 0
  const failures: unknown[] = []
  const startedMs = instruments.monotonicMs()
  const cpuBefore = instruments.cpuMicros()
  const untilMs = startedMs + turnMs
  const hold = async (lease: number) => {
    for (let beganMs = instruments.monotonicMs(); beganMs < untilMs && renewals < MOST_RENEWALS && failures.length === 0;) {
      await renew(lease)
      const endedMs = instruments.monotonicMs()
      latencies[renewals] = endedMs - beganMs
      renewals += 1
      beganMs = endedMs
    }
  }
  await Promise.all(Array.from({ length: leases }, (_, lease) => hold(lease).catch((error: unknown) => failures.push(error))))
  if (failures.length > 0) throw failures[0]
  const elapsedMs = instruments.monotonicMs() - startedMs
  const spentMicros = instruments.cpuMicros() - cpuBefore
  const measured = [...latencies.subarray(0, renewals)]
  const micros = (q: number) => (quantile(measured, q) ?? Number.NaN) * 1_000
  return { renewals, elapsedMs, cpuMicros: spentMicros, p50Micros: micros(0.5), p99Micros: micros(0.99) }
}
