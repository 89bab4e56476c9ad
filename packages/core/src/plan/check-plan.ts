import { HotspareError } from '../errors.ts'
import type { Plan, Step } from './plan.ts'

/**
 * Refuses a plan that could not be run, printed and checked alike: a step without a command for people, or without a look at
 * whether it has worked, is none.
 *
 * @throws HotspareError `HOTSPARE_CORE_PLAN` that names the step
 */
export function checkPlan(plan: Plan): void {
  const ids = new Set<string>()
  for (const step of plan.steps) {
    const problem = ids.has(step.id) ? 'its id is not unique' : problemOf(step)
    if (problem !== undefined) {
      throw new HotspareError({ code: 'HOTSPARE_CORE_PLAN', message: `plan for ${plan.service}: step "${step.id}": ${problem}` })
    }
    ids.add(step.id)
  }
}

function problemOf({ id, node, what, manual, verification, allowedMs }: Step): string | undefined {
  if (id === '' || node === '' || what === '') return 'id, node and what must not be empty'
  if (manual.length === 0 || manual.some((command) => command.trim() === '')) return 'it has no command that people could type instead'
  if (verification.command.trim() === '' || verification.expect === '') return 'nothing shows that it has worked'
  if (!isPattern(verification.expect)) return 'what its verification expects is no regular expression'
  if (!Number.isFinite(allowedMs) || allowedMs <= 0) return 'it needs a time that is allowed, in milliseconds'
  return undefined
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'mu') instanceof RegExp
  } catch {
    return false
  }
}
