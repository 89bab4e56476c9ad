import type { Clock } from '@hotspare/core'
import { errorCode } from '@hotspare/core'
import { degraded, failed } from '../failure.ts'
import { systemDefaults } from './defaults.ts'
import { judgeLevel, percent, share } from './judge-level.ts'
import type { Look } from './look.ts'
import type { NetworkCheck } from './options.ts'
import { readKernelFile } from './read-file.ts'
import { sampler } from './sampler.ts'

/** Since the interface was made. */
interface Counters {
  readonly bytes: readonly [received: number, sent: number]
  readonly packets: number
  readonly errors: number
  readonly dropped: number
}

export function networkLook({ sysRoot, interface: name, warnAt, failAt }: NetworkCheck, clock: Clock): Look {
  const folder = `${sysRoot}/class/net/${name}`
  const sample = sampler(() => readCounters(folder), systemDefaults.sampleMs, clock)
  return async (run) => {
    let state
    try {
      state = (await readKernelFile(`${folder}/operstate`)).trim()
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return failed('unexpected', `there is no interface ${name}`)
      throw error
    }
    // `unknown` is what drivers without a state say: loopback, tunnels.
    if (!['up', 'unknown', 'dormant', 'testing'].includes(state)) return failed('unwell', `the interface ${name} is ${state}`)
    run.phase = 'measuring'
    const { before, now, seconds } = await sample(run.signal)
    const errors = grown(before.errors, now.errors)
    const value = share(errors, grown(before.packets, now.packets) + errors)
    const measures = {
      'error-ratio': value,
      'dropped-per-second': grown(before.dropped, now.dropped) / seconds,
      'received-bytes-per-second': grown(before.bytes[0], now.bytes[0]) / seconds,
      'sent-bytes-per-second': grown(before.bytes[1], now.bytes[1]) / seconds,
    }
    if (state === 'dormant' || state === 'testing') return degraded(`the interface ${name} is ${state}`, { measures })
    return judgeLevel({ value, warnAt, failAt, show: percent, says: `of the packets of ${name} are broken`, measures })
  }
}

/** An interface that was made anew counts from zero. */
function grown(before: number, now: number): number {
  return now >= before ? now - before : now
}

async function readCounters(folder: string): Promise<Counters> {
  const read = async (counter: string) => {
    const value = Number((await readKernelFile(`${folder}/statistics/${counter}`)).trim())
    return Number.isSafeInteger(value) ? value : 0
  }
  const both = (counter: string) => Promise.all([read(`rx_${counter}`), read(`tx_${counter}`)])
  const [bytes, packets, errors, dropped] = await Promise.all([both('bytes'), both('packets'), both('errors'), both('dropped')])
  return { bytes, packets: packets[0] + packets[1], errors: errors[0] + errors[1], dropped: dropped[0] + dropped[1] }
}
