import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { createDnsServer, embeddedZone } from '../server.ts'
import { describeProvider } from '../testing/index.ts'

function server() {
  return createDnsServer({
    zones: [{ name: 'example.com', nameServers: ['ns1.example.net'] }],
    listen: [{ address: '127.0.0.1', port: 0 }],
    clock: new TestClock(),
  })
}

describeProvider(
  { describe, it },
  {
    title: 'a zone of the embedded server',
    open() {
      const running = server()
      return Promise.resolve({
        open: () => embeddedZone(running, 'example.com'),
        seed: (set) => void running.set('example.com', [set]),
        remove: (name) => void running.set('example.com', [], { remove: [name] }),
        peek: (name) => running.get('example.com', name),
        secrets: [],
        close: () => running.stop(),
      })
    },
  },
)

describe('a zone of the embedded server', () => {
  it('is not there where the server does not have it', () => {
    expect(() => embeddedZone(server(), 'example.org')).toThrow(expect.objectContaining({ code: 'HOTSPARE_DNS_ZONE' }))
  })

  it('refuses what cannot be served beside what is there, and changes nothing', async () => {
    const running = server()
    const zone = embeddedZone(running, 'example.com')
    running.set('example.com', [{ name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] }])
    const serial = running.serial('example.com')
    const expected = { name: 'www.example.com', type: 'CNAME', set: undefined } as const
    const next = { name: 'www.example.com', type: 'CNAME', ttlSeconds: 30, values: ['other.example.com'] } as const
    const { signal } = new AbortController()
    await expect(zone.change([{ expected, next }], { signal })).rejects.toMatchObject({ code: 'HOTSPARE_DNS_ZONE' })
    expect(running.serial('example.com')).toBe(serial)
    expect(running.get('example.com', expected)).toBeUndefined()
  })

  it('tells the serial of what it has changed, and keeps it where nothing was to change', async () => {
    const running = server()
    const zone = embeddedZone(running, 'example.com')
    const { signal } = new AbortController()
    const next = { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.1'] } as const
    const first = running.serial('example.com')
    const applied = await zone.change([{ expected: { ...next, set: undefined }, next }], { signal })
    expect(applied).toEqual({ kind: 'applied', serial: first + 1 })
    expect(await zone.change([{ expected: { ...next, set: next }, next }], { signal })).toEqual({ kind: 'applied', serial: first + 1 })
  })
})
