import { CloudError, type CloudFault } from '@hotspare/cloud'
import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { TestRight } from '../right.fixture.ts'
import { providerResource } from './provider-resource.ts'
import type { AddressProvider, Holding } from './provider.ts'

/** A provider in memory that does as it is told. */
function scripted() {
  const clock = new TestClock()
  const asked: string[] = []
  let holding: Holding = { places: [{ name: 'p', holder: undefined }] }
  let fault: CloudFault | undefined
  let retryAfterMs: number | undefined
  let looked = () => {}
  const call = (name: string) => {
    asked.push(name)
    if (fault) throw new CloudError({ who: 'scripted', fault, why: 'the test says so', retryAfterMs })
  }
  const provider: AddressProvider = {
    id: 'scripted p',
    shape: 'atomic',
    terms: {
      typicalMs: 1,
      allowedMs: { acquire: 30_000, release: 30_000 },
      callMs: 5_000,
      pollMs: 100,
      lookEveryMs: 10_000,
      credentialsPauseMs: 300_000,
      rate: { perSecond: 1, burst: 10, source: 'none' },
    },
    look: async () => {
      call('look')
      looked()
      return holding
    },
    assign: async ({ target }) => {
      call('assign')
      holding = { ...holding, places: [{ name: 'p', holder: target }] }
      return undefined
    },
    unassign: async () => {
      call('unassign')
      holding = { ...holding, places: [{ name: 'p', holder: undefined }] }
      return undefined
    },
    writeToken: async (token) => {
      call('mark')
      holding = { ...holding, token }
    },
    instruction: () => ({ what: 'w', manual: ['m'], verification: { command: 'c', expect: 'e' } }),
    close: async () => {},
  }
  const resource = providerResource(provider, { node: 'web-1', targets: { 'web-1': 'a', 'web-2': 'b' }, clock, random: seededRandom(1) })
  return {
    clock,
    asked,
    resource,
    right: new TestRight(clock, 1e9),
    onLook: (listener: () => void) => (looked = listener),
    hold: (holder: string | undefined) => (holding = { ...holding, places: [{ name: 'p', holder }] }),
    fail: (next: CloudFault | undefined, afterMs?: number) => {
      fault = next
      retryAfterMs = afterMs
    },
  }
}

describe('providerResource', () => {
  it('refuses a node without a target', () => {
    const { asked } = scripted()
    expect(asked).toEqual([])
    const provider = { id: 'x', terms: { rate: { perSecond: 1, burst: 1, source: '' } } } as unknown as AddressProvider
    const code = 'HOTSPARE_VIP_OPTIONS'
    expect(() => providerResource(provider, { node: 'web-9', targets: { 'web-1': 'a' } })).toThrow(
      expect.objectContaining({ code, message: 'x: targets: no target is given for web-9' }),
    )
  })

  it('refuses two nodes with one target: neither could tell whether it is its own', () => {
    const provider = { id: 'x', terms: { rate: { perSecond: 1, burst: 1, source: '' } } } as unknown as AddressProvider
    expect(() => providerResource(provider, { node: 'web-1', targets: { 'web-1': 'a', 'web-2': 'a' } })).toThrow(
      'x: targets: two nodes have the same target',
    )
  })

  // A clock that was behind by a year made a date that a provider had named a pause of a year.
  it('is not kept from asking for longer than an hour, whatever a provider wants', async () => {
    const { clock, asked, resource, right, fail } = scripted()
    fail('limited', 365 * 86_400_000)
    expect(await resource.acquire(right)).toMatchObject({ ok: false, because: expect.stringContaining('not asked again for 1h') })
    fail(undefined)
    await clock.advance(3_600_000)
    expect(await resource.acquire(right)).toMatchObject({ ok: true })
    expect(asked.length).toBeGreaterThan(1)
  })

  it('does not ask again, in an acquisition either, while credentials that were refused are left alone', async () => {
    const { clock, asked, resource, right, fail } = scripted()
    fail('credentials')
    expect(await resource.acquire(right)).toMatchObject({ ok: false, retryable: false })
    expect(asked).toEqual(['look'])
    await clock.advance(60_000)
    expect(await resource.acquire(right)).toMatchObject({ ok: false, because: expect.stringContaining('not asked again for') })
    expect(asked).toHaveLength(1)
    fail(undefined)
    await clock.advance(240_000)
    expect(await resource.acquire(right)).toMatchObject({ ok: true })
  })

  it('waits as long as the provider asks for, and no longer than there is time', async () => {
    const { clock, asked, resource, right, fail } = scripted()
    fail('limited', 3_000)
    const acquiring = resource.acquire(right)
    await clock.advance(2_999)
    expect(asked).toHaveLength(1)
    fail(undefined)
    await clock.advance(10_000)
    expect(await acquiring).toMatchObject({ ok: true })
    fail('limited', 3_600_000)
    expect(await resource.release()).toMatchObject({ ok: false, because: expect.stringContaining('not asked again for 1h') })
  })

  it('changes nothing under a right that ran out while it looked, before anybody was told', async () => {
    const { asked, resource, right, onLook } = scripted()
    onLook(() => (right.doubted = true))
    expect(await resource.acquire(right)).toEqual({ ok: false, because: 'the right has ended', retryable: true })
    expect(asked).toEqual(['look'])
  })

  it('is no success when the right ran out in the last look', async () => {
    const { asked, resource, right, hold, onLook } = scripted()
    onLook(() => (right.doubted = asked.includes('assign')))
    hold('b')
    expect(await resource.acquire(right)).toMatchObject({ ok: false })
    expect(asked).toEqual(['look', 'mark', 'assign', 'look'])
  })

  it('makes four calls for a takeover: look, token, move, look', async () => {
    const { asked, resource, right, hold } = scripted()
    hold('b')
    expect(await resource.acquire(right)).toMatchObject({ ok: true })
    expect(asked).toEqual(['look', 'mark', 'assign', 'look'])
  })

  it('looks again after its pause, and sees who has moved it', async () => {
    const { clock, resource, right, hold } = scripted()
    await resource.acquire(right)
    hold('b')
    expect(await resource.observe()).toMatchObject({ state: 'held' })
    await clock.advance(10_000)
    expect(await resource.observe()).toMatchObject({ state: 'absent', because: 'web-2 has it' })
    hold('z')
    await clock.advance(10_000)
    expect(await resource.observe()).toMatchObject({ state: 'foreign' })
  })

  it('keeps what it has seen through an outage of an hour, at a few questions a minute', async () => {
    const { clock, asked, resource, right, fail } = scripted()
    await resource.acquire(right)
    fail('unavailable')
    const before = asked.length
    for (let second = 0; second < 3_600; second++) {
      await clock.advance(1_000)
      await resource.observe()
    }
    expect(await resource.observe()).toMatchObject({ state: 'held', because: expect.stringMatching(/as seen (?:1h|59m)/) })
    expect(asked.length - before).toBeLessThan(370)
    fail(undefined)
    await clock.advance(60_000)
    expect((await resource.observe()).because).not.toContain('ago')
  })

  it('leaves half of the calls to whoever has to act', async () => {
    const { clock, asked, resource, right } = scripted()
    // Each acquisition that changes nothing is one look, and the next observation may be another.
    for (let round = 0; round < 5; round++) await resource.acquire(right)
    await clock.advance(10_000)
    expect(asked.length).toBeLessThanOrEqual(10)
    await resource.close()
    expect(clock.pendingTimers).toBe(0)
  })
})
