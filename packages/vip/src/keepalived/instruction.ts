import type { Instruction, ResourceVerb } from '@hotspare/core/plan'
import { trackFileOf } from './config.ts'
import { DEFAULT_KEEPALIVED_FOLDER } from './defaults.ts'

/** `hotspare_10_0_0_100`: the same on every node. */
export function instanceNameOf(address: string): string {
  return `hotspare_${address.replace(/\/\d+$/, '').replaceAll(/[^A-Za-z0-9]/g, '_')}`
}

/** The verbs for people, as root on the step's node. */
export function keepalivedInstruction(
  verb: ResourceVerb,
  about: { readonly address: string; readonly interface: string; readonly folder?: string | undefined },
): Instruction {
  const { address, interface: link, folder = DEFAULT_KEEPALIVED_FOLDER } = about
  const bare = address.replace(/\/\d+$/, '')
  const track = trackFileOf(instanceNameOf(address), folder)
  const command = `ip -o address show dev ${link} to ${bare}`
  if (verb === 'release') {
    return {
      what: `Have keepalived let go of ${bare}.`,
      manual: [`echo 1 > ${track}`],
      verification: { command, expect: '^$' },
    }
  }
  return {
    what: `Let keepalived have ${bare} on ${link}.`,
    manual: [`echo 0 > ${track}`],
    verification: { command, expect: `${bare.replaceAll('.', String.raw`\.`)}/` },
    undo: [`echo 1 > ${track}`],
  }
}
