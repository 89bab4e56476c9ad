import { errorCode } from '@hotspare/core'
import { degraded, failed, type Finding, passed } from '../failure.ts'
import { percent } from './judge-level.ts'
import type { Look } from './look.ts'
import { parseMdstat, type RaidArray } from './mdstat.ts'
import type { RaidCheck } from './options.ts'
import { readKernelFile } from './read-file.ts'

export function raidLook({ procRoot, array }: RaidCheck): Look {
  return async () => {
    let text = ''
    try {
      text = await readKernelFile(`${procRoot}/mdstat`)
    } catch (error) {
      // No array, no file: the kernel loads its part with the first one.
      if (errorCode(error) !== 'ENOENT') throw error
    }
    return judgeRaid(parseMdstat(text), array)
  }
}

/** An array that should be there and is not has failed: that is what a machine that did not assemble it looks like. */
export function judgeRaid(arrays: readonly RaidArray[], only: string | undefined): Finding {
  const looked = only === undefined ? arrays : arrays.filter(({ name }) => name === only)
  if (looked.length === 0) return failed('unexpected', only === undefined ? 'there is no RAID array' : `there is no array ${only}`)
  const done = looked.flatMap(({ activity }) => activity?.done ?? [])
  const faulty = looked.flatMap((array) => array.faulty.map((device) => `${device} of ${array.name}`))
  const remarks = {
    measures: {
      'arrays-count': looked.length,
      'missing-devices-count': looked.reduce((sum, array) => sum + missing(array), 0),
      'faulty-devices-count': faulty.length,
      ...(done.length > 0 ? { 'sync-done-ratio': Math.min(...done) } : {}),
    },
    ...(faulty.length > 0 ? { warning: `thrown out: ${faulty.slice(0, 8).join(', ')}` } : {}),
  }
  const broken = looked.flatMap(brokenText)
  if (broken.length > 0) return failed('unwell', broken.join('; '), remarks)
  const busy = looked.flatMap(busyText)
  if (busy.length > 0) return degraded(busy.join('; '), remarks)
  return passed(`${looked.map(({ name }) => name).join(', ')} ${looked.length === 1 ? 'is' : 'are'} whole`, remarks)
}

function missing({ devices }: RaidArray): number {
  return devices ? Math.max(devices.wanted - devices.working, 0) : 0
}

function isBeingRebuilt({ activity }: RaidArray): boolean {
  return activity?.kind === 'recovery'
}

function brokenText(array: RaidArray): string[] {
  if (!array.active) return [`${array.name} is inactive`]
  return missing(array) > 0 && !isBeingRebuilt(array) ? [`${array.name} lacks ${missing(array)} of ${array.devices?.wanted} devices`] : []
}

/** A check or a repair is routine; what changes or restores the data on the disks is not. */
function busyText({ name, activity }: RaidArray): string[] {
  if (!activity || activity.kind === 'check' || activity.kind === 'repair') return []
  return [`${name}: ${activity.kind} ${activity.done === undefined ? 'waits' : `is at ${percent(activity.done)}`}`]
}
