import { describe, expect, it } from 'vitest'
import { formatOwner, type Owner, ownerName } from '../owner.ts'
import type { RecordSet } from '../record-set.ts'
import type { RecordReadings } from './facts.ts'
import { giveUp, takeBack } from './take-back.ts'

const name = 'shop.example.com'
const type = 'A'
const set = (...values: string[]): RecordSet => ({ name, type, ttlSeconds: 30, values })
const owner = (parts: Owner): RecordSet => ({ name: ownerName(name), type: 'TXT', ttlSeconds: 30, values: [formatOwner(parts)] })

function readings(record: RecordSet | undefined, claim?: RecordSet): RecordReadings {
  return { record: { name, type, set: record }, owner: { name: ownerName(name), type: 'TXT', set: claim } }
}

const own = set('192.0.2.1')
const other = set('192.0.2.2')
const ours = owner({ node: 'web-1', token: 7 })
const about = { node: 'web-1', token: 7, own }
const givenUp = owner({ node: undefined, token: 7 })

describe('takeBack', () => {
  it('leaves what another has claimed since', () => {
    const now = readings(own, owner({ node: 'web-2', token: 8 }))
    expect(takeBack({ ...about, before: readings(other), now })).toEqual([])
  })

  it('leaves what this node has claimed since by a newer right', () => {
    const now = readings(own, owner({ node: 'web-1', token: 8 }))
    expect(takeBack({ ...about, before: readings(other), now })).toEqual([])
  })

  it('puts the former values back, before the claim is given up', () => {
    const now = readings(own, ours)
    expect(takeBack({ ...about, before: readings(other, owner({ node: 'web-2', token: 4 })), now })).toEqual([
      { expected: now.record, next: other },
      { expected: now.owner, next: givenUp },
    ])
  })

  it('never empties a record that was not there before', () => {
    const now = readings(own, ours)
    expect(takeBack({ ...about, before: readings(undefined), now })).toEqual([{ expected: now.owner, next: givenUp }])
  })

  it('gives up a claim that was written without the record', () => {
    const now = readings(other, ours)
    expect(takeBack({ ...about, before: readings(other), now })).toEqual([{ expected: now.owner, next: givenUp }])
  })

  it('leaves values that somebody has edited since', () => {
    const now = readings(set('203.0.113.9'), ours)
    expect(takeBack({ ...about, before: readings(other), now })).toEqual([{ expected: now.owner, next: givenUp }])
  })
})

describe('giveUp', () => {
  it.each([
    ['there is no claim', undefined],
    ['another has claimed it', owner({ node: 'web-2', token: 7 })],
    ['the claim was given up already', givenUp],
    ['a newer right of this node has claimed it', owner({ node: 'web-1', token: 8 })],
    ['something else is in its place', { ...ours, values: ['v=spf1 -all'] }],
  ])('has nothing to do when %s', (_, claim) => {
    expect(giveUp(readings(own, claim), { node: 'web-1', token: 7 })).toBeUndefined()
  })

  it('keeps the record, and the token', () => {
    const now = readings(own, ours)
    expect(giveUp(now, { node: 'web-1', token: 7 })).toEqual({ expected: now.owner, next: givenUp })
    expect(giveUp(now, { node: 'web-1', token: undefined })).toEqual({ expected: now.owner, next: givenUp })
  })

  it('finds the name of a wildcard', () => {
    const wildcard = '*.example.com'
    const claim = { ...ours, name: ownerName(wildcard) }
    const now = { record: { name: wildcard, type, set: own }, owner: { name: claim.name, type: 'TXT', set: claim } } as const
    expect(giveUp(now, { node: 'web-1', token: 7 })?.next?.name).toBe(ownerName(wildcard))
  })
})
