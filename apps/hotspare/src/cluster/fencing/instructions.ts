import type { TimedInstruction } from '@hotspare/failover'
import type { FencingConfig } from '../../config/config-fencing.ts'
import { fenceCommands, fenceLevelsOf } from './devices.ts'

/** A node may be heard for so long after its power has gone, and the word of people is looked for. */
const FENCE_SLACK_MS = 10_000

/** The step that makes sure of another node, for the executor's limits and for people. */
export function fenceInstruction(fencing: FencingConfig | undefined, target: string): TimedInstruction {
  const confirm = `hotspare fence confirm ${target} --because "I have seen that it is off"`
  const commands = fenceCommands(fencing, target)
  const status = commands.at(-1)
  return {
    what: `Make sure that ${target} can do nothing any more: it has let go of everything, or it is off.`,
    manual: commands.length > 0 ? commands.filter((_, index) => index % 2 === 0) : [`echo "switch ${target} off by hand"`, confirm],
    // The contract of fence agents: a status of 2 is off.
    verification:
      status === undefined ? { command: confirm, expect: target } : { command: `${status} > /dev/null 2>&1; echo $?`, expect: '^2$' },
    allowedMs: (fenceLevelsOf(fencing, target)?.allowedMs ?? 0) + FENCE_SLACK_MS,
  }
}
