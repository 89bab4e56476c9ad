import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MassFailure, type MassMember } from './mass-failure.ts'

const rules = { massGroups: 5, massRatio: 0.5, massWindowMs: 2_000, massHoldMs: 30_000 }
const member = (id: string | number, more: Partial<MassMember> = {}): MassMember => {
  return { id: String(id), group: String(id), canary: false, intervalMs: 1_000, ...more }
}

/** Lets so many targets fail, one every `everyMs`. */
function failing(mass: MassFailure, count: number, { startMs = 0, everyMs = 10, of = member } = {}): void {
  for (let index = 0; index < count; index++) mass.silent(of(index), true, startMs + index * everyMs)
}

describe('a mass failure', () => {
  it('is one from the fifth unrelated target on that newly fails, where none answers', () => {
    const mass = new MassFailure(rules)
    failing(mass, 4)
    expect(mass.doubt(50)).toBeUndefined()
    failing(mass, 5)
    expect(mass.doubt(50)).toBe('5 of 5 unrelated targets stopped answering at once')
  })

  it('is none where targets of one group fail', () => {
    const mass = new MassFailure(rules)
    failing(mass, 50, { of: (index) => member(index, { group: `rack-${Number(index) % 4}` }) })
    expect(mass.doubt(500)).toBeUndefined()
  })

  it('is none where half of what was looked at meanwhile answers, be it a whole rack that fails', () => {
    const mass = new MassFailure(rules)
    mass.silent(member('first'), true, 0)
    for (let index = 0; index < 10; index++) {
      mass.answered(member(`well-${index}`), 1 + index)
      mass.silent(member(`dead-${index}`), true, 1 + index)
      if (index < 9) mass.answered(member(`more-${index}`), 1 + index)
    }
    expect(mass.doubt(20)).toBeUndefined()
  })

  it('is none where the targets were failing before', () => {
    const mass = new MassFailure(rules)
    for (let index = 0; index < 50; index++) mass.silent(member(index), false, index)
    expect(mass.doubt(50)).toBeUndefined()
  })

  it('is none where they fail one after the other', () => {
    const mass = new MassFailure(rules)
    failing(mass, 50, { everyMs: 500 })
    expect(mass.doubt(25_000)).toBeUndefined()
  })

  it('takes slow targets by their own interval', () => {
    const mass = new MassFailure(rules)
    failing(mass, 6, { everyMs: 10_000, of: (index) => member(index, { intervalMs: 60_000 }) })
    expect(mass.doubt(50_000)).toBeDefined()
  })

  it('ends when targets answer again', () => {
    const mass = new MassFailure(rules)
    failing(mass, 10)
    expect(mass.doubt(100)).toBeDefined()
    for (let index = 0; index < 9; index++) mass.answered(member(index), 200 + index)
    expect(mass.doubt(210)).toBeUndefined()
  })

  it('counts after `massHoldMs`, for all that still fail, and is not begun anew by them', () => {
    const mass = new MassFailure(rules)
    for (let atMs = 0; atMs < 120_000; atMs += 500) {
      for (let index = 0; index < 10; index++) mass.silent(member(index), atMs < 31_000, atMs)
      expect(mass.doubt(atMs) !== undefined).toBe(atMs < rules.massHoldMs)
    }
    expect(mass.isSpent).toBe(true)
  })

  it('can happen again after it was over', () => {
    const mass = new MassFailure(rules)
    failing(mass, 10)
    for (let index = 0; index < 10; index++) mass.answered(member(index), 1_000)
    failing(mass, 10, { startMs: 2_000 })
    expect(mass.doubt(2_100)).toBeDefined()
  })

  it('does not outlive the targets that were taken off', () => {
    const mass = new MassFailure(rules)
    failing(mass, 10)
    for (let index = 0; index < 10; index++) mass.forget(String(index))
    expect(mass.doubt(100)).toBeUndefined()
  })
})

describe('canaries', () => {
  const canary = (id: string) => member(id, { canary: true })

  it('decide alone when all of them fail at once', () => {
    const mass = new MassFailure(rules)
    mass.addCanary('gateway')
    mass.addCanary('dns')
    mass.silent(canary('gateway'), true, 0)
    expect(mass.doubt(1)).toBeUndefined()
    mass.silent(canary('dns'), true, 100)
    expect(mass.doubt(101)).toBe('all canaries stopped answering at once')
  })

  it('forbid the doubt while any of them answers', () => {
    const mass = new MassFailure(rules)
    mass.addCanary('gateway')
    mass.silent(member('first'), true, 0)
    mass.answered(canary('gateway'), 1)
    failing(mass, 50)
    expect(mass.doubt(500)).toBeUndefined()
  })

  it('that were dead before say nothing', () => {
    const mass = new MassFailure(rules)
    mass.addCanary('gateway')
    mass.silent(canary('gateway'), false, 0)
    expect(mass.doubt(1)).toBeUndefined()
  })
})

it('whatever happens, a doubt ends within `massHoldMs` of what began it, and comes to nothing when all answer', () => {
  const anyLook = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 400 }))
  fc.assert(
    fc.property(fc.array(anyLook, { maxLength: 300 }), (looks) => {
      const mass = new MassFailure({ ...rules, massHoldMs: 3_000 })
      mass.addCanary('12')
      let nowMs = 0
      let sinceMs: number | undefined
      const of = (index: number) => member(index, { canary: index === 12, group: `group-${index % 9}` })
      for (const [index, silent, isNew, waitMs] of looks) {
        nowMs += waitMs
        if (silent) mass.silent(of(index), isNew, nowMs)
        else mass.answered(of(index), nowMs)
        sinceMs = mass.doubt(nowMs) === undefined ? undefined : (sinceMs ?? nowMs)
        expect(nowMs - (sinceMs ?? nowMs)).toBeLessThan(3_000)
      }
      for (let index = 0; index <= 12; index++) mass.answered(of(index), nowMs)
      expect(mass.doubt(nowMs)).toBeUndefined()
      expect(mass.isSpent).toBe(false)
    }),
  )
})
