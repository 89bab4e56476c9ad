import { HotspareError } from '@hotspare/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readMembers } from './members.ts'

/** @returns undefined where it was taken */
function refusalOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (HotspareError.is(error) && error.code === 'HOTSPARE_PROXY_ENGINE_MEMBERS') return error.message
    throw error
  }
}

const good = { id: 'a', host: '10.0.0.1', port: 80, state: 'serve' } as const

it.for([
  ['an id with a space', { id: 'a b' }],
  ['an id that ends a command', { id: 'a;shutdown' }],
  ['an id with a line break', { id: 'a\nshutdown' }],
  ['an id that leaves its backend', { id: 'a/b' }],
  ['an empty id', { id: '' }],
  ['a host with a parameter', { host: '10.0.0.1 backup' }],
  ['a host with a semicolon', { host: 'x;}' }],
  ['an address with a zone', { host: 'fe80::1%eth0' }],
  ['an address that is none', { host: '10.0.0.256' }],
  ['an address in brackets', { host: '[::1]' }],
  ['port 0', { port: 0 }],
  ['serving with weight 0', { weight: 0 }],
  ['a weight that is none', { weight: Number.NaN }],
  ['a state that is none', { state: 'up' }],
  ['a key that is none', { note: 'x' }],
])('refuses %s, and does not repeat it', ([, wrong]) => {
  const message = refusalOf(() => readMembers('haproxy web', [{ ...good, ...(wrong as object) }]))
  expect(message).toMatch(/^haproxy web: 0/)
  expect(message).not.toMatch(/shutdown|256|fe80/)
})

it('refuses nobody at all, and two of one name', () => {
  expect(() => readMembers('x', [])).toThrow(/HotspareError|x:/)
  expect(() => readMembers('x', [good, good])).toThrow('same id')
})

it('lets nothing through that could end a word of a command or of a configuration', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (id, host) => {
      let read: readonly { readonly id: string; readonly host: string }[] = []
      const message = refusalOf(() => (read = readMembers('x', [{ ...good, id, host }])))
      expect(message === undefined || message.startsWith('x: 0')).toBe(true)
      expect(read.every((member) => /^[A-Za-z0-9_.:-]+$/.test(`${member.id}${member.host}`))).toBe(true)
    }),
  )
})
