import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { networkFault } from '@hotspare/core'

/** Whether this process, or the machine, has no file descriptor left. */
export function lacksDescriptors(): boolean {
  try {
    closeSync(openSync(devNull, 'r'))
    return false
  } catch (error) {
    return networkFault(error) === 'local'
  }
}
