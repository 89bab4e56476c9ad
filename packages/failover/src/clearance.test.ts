import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { Clearance } from './clearance.ts'
import { facts, peer, report, service } from './facts.fixture.ts'
import type { Facts } from './facts.ts'
import type { GrantedRight } from './ports.ts'

const { signal } = new AbortController()

function make(known: Parameters<typeof facts>[0], answers: Readonly<Record<string, boolean | 'silent'>> = {}) {
  const seen: {
    facts: Facts
    asked: string[]
    fenced: string[]
    token: number | undefined
    isValid: boolean
    /** That the device is given. */
    signal?: AbortSignal
  } = {
    facts: facts(known),
    asked: [],
    fenced: [],
    token: 7,
    isValid: true,
  }
  const ended = new AbortController()
  const right = () =>
    seen.token === undefined ? undefined : ({ token: seen.token, isValid: () => seen.isValid, signal: ended.signal } as GrantedRight)
  const clearance = new Clearance({
    definition: service({ members: ['a', 'b', 'c'], fencing: { mode: 'required', startDelayMs: 0 } }),
    right,
    facts: () => seen.facts,
    host: {
      node: 'a',
      clock: new TestClock(),
      askReport: async (node) => {
        seen.asked.push(node)
        const answer = answers[node] ?? true
        if (answer === 'silent') throw new Error('no answer')
        return report({ clear: answer })
      },
      fence: {
        isOff: () => false,
        fence: async (node, given) => {
          seen.fenced.push(node)
          seen.signal = given.signal
          return { ok: true, detail: 'off' }
        },
      },
    },
  })
  return { clearance, seen, ended }
}

const clear = (node: string) => peer(node, { report: report({ clear: true }) })

describe('the last gate before anything is brought here', () => {
  it('a word from before the grant proves nothing: whoever has said it may have had a right since', async () => {
    const { clearance, seen } = make({ peers: [clear('b'), clear('c')] }, { c: 'silent' })
    await expect(clearance.obstacle(signal)).resolves.toContain('c may still hold something')
    expect(seen.asked).toEqual(['b', 'c'])
    expect(clearance.isOpen).toBe(false)
  })

  it('a member that answers and holds something keeps it shut', async () => {
    const { clearance } = make({ peers: [clear('b'), clear('c')] }, { b: false })
    await expect(clearance.obstacle(signal)).resolves.toContain('b may still hold something')
  })

  it('is open for one right alone', async () => {
    const { clearance, seen } = make({ peers: [clear('b'), clear('c')] })
    await expect(clearance.obstacle(signal)).resolves.toBeUndefined()
    expect(clearance.isOpen).toBe(true)
    seen.token = 9
    expect(clearance.isOpen).toBe(false)
    seen.token = undefined
    expect(clearance.isOpen).toBe(false)
  })

  it('who was fenced need not be asked, as long as the right is the same', async () => {
    const { clearance, seen } = make({ peers: [clear('b'), peer('c', { alive: 'down' })] })
    await expect(clearance.fence('c', { signal, asked: false })).resolves.toMatchObject({ ok: true })
    await expect(clearance.obstacle(signal)).resolves.toBeUndefined()
    seen.token = 9
    await expect(clearance.obstacle(signal)).resolves.toContain('c may still')
  })
})

describe('a fence', () => {
  const dead = { peers: [peer('b', { alive: 'down' }), clear('c')] } as const

  it('is refused without a valid right, so that two nodes never shoot each other', async () => {
    const { clearance, seen } = make(dead)
    seen.isValid = false
    await expect(clearance.fence('b', { signal, asked: true })).resolves.toMatchObject({ ok: false })
    seen.token = undefined
    await expect(clearance.fence('b', { signal, asked: true })).resolves.toMatchObject({ ok: false })
    expect(seen.fenced).toEqual([])
  })

  // A device that hangs went on to switch the next holder off, after the right had passed to it.
  it('is given up when the right ends while the device is at work', async () => {
    const { clearance, seen, ended } = make(dead)
    await clearance.fence('b', { signal, asked: false })
    expect(seen.signal?.aborted).toBe(false)
    ended.abort(new Error('the right has ended'))
    expect(seen.signal?.aborted).toBe(true)
  })

  it('heeds a hold that was set since the plan began, unless people have asked for the plan', async () => {
    const { clearance, seen } = make({ ...dead, hold: { since: 0, because: 'by hand' } })
    await expect(clearance.fence('b', { signal, asked: false })).resolves.toMatchObject({
      ok: false,
      because: expect.stringContaining('by hand'),
    })
    expect(seen.fenced).toEqual([])
    await expect(clearance.fence('b', { signal, asked: true })).resolves.toMatchObject({ ok: true })
  })

  it('is not needed for whoever is off, or says that it has nothing', async () => {
    const { clearance, seen } = make({ ...dead, off: ['b'] })
    await expect(clearance.fence('b', { signal, asked: false })).resolves.toMatchObject({ ok: true })
    await expect(clearance.fence('c', { signal, asked: false })).resolves.toMatchObject({
      ok: true,
      detail: 'c has let go, by its own word',
    })
    expect(seen.fenced).toEqual([])
  })
})
