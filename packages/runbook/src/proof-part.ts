import { checkBlocks, commandBlocks, helpOf, placeOf, shortPlaceOf } from './blocks.ts'
import type { ManualTakeoverRunbook } from './input.ts'
import { code, heading, type Inline, inline, paragraph, task } from './markdown.ts'

/** Nobody takes over from a node that may be alive. */
export function proofBlocks(input: ManualTakeoverRunbook, letter: string): readonly string[] {
  return [
    heading(2, inline`Part ${letter}: prove that the other side is off`),
    paragraph(inline`A node that does not answer is not proven dead: it may be alive and only cut off from you. **No answer to ping, to SSH or
in a browser proves nothing.**`),
    ...input.off.flatMap((name) => nodeBlocks(input, name)),
    paragraph(
      inline`**STOP: whoever cannot prove it does not go on.** ${consequenceOf(input)} Leave everything as it is, and ${helpOf(input)}.`,
    ),
  ]
}

function nodeBlocks(input: ManualTakeoverRunbook, name: string): readonly string[] {
  const proofs = input.proofOfOff.filter(({ node }) => node === name)
  const count = proofs.length === 1 ? 'There is one way to do it.' : 'Any one of these ways is enough.'
  return [
    heading(3, inline`Proof that ${code(name)} is off`),
    paragraph(inline`${count}`),
    ...proofs.flatMap(({ what, manual, verification, on }, index) => {
      const where = on ?? input.plan.to ?? ''
      return [
        paragraph(inline`**Way ${String(index + 1)}.** ${what}`),
        ...commandBlocks(inline`On ${placeOf(input, where)}:`, manual),
        ...checkBlocks(shortPlaceOf(input, where), verification),
      ]
    }),
    task(inline`${code(name)} is proven to be off, by way ......`),
  ]
}

function consequenceOf({ plan, service }: ManualTakeoverRunbook): Inline {
  return service.onControlLoss === 'release'
    ? inline`There would be two holders of ${code(plan.service)}, and both would write: what two have written can often not be put together
again. An outage ends; that does not.`
    : inline`There would be two holders of ${code(plan.service)}: users would reach the one or the other by chance, and connections would
break at random. An outage that lasts a little longer is better than that.`
}
