import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatAddress, type WantedMember } from '../engines/members.ts'
import { readNginxOptions } from './options.ts'
import { parseUpstream, renderUpstream } from './upstream-block.ts'

const options = { upstream: 'web', keepalive: 32, maxFails: 1, failTimeoutSeconds: 1 }
const member = (id: string, rest: Partial<WantedMember> = {}): WantedMember => ({
  id,
  host: '10.0.0.1',
  port: 80,
  weight: 1,
  state: 'serve',
  ...rest,
})
const servers = (text: string) => text.split('\n').filter((line) => line.startsWith('    server '))

it.for([
  ['no upstream', { upstream: undefined }],
  ['an upstream that opens a block', { upstream: 'web { }' }],
  ['a relative file', { file: 'conf' }],
  ['a method that ends its line', { method: 'least_conn; server 10.6.6.6' }],
  ['a method that nobody knows', { method: 'zone x 1m' }],
  ['a program as one text', { test: 'nginx -t' }],
  ['no program', { test: [] }],
  ['a signal for nobody', { reload: 'signal' }],
])('refuses %s', ([, wrong]) => {
  const given = { file: '/etc/nginx/conf.d/web.conf', upstream: 'web', ...(wrong as object) }
  expect(() => readNginxOptions(given)).toThrowError(expect.objectContaining({ code: 'HOTSPARE_PROXY_OPTIONS' }))
})

it('writes who serves with whole weights, who is spare as backup, and the others as down', () => {
  const wanted = [
    member('d', { state: 'off' }),
    member('a', { weight: 0.5 }),
    member('b', { weight: 1.5, host: '::1' }),
    member('c', { state: 'spare' }),
    member('e', { state: 'drain' }),
  ]
  expect(renderUpstream(wanted, { ...options, method: 'least_conn' }))
    .toBe(`# Written by Hotspare, and written again where anybody else changes it.
upstream web {
    least_conn;
    server 10.0.0.1:80 weight=1 max_fails=1 fail_timeout=1s; # a: serve
    server [::1]:80 weight=3 max_fails=1 fail_timeout=1s; # b: serve
    server 10.0.0.1:80 max_fails=1 fail_timeout=1s backup; # c: spare
    server 10.0.0.1:80 down; # d: off
    server 10.0.0.1:80 down; # e: drain
    keepalive 32;
}
`)
})

it('writes no backup where nginx would refuse it', () => {
  const wanted = [member('a'), member('b', { state: 'spare' })]
  for (const method of ['ip_hash', 'hash $request_uri consistent', 'random two'])
    expect(servers(renderUpstream(wanted, { ...options, method }))[1]).toContain('down;')
  expect(
    servers(renderUpstream([member('a', { state: 'off' }), member('b', { state: 'spare' })], options)).every((line) =>
      line.includes('down;'),
    ),
  ).toBe(true)
})

it('reads back what it wrote, and gives one text for one wish in any order', () => {
  const members = fc.uniqueArray(
    fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,20}$/),
      host: fc.constantFrom('10.0.0.1', '::1', 'origin.internal'),
      port: fc.integer({ min: 1, max: 65_535 }),
      weight: fc.double({ min: 0.1, max: 100, noNaN: true }),
      state: fc.constantFrom('serve' as const, 'spare' as const, 'drain' as const, 'off' as const),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  )
  fc.assert(
    fc.property(members, (wanted) => {
      const text = renderUpstream(wanted, options)
      expect(renderUpstream(wanted.toReversed(), options)).toBe(text)
      const read = parseUpstream(text) ?? []
      expect(read.map(({ id, address, state }) => `${id} ${address} ${state}`).toSorted()).toEqual(
        wanted.map(({ id, host, port, state }) => `${id} ${formatAddress(host, port)} ${state}`).toSorted(),
      )
    }),
  )
  expect(parseUpstream('upstream web { server 10.0.0.1:80; }')).toBeUndefined()
})
