import { stat } from 'node:fs/promises'
import type { Clock } from '@hotspare/core'
import { assertNever, errorCode } from '@hotspare/core'
import { execDefaults } from '../exec/defaults.ts'
import { programRunner } from '../exec/program-runner.ts'
import { failed, inconclusive } from '../failure.ts'
import type { Look } from './look.ts'
import type { SmartCheck } from './options.ts'
import { judgeSmart } from './smart-report.ts'

/** Some ten times what a disk with full logs has to tell. */
const MAX_REPORT_BYTES = 524_288

export function smartLook({ device, deviceType, program }: SmartCheck, clock: Clock): Look {
  // A disk that sleeps is left asleep.
  const args = ['--json=c', '--nocheck=standby', '--health', '--attributes', '--log=error', '--log=selftest']
  const { env, workingFolder, graceMs } = execDefaults
  const runOnce = programRunner({
    file: program,
    args: [...args, ...(deviceType === undefined ? [] : ['-d', deviceType]), device],
    env,
    workingFolder,
    graceMs,
    keptBytes: MAX_REPORT_BYTES,
    clock,
  })
  return async (run) => {
    try {
      await stat(device)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return failed('unexpected', `there is no ${device}`)
      throw error
    }
    const end = await runOnce(run, { phase: `smartctl was asking ${device}`, atOnce: () => true })
    switch (end.kind) {
      case 'exited':
        return judgeSmart(device, end.code, end.stdout)
      case 'not-started':
        return inconclusive(`${program} cannot be run (${errorCode(end.error) ?? 'unknown'})`)
      case 'killed':
      case 'flooded':
        return inconclusive(`${program} ended without an answer`)
      default:
        return assertNever(end)
    }
  }
}
