import type { ProbeResult } from '@hotspare/health'
import { expect, it } from 'vitest'
import { InitialDown } from './initial-down.ts'

const facts = { durationMs: 1, detail: 'x' }
const pass: ProbeResult = { ...facts, outcome: 'pass' }
const fail: ProbeResult = { ...facts, outcome: 'fail', reason: 'refused' }
const silent: ProbeResult = { ...facts, outcome: 'inconclusive' }

it.each([
  ['failures with a pass between them', [fail, fail, pass, fail, fail], false],
  ['results that count for nothing', [silent, silent, silent, silent], false],
  ['as many failures as take it down', [fail, silent, fail, fail], true],
  ['a failure that it has stated itself', [{ ...fail, immediate: true }], true],
] as const)('%s: proven is %s', (_what, results, proven) => {
  const initial = new InitialDown()
  initial.add('shop/a', 3)
  expect(results.map((result) => initial.take('shop/a', result, true)).includes(true)).toBe(proven)
  expect(initial.has('shop/a')).toBe(!proven)
})

it('what has come up is proven, and what was never believed down is not kept', () => {
  const initial = new InitialDown()
  initial.add('shop/a', 3)
  expect([initial.take('shop/b', fail, true), initial.take('shop/a', pass, false), initial.has('shop/a')]).toEqual([false, true, false])
})
