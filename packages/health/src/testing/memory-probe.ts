import type { Clock } from '@hotspare/core'
import { sleep, systemClock } from '@hotspare/core'
import { failed, inconclusive, passed } from '../failure.ts'
import type { Probe, ProbeFailure } from '../probe.ts'
import { runProbe } from '../run-probe.ts'

/** What the pretended target does when it is looked at: pass, fail for a reason, stay silent, or throw (a broken probe); or the observer is the sick one. */
export type MemoryAnswer = 'pass' | 'silent' | 'throw' | 'inconclusive' | ProbeFailure

export interface MemoryProbeOptions {
  /** Asked at the start of every run. Default: always `pass` */
  readonly answer?: (() => MemoryAnswer) | undefined
  /** Default: `memory` */
  readonly address?: string | undefined
  /** How long an answer takes, in milliseconds. Default: 1 */
  readonly latencyMs?: number | undefined
  /** Default: 500 */
  readonly timeoutMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** The reference driver: a probe without a network, for tests and simulations. */
export function memoryProbe(options: MemoryProbeOptions = {}): Probe {
  const { answer = () => 'pass', address = 'memory', latencyMs = 1, timeoutMs = 500, clock = systemClock } = options
  return {
    type: 'memory',
    address,
    timeoutMs,
    run: ({ signal } = {}) =>
      runProbe({ what: `memory probe of ${address}`, timeoutMs, clock, signal }, async (run) => {
        const now = answer()
        run.phase = 'waiting for the answer'
        await sleep(now === 'silent' ? timeoutMs * 2 : latencyMs, { signal: run.signal, clock })
        if (now === 'throw') throw new TypeError('a broken probe')
        if (now === 'inconclusive') return inconclusive('pretended: this machine could not look')
        return now === 'pass' || now === 'silent' ? passed('answered') : failed(now, `pretended: ${now}`)
      }),
  }
}
