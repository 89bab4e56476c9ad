import { optionsError, type OptionsIssue } from '@hotspare/core'
import { checkPlan, type Plan } from '@hotspare/core/plan'
import type { ManualTakeoverRunbook, RunbookInput } from './input.ts'
import { everyCommandOf } from './printable.ts'

/** The latest time that a `Date` can hold, either side of 1970. */
const LATEST_MS = 8.64e15

/**
 * Refuses what would print a runbook that cannot be followed.
 *
 * @throws HotspareError `HOTSPARE_CORE_PLAN` that names the step, or `HOTSPARE_RUNBOOK_OPTIONS` that names the option
 */
export function checkInput(input: RunbookInput): void {
  checkPlan(input.plan)
  if (input.mode === 'manual-takeover') checkPlan(proofsAsPlan(input))
  const issues = [
    ...issuesOfNodes(input),
    ...(input.mode === 'manual-takeover' ? issuesOfTakeover(input) : []),
    ...(Math.abs(input.generatedAtMs) <= LATEST_MS ? [] : [{ path: ['generatedAtMs'], message: 'is no time' }]),
    ...issuesOfCommands(input),
  ]
  if (issues.length > 0) throw optionsError({ code: 'HOTSPARE_RUNBOOK_OPTIONS', who: 'runbook', issues })
}

/** A proof has to be as complete as a step. */
function proofsAsPlan({ plan, proofOfOff }: ManualTakeoverRunbook): Plan {
  const steps = proofOfOff.map((proof, index) => ({
    ...proof,
    id: `proof ${index + 1} that ${proof.node} is off`,
    action: { type: 'prepare' } as const,
    allowedMs: 1,
  }))
  return { ...plan, steps }
}

function issuesOfNodes({ plan, nodes }: RunbookInput): readonly OptionsIssue[] {
  const names = nodes.map(({ name }) => name)
  const named = [plan.from, plan.to, ...plan.steps.map(({ node }) => node)].filter((name) => name !== undefined)
  const unknown = [...new Set(named)].find((name) => !names.includes(name))
  return [
    ...(plan.steps.length > 0 ? [] : [{ path: ['plan', 'steps'], message: 'there is nothing to do' }]),
    ...(unknown === undefined ? [] : [{ path: ['nodes'], message: `the plan speaks of ${unknown}, which is missing` }]),
    ...nodes.flatMap(({ name, holdFile }, index) => [
      ...(names.indexOf(name) === index ? [] : [{ path: ['nodes', index, 'name'], message: 'is not unique' }]),
      ...(/^\/.*[^/]$/.test(holdFile) ? [] : [{ path: ['nodes', index, 'holdFile'], message: 'must be the absolute path of a file' }]),
    ]),
  ]
}

function issuesOfTakeover({ plan, nodes, off, proofOfOff }: ManualTakeoverRunbook): readonly OptionsIssue[] {
  const stray = off.find((name) => !nodes.some((node) => node.name === name))
  const unproven = off.find((name) => !proofOfOff.some(({ node }) => node === name))
  const impossible = plan.steps.find(({ node }) => off.includes(node))
  return [
    ...(off.length > 0 ? [] : [{ path: ['off'], message: 'nobody is thought to be dead: print a switchover' }]),
    ...(plan.to === undefined || off.includes(plan.to) ? [{ path: ['plan', 'to'], message: 'nobody is left who takes over' }] : []),
    ...(stray === undefined ? [] : [{ path: ['off'], message: `${stray} is no node` }]),
    ...(unproven === undefined ? [] : [{ path: ['proofOfOff'], message: `nothing proves that ${unproven} is off` }]),
    ...(impossible
      ? [{ path: ['plan', 'steps'], message: `"${impossible.id}" is on ${impossible.node}, which is thought to be dead` }]
      : []),
  ]
}

function issuesOfCommands(input: RunbookInput): readonly OptionsIssue[] {
  return everyCommandOf(input).flatMap(({ path, text, problem }) =>
    problem === undefined ? [] : [{ path, message: `${problem}: ${JSON.stringify(text)}` }],
  )
}
