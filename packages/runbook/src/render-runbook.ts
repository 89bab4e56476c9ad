import { checkInput } from './check-input.ts'
import { endBlocks } from './end-part.ts'
import { headerBlocks } from './header.ts'
import { holdBlocks } from './hold-part.ts'
import type { RunbookInput } from './input.ts'
import { proofBlocks } from './proof-part.ts'
import { returnBlocks } from './return-part.ts'
import { stepBlocks } from './steps-part.ts'

/**
 * Prints a plan for people: the hold, for a takeover the proof that the other node is off, each step with its commands and its
 * check, and the way back to automation.
 *
 * @returns Markdown (GitHub's), ending in a line break
 * @throws HotspareError `HOTSPARE_CORE_PLAN` for a step or a proof without a command or a check; `HOTSPARE_RUNBOOK_OPTIONS` for
 * what could not be followed: a node that is missing, a command that nobody could type, a step on a node that is thought dead
 */
export function renderRunbook(input: RunbookInput): string {
  checkInput(input)
  const parts = partsOf(input)
  return `${[...headerBlocks(input, boxesIn(parts)), ...parts].join('\n\n')}\n`
}

function partsOf(input: RunbookInput): readonly string[] {
  if (input.mode === 'switchover') return [...holdBlocks(input, 'A'), ...stepBlocks(input, 'B'), ...endBlocks(input, 'C')]
  return [
    ...holdBlocks(input, 'A'),
    ...proofBlocks(input, 'B'),
    ...stepBlocks(input, 'C'),
    ...endBlocks(input, 'D'),
    ...returnBlocks(input, 'E'),
  ]
}

/** A block of commands begins with its fence, so what looks like a box in there is not counted. */
function boxesIn(blocks: readonly string[]): number {
  return blocks.filter((block) => block.startsWith('- [ ] ')).reduce((sum, block) => sum + block.split(/^- \[ \] /m).length - 1, 0)
}
