import type { Clock } from '@hotspare/core'
import { inconclusive } from '../failure.ts'
import { systemDefaults } from './defaults.ts'
import { judgeLevel, percent, share } from './judge-level.ts'
import type { Look } from './look.ts'
import type { CpuCheck, LoadCheck, PressureCheck } from './options.ts'
import { countProcessors, parseCpuTimes, parseLoad, parsePressure } from './proc.ts'
import { readKernelFile } from './read-file.ts'
import { sampler } from './sampler.ts'

export function cpuLook({ procRoot, warnAt, failAt }: CpuCheck, clock: Clock): Look {
  const sample = sampler(async () => parseCpuTimes(await readKernelFile(`${procRoot}/stat`)), systemDefaults.sampleMs, clock)
  return async (run) => {
    run.phase = 'measuring'
    const { before, now } = await sample(run.signal)
    if (!before || !now) return inconclusive(`${procRoot}/stat has no times of processors`)
    const total = now.total - before.total
    // The kernel's counters of waiting may go back a little.
    const part = (field: 'idle' | 'waiting' | 'stolen') => share(now[field] - before[field], total)
    const value = total > 0 ? 1 - Math.min(part('idle') + part('waiting'), 1) : 0
    const measures = { 'used-ratio': value, 'iowait-ratio': part('waiting'), 'steal-ratio': part('stolen') }
    return judgeLevel({ value, warnAt, failAt, show: percent, says: "of the processors' time is used", measures })
  }
}

export function loadLook({ procRoot, warnAt, failAt, minutes }: LoadCheck): Look {
  return async () => {
    const loads = parseLoad(await readKernelFile(`${procRoot}/loadavg`))
    const processors = countProcessors(await readKernelFile(`${procRoot}/stat`))
    if (!loads || processors === 0) return inconclusive(`${procRoot} has no load average`)
    const [one, five, fifteen] = loads
    const value = { 1: one, 5: five, 15: fifteen }[minutes] / processors
    const measures = {
      'load-1m-per-processor': one / processors,
      'load-5m-per-processor': five / processors,
      'load-15m-per-processor': fifteen / processors,
    }
    const says = `tasks for each of ${processors} processors over ${minutes} min`
    return judgeLevel({ value, warnAt, failAt, show: (load) => String(Number(load.toFixed(2))), says, measures })
  }
}

export function pressureLook({ procRoot, warnAt, failAt, resource, who, seconds }: PressureCheck): Look {
  return async () => {
    const shares = parsePressure(await readKernelFile(`${procRoot}/pressure/${resource}`), who)
    if (!shares) return inconclusive(`this kernel keeps no "${who}" pressure of ${resource}`)
    const measures = { 'stalled-10s-ratio': shares[10], 'stalled-60s-ratio': shares[60], 'stalled-300s-ratio': shares[300] }
    const says = `of the time ${who === 'some' ? 'some task' : 'every task'} waited for ${resource}`
    return judgeLevel({ value: shares[seconds], warnAt, failAt, show: percent, says, measures })
  }
}
