import { describe, expect, it } from 'vitest'
import type { RecordSet } from '../record-set.ts'
import { judgeDrift } from './drift.ts'

const set = (...values: string[]): RecordSet => ({ name: 'www.example.com', type: 'A', ttlSeconds: 30, values })
const desired = set('192.0.2.1')
const before = set('192.0.2.2')
const strange = set('203.0.113.9')

describe('judgeDrift', () => {
  it.each([
    ['an edit', { actual: strange, settled: desired, inDoubt: [] }, 'edited'],
    ['an edit of the TTL', { actual: { ...desired, ttlSeconds: 300 }, settled: desired, inDoubt: [] }, 'edited'],
    ['that it was removed', { actual: undefined, settled: desired, inDoubt: [] }, 'edited'],
    ['an edit of what had to change anyway', { actual: strange, settled: before, inDoubt: [] }, 'edited'],
    ['an edit after a write whose end is not known', { actual: strange, settled: before, inDoubt: [desired] }, 'edited'],
    ['what was ours until now', { actual: before, settled: before, inDoubt: [] }, 'behind'],
    ['whatever there is at the start', { actual: strange, settled: undefined, inDoubt: [] }, 'behind'],
    ['a write that is half done', { actual: set('192.0.2.2', '192.0.2.3'), settled: before, inDoubt: [set('192.0.2.3')] }, 'behind'],
    ['a write that has removed and not added yet', { actual: undefined, settled: before, inDoubt: [set('192.0.2.3')] }, 'behind'],
    ['a write that is done late', { actual: set('192.0.2.3'), settled: desired, inDoubt: [set('192.0.2.3')] }, 'behind'],
    ['an edit to what it should be', { actual: desired, settled: before, inDoubt: [] }, 'agrees'],
  ] as const)('sees %s', (_, facts, verdict) => {
    expect(judgeDrift({ desired, ...facts })).toBe(verdict)
  })
})
