import { checkBlocks, commandBlocks, listed, placeOf } from './blocks.ts'
import { holdByHand, holdOf, isHeld } from './hold-commands.ts'
import type { RunbookInput, RunbookNode } from './input.ts'
import { code, heading, inline, paragraph, task } from './markdown.ts'

/** Man before machine: nothing moves by itself while people work. */
export function holdBlocks(input: RunbookInput, letter: string): readonly string[] {
  const off = input.mode === 'manual-takeover' ? input.off : []
  const reachable = input.nodes.filter(({ name }) => !off.includes(name))
  return [
    heading(2, inline`Part ${letter}: switch the automation off`),
    paragraph(inline`A hold keeps Hotspare from moving anything while you work. It is a file, and it stays through restarts. It must be set on
every node that runs, before anything else is done.`),
    ...reachable.flatMap((node) => nodeBlocks(input, node)),
    paragraph(inline`**Stop here if a node runs and cannot be held.** Hotspare would undo your work there while you do it.`),
    ...(off.length === 0
      ? []
      : [paragraph(inline`${listed(off)} cannot be held while off. The last part makes up for it, before anybody switches on again.`)]),
  ]
}

function nodeBlocks(input: RunbookInput, { name, holdFile }: RunbookNode): readonly string[] {
  return [
    heading(3, inline`Hold on ${code(name)}`),
    ...commandBlocks(inline`On ${placeOf(input, name)}:`, [holdOf(input.hold)]),
    ...commandBlocks(inline`Only if that fails, because Hotspare is dead there; on ${code(name)}:`, holdByHand(input.hold, holdFile)),
    ...checkBlocks(code(name), isHeld(holdFile)),
    task(inline`${code(name)} is held.`),
  ]
}
