import { formatDuration } from '@hotspare/core'
import type { Step } from '@hotspare/core/plan'
import { checkBlocks, commandBlocks, helpOf, placeOf } from './blocks.ts'
import type { RunbookInput } from './input.ts'
import { code, heading, type Inline, inline, paragraph, task } from './markdown.ts'

export function stepBlocks(input: RunbookInput, letter: string): readonly string[] {
  return [
    heading(2, inline`Part ${letter}: the steps`),
    paragraph(inline`Each step begins only when the one before is checked.`),
    ...input.plan.steps.flatMap((step, index) => blocksOf(input, step, index + 1)),
  ]
}

function blocksOf(input: RunbookInput, step: Step, number: number): readonly string[] {
  const { steps } = input.plan
  const undo = step.undo ?? []
  return [
    heading(3, inline`Step ${String(number)} of ${String(steps.length)}, on ${code(step.node)}`),
    paragraph(inline`${step.what}`),
    ...commandBlocks(inline`On ${placeOf(input, step.node)}:`, step.manual),
    ...checkBlocks(code(step.node), step.verification, timeOf(step)),
    task(inline`Step ${String(number)} is done and checked, at ................`),
    paragraph(inline`**Stop here if the check fails.** ${next(number, steps.length)} ${wayOut(input, undo.length > 0)}`),
    ...(undo.length > 0 ? commandBlocks(undoIntro(number, step.node), undo) : []),
  ]
}

function timeOf({ allowedMs, tookMs }: Step): Inline {
  const within = inline`Within ${formatDuration(allowedMs)}`
  return tookMs === undefined ? within : inline`${within} (the last time: ${formatDuration(tookMs)})`
}

/** Each step stands on the ones before: what is taken back first is what was done last. */
function undoIntro(number: number, node: string): Inline {
  return inline`To take step ${String(number)} back, while no later step stands, on ${code(node)}:`
}

function next(number: number, last: number): Inline {
  return number === last ? inline`Do not take the hold back.` : inline`Step ${String(number + 1)} must not begin.`
}

function wayOut(input: RunbookInput, canUndo: boolean): Inline {
  return canUndo
    ? inline`Take the step back as below, write down what the check has shown, and ${helpOf(input)}.`
    : inline`There is no safe way back from here: leave everything as it is, write down what the check has shown, and ${helpOf(input)}.`
}
