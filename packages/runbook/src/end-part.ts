import { checkBlocks, commandBlocks, placeOf } from './blocks.ts'
import { isFree, liftByHand, liftOf } from './hold-commands.ts'
import type { FinalCheck, RunbookInput, RunbookNode } from './input.ts'
import { code, heading, inline, paragraph, task } from './markdown.ts'

/** Looks once more, and gives the automation its work back. */
export function endBlocks(input: RunbookInput, letter: string): readonly string[] {
  const off = input.mode === 'manual-takeover' ? input.off : []
  const { plan, nodes, service } = input
  const running = nodes.filter(({ name }) => !off.includes(name))
  // Whoever is active learns first that it may go on: nobody else should find the right free.
  const lifted = [...running.filter(({ name }) => name === plan.to), ...running.filter(({ name }) => name !== plan.to)]
  return [
    heading(2, inline`Part ${letter}: at the end`),
    heading(3, inline`Look once more`),
    paragraph(inline`Repeat the check of each step: what worked a minute ago must still be true.`),
    plan.steps
      .map(({ node }, index) => task(inline`The check of step ${String(index + 1)}, on ${code(node)}, still shows what it must.`))
      .join('\n'),
    ...(service.finalChecks ?? []).flatMap((check) => finalBlocks(input, check)),
    heading(3, inline`Take the hold back`),
    paragraph(inline`Not before all is well, and in this order. From here on Hotspare acts again: first let ${code('hotspare plan')} tell you what it
would do. If you do not want that, leave the hold where it is.`),
    ...lifted.flatMap((node) => liftBlocks(input, node)),
    paragraph(inline`Ended by ................ at ................. What was not as printed: ......................................`),
  ]
}

function finalBlocks(input: RunbookInput, { what, on, verification }: FinalCheck): readonly string[] {
  const place = placeOf(input, on ?? input.plan.to ?? 'any node')
  return [paragraph(inline`${what}`), ...checkBlocks(place, verification), task(inline`It shows what it must.`)]
}

function liftBlocks(input: RunbookInput, { name, holdFile }: RunbookNode): readonly string[] {
  return [
    ...commandBlocks(inline`On ${placeOf(input, name)}:`, [liftOf(input.hold)]),
    ...commandBlocks(inline`Only if that fails, because Hotspare is dead there; on ${code(name)}:`, liftByHand(holdFile)),
    ...checkBlocks(code(name), isFree(holdFile)),
    task(inline`The hold on ${code(name)} is gone.`),
  ]
}
