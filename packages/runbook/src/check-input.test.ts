import { describe, expect, it } from 'vitest'
import { renderRunbook } from './render-runbook.ts'
import { keep, takeover } from './runbooks.fixture.ts'
import type { ManualTakeoverRunbook, RunbookInput } from './input.ts'

const [first, second] = keep.plan.steps
if (!first || !second) throw new Error('the fixture has two steps')
const [nodeOne, nodeTwo] = keep.nodes
if (!nodeOne || !nodeTwo) throw new Error('the fixture has two nodes')

const withStep = (change: Partial<typeof first>): RunbookInput => ({
  ...keep,
  plan: { ...keep.plan, steps: [{ ...first, ...change }, second] },
})

describe('a runbook that could not be followed is not printed', () => {
  it.each<[string, RunbookInput]>([
    ['it has no command that people could type', withStep({ manual: [] })],
    ['nothing shows that it has worked', withStep({ verification: { command: '', expect: '' } })],
    ['no regular expression', withStep({ verification: { command: 'true', expect: '(' } })],
    ['proof 1 that web-1 is off": it has no command', { ...takeover, proofOfOff: [{ ...takeover.proofOfOff[0]!, manual: [] }] }],
  ])('"%s" is refused with the code of core', (message, input) => {
    expect(() => renderRunbook(input)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_CORE_PLAN', message: expect.stringContaining(message) }),
    )
  })

  it.each<[string, RunbookInput]>([
    ['plan.steps: there is nothing to do', { ...keep, plan: { ...keep.plan, steps: [] } }],
    ['nodes: the plan speaks of web-2, which is missing', { ...keep, nodes: [nodeOne] }],
    ['nodes.2.name: is not unique', { ...keep, nodes: [nodeOne, nodeTwo, nodeTwo] }],
    ['nodes.0.holdFile: must be the absolute path', { ...keep, nodes: [{ ...nodeOne, holdFile: '-rf' }, nodeTwo] }],
    ['generatedAtMs: is no time', { ...keep, generatedAtMs: Number.NaN }],
    ['plan.service: is longer than 100', { ...keep, plan: { ...keep.plan, service: 'x'.repeat(101) } }],
    ['plan.service: is more than one line', { ...keep, plan: { ...keep.plan, service: 'a\nb' } }],
    ['plan.steps.0.manual.0: ends in a backslash', withStep({ manual: ['echo a \\', 'rm b'] })],
    ['plan.steps.0.manual.1: holds a character that cannot be seen', withStep({ manual: ['echo a', 'echo \u202Eb'] })],
    ['plan.steps.0.undo.0: is empty', withStep({ undo: [' '] })],
    ['plan.steps.0.verification.command: holds a character', withStep({ verification: { command: 'echo\u00A0a', expect: 'a' } })],
    ['hold.set: is empty', { ...keep, hold: { because: 'x', set: '' } }],
    ['off: nobody is thought to be dead', { ...takeover, off: [] }],
    [
      'off: db-9 is no node',
      { ...takeover, off: ['web-1', 'db-9'], proofOfOff: [...takeover.proofOfOff, { ...takeover.proofOfOff[0]!, node: 'db-9' }] },
    ],
    ['proofOfOff: nothing proves that web-1 is off', { ...takeover, proofOfOff: [] }],
    ['plan.to: nobody is left who takes over', { ...takeover, plan: { ...takeover.plan, to: undefined } }],
    ['which is thought to be dead', { ...takeover, plan: { ...takeover.plan, steps: [first] } } satisfies ManualTakeoverRunbook],
  ])('"%s" names the option', (message, input) => {
    expect(() => renderRunbook(input)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_RUNBOOK_OPTIONS', message: expect.stringContaining(message) }),
    )
  })
})
