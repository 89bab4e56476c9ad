import { expect, test } from 'vitest'
import { renderPlan } from './render-plan.ts'
import { keep } from './runbooks.fixture.ts'

const { plan } = keep

test('a plan with a step that cannot be checked is refused', () => {
  const steps = plan.steps.map((step) => ({ ...step, verification: { command: '', expect: '^$' } }))
  expect(() => renderPlan({ ...plan, steps })).toThrow('nothing shows that it has worked')
})

test('nothing reaches the terminal that it would obey', () => {
  const steps = plan.steps.map((step) => ({ ...step, what: 'a\u001B[2J\nb\u202Ec' }))
  // oxlint-disable-next-line no-control-regex
  expect(renderPlan({ ...plan, because: '\u0007x\r', steps })).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/)
})

test('a plan is one line for why, and one for each step', () => {
  expect(renderPlan(plan)).toMatchInlineSnapshot(`
    "switchover of shop-entry from web-1 to web-2: people asked for it: new kernel on web-1
       1. web-1  Take the address 10.0.0.100 off eth0. (at most 1s, last time 4ms)
       2. web-2  Bring the address 10.0.0.100 to eth0, and tell the network. (at most 3s, last time 212ms, can be undone)
    "
  `)
})

test.each([
  [{ from: undefined, to: 'web-1' }, 'switchover of shop-entry to web-1: why\n  nothing to do\n'],
  [{ from: 'web-1', to: 'web-1' }, 'switchover of shop-entry on web-1: why\n  nothing to do\n'],
  [{ from: 'web-1', to: undefined }, 'switchover of shop-entry from web-1: why\n  nothing to do\n'],
  [{ from: undefined, to: undefined }, 'switchover of shop-entry: why\n  nothing to do\n'],
])('who is active before and after is said as %o', (move, text) => {
  expect(renderPlan({ ...plan, because: 'why', steps: [], ...move })).toBe(text)
})
