import { describe, expect, it } from 'vitest'
import type { OwnerFact } from '../owner.ts'
import type { RecordSet } from '../record-set.ts'
import { judgeRecord } from './judge.ts'

const set = (values: readonly string[], ttlSeconds = 30): RecordSet => ({ name: 'shop.example.com', type: 'A', ttlSeconds, values })

const follows = new Map([
  ['web-1', set(['192.0.2.1'])],
  ['web-2', set(['192.0.2.2'])],
])

const none: OwnerFact = { kind: 'none' }
const owned = (node: string | undefined, token = 7): OwnerFact => ({ kind: 'owner', node, token })

describe('judgeRecord', () => {
  const cases: readonly (readonly [string, RecordSet | undefined, OwnerFact, number | undefined, string, string])[] = [
    ['something else stands in place of the owner record', set(['192.0.2.1']), { kind: 'strange', text: 'v=spf1' }, 7, 'foreign', 'v=spf1'],
    ['somebody who is no member has claimed it', set(['192.0.2.1']), owned('db-1'), 7, 'foreign', 'db-1'],
    ['it leads to nobody that we know', set(['203.0.113.9']), none, undefined, 'foreign', '203.0.113.9'],
    ['it was edited under our claim', set(['192.0.2.1', '203.0.113.9']), owned('web-1'), 7, 'foreign', '203.0.113.9'],
    ['there is no record', undefined, none, undefined, 'absent', 'no such record'],
    ['there is no record, but our claim', undefined, owned('web-1'), 7, 'absent', 'no such record'],
    ['it leads to another member', set(['192.0.2.2']), owned('web-2'), undefined, 'absent', 'leads to web-2'],
    ['it leads to another member under our claim: a crash between the two', set(['192.0.2.2']), owned('web-1'), 7, 'absent', 'web-2'],
    ['it leads here and nobody has claimed it', set(['192.0.2.1']), none, 7, 'absent', 'nobody has claimed it'],
    ['it leads here and the claim was given up', set(['192.0.2.1']), owned(undefined), 7, 'absent', 'nobody has claimed it'],
    ['it leads here and another has claimed it', set(['192.0.2.1']), owned('web-2'), 7, 'absent', 'web-2 has claimed it'],
    ['a newer right has acted in our name', set(['192.0.2.1']), owned('web-1', 8), 7, 'absent', 'a newer right'],
    ['its TTL is another', set(['192.0.2.1'], 300), owned('web-1'), 7, 'absent', '300 s instead of 30 s'],
    ['it leads here, and the claim is ours', set(['192.0.2.1']), owned('web-1'), 7, 'held', '192.0.2.1'],
    ['the claim is ours, from before a restart', set(['192.0.2.1']), owned('web-1', 9), undefined, 'held', '192.0.2.1'],
    ['the claim is ours, and older than our right', set(['192.0.2.1']), owned('web-1', 3), 7, 'held', '192.0.2.1'],
  ]

  it.each(cases)('when %s', (_, found, owner, token, state, because) => {
    expect(judgeRecord({ set: found, owner }, { node: 'web-1', follows, token })).toEqual({
      state,
      because: expect.stringContaining(because),
    })
  })

  it('tells two members with the same values from each other by the claim', () => {
    const twins = new Map([
      ['web-1', set(['192.0.2.1'])],
      ['web-2', set(['192.0.2.1'])],
    ])
    const facts = { set: set(['192.0.2.1']), owner: owned('web-2') }
    expect(judgeRecord(facts, { node: 'web-1', follows: twins, token: 7 })).toMatchObject({ state: 'absent' })
    expect(judgeRecord(facts, { node: 'web-2', follows: twins, token: 7 })).toMatchObject({ state: 'held' })
  })
})
