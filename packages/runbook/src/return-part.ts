import { checkBlocks, commandBlocks, placeOf } from './blocks.ts'
import { holdByHand, isFree, isHeld, liftOf } from './hold-commands.ts'
import type { ManualTakeoverRunbook, RunbookNode } from './input.ts'
import { code, heading, type Inline, inline, paragraph, task } from './markdown.ts'

/** Nobody comes back unheld: that may be days later, and by other people. */
export function returnBlocks(input: ManualTakeoverRunbook, letter: string): readonly string[] {
  return [
    heading(2, inline`Part ${letter}: before the dead come back`),
    paragraph(inline`A node does not know what was done while it was off. With its network it could take ${code(input.plan.service)} back at
once. Keep it off until somebody has the time for this part.`),
    ...input.nodes.filter(({ name }) => input.off.includes(name)).flatMap((node) => nodeBlocks(input, node)),
  ]
}

function nodeBlocks(input: ManualTakeoverRunbook, { name, holdFile }: RunbookNode): readonly string[] {
  const atConsole: Inline = inline`the console of ${code(name)}`
  return [
    heading(3, inline`Before ${code(name)} is switched on again`),
    paragraph(inline`First cut its network: pull the cable, or shut the port of its switch. Then switch it on and log in at its console.`),
    ...commandBlocks(inline`On ${atConsole}:`, holdByHand(input.hold, holdFile)),
    ...checkBlocks(atConsole, isHeld(holdFile)),
    task(inline`${code(name)} is held. Only now connect its network.`),
    ...commandBlocks(inline`When it is to take part again, on ${placeOf(input, name)}:`, [liftOf(input.hold)]),
    ...checkBlocks(code(name), isFree(holdFile)),
    task(inline`${code(name)} takes part again.`),
  ]
}
