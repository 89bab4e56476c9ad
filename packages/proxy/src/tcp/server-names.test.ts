import { expect, it } from 'vitest'
import { serverNames } from './server-names.ts'

const find = serverNames([
  { name: '*.org', value: 'org' },
  { name: '*.Example.org', value: 'below' },
  { name: 'db.example.org', value: 'db' },
])

it.each([undefined, '', 'org', 'localhost', 'db.example.com', 'example.com.', '*.example.net'])('nothing is for %j', (name) => {
  expect(find(name)).toBeUndefined()
})

it.each([
  ['db.example.org', 'db'],
  ['a.db.example.org', 'below'],
  ['a.example.org', 'below'],
  ['a.b.c.example.org', 'below'],
  ['example.org', 'org'],
  ['badexample.org', 'org'],
])('%s is found as %s', (name, value) => {
  expect(find(name)).toBe(value)
})
