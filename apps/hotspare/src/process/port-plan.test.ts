import { expect, it } from 'vitest'
import { planPorts } from './port-plan.ts'

const at = (name: string, port: number, host = '127.0.0.1') => ({ name, listen: { host, port } })

it.each([
  ['another port is bound, and the old one closed', [at('a', 1)], [at('a', 2)], {}, ['a'], ['a']],
  ['another host is another address', [at('a', 1)], [at('a', 1, '0.0.0.0')], {}, ['a'], ['a']],
  ['what is gone is closed, and what is new is bound', [at('a', 1), at('b', 2)], [at('b', 2), at('c', 3)], { b: 'b' }, ['c'], ['a']],
  ['a port goes on under another name', [at('a', 1)], [at('b', 1)], { b: 'a' }, [], []],
  ['two names that are exchanged keep their addresses', [at('a', 1), at('b', 2)], [at('a', 2), at('b', 1)], { a: 'b', b: 'a' }, [], []],
  ['of two free ports each stays with its name', [at('a', 0), at('b', 0)], [at('b', 0), at('a', 0)], { a: 'a', b: 'b' }, [], []],
  ['one free port more is bound', [at('a', 0)], [at('b', 0), at('a', 0)], { a: 'a' }, ['b'], []],
  ['a name that has gone leaves its free port to a new one', [at('a', 0)], [at('b', 0)], { b: 'a' }, [], []],
  ['nothing is held, nothing is wanted', [], [], {}, [], []],
] as const)('%s', (_what, held, wanted, kept, bind, close) => {
  const plan = planPorts(held, wanted)
  expect(Object.fromEntries(plan.kept)).toEqual(kept)
  expect(plan.bind.map(({ name }) => name)).toEqual(bind)
  expect(plan.close).toEqual(close)
})
