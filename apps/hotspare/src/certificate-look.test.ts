import { describe, expect, it } from 'vitest'
import { afterLook, isNew, type LookResult, type LookState } from './certificate-look.ts'

function follow(results: readonly LookResult[]): { readonly told: readonly boolean[]; readonly state: LookState } {
  let state: LookState = { used: 'a' }
  const told = results.map((result) => {
    const after = afterLook(state, result)
    state = after.state
    return after.tell
  })
  return { told, state }
}

const bad: LookResult = { type: 'refused', digest: 'bad' }
const worse: LookResult = { type: 'refused', digest: 'worse' }
const same: LookResult = { type: 'same' }
const used: LookResult = { type: 'used', digest: 'b' }

describe('what people are told of files that change', () => {
  it.each<[what: string, results: LookResult[], told: boolean[]]>([
    ['nothing, of half of a change', [bad, used], [false, true]],
    ['nothing, of a change that was taken back', [bad, same], [false, false]],
    ['once, of what cannot be used', [bad, bad, bad, bad], [false, true, false, false]],
    ['of each that cannot be used', [bad, bad, worse, worse], [false, true, false, true]],
    ['again, when it comes back', [bad, bad, same, bad, bad], [false, true, false, false, true]],
    ['of each that is used', [used, same, used], [true, false, true]],
  ])('%s', (_what, results, told) => expect(follow(results).told).toEqual(told))

  it('what is used stays the same until other files are used', () => {
    expect(follow([bad, bad, same]).state).toEqual({ used: 'a' })
    expect(follow([bad, used]).state).toEqual({ used: 'b' })
    expect(isNew({ used: 'a' }, 'a')).toBe(false)
    // What refuses them may be their time: they are tried again.
    expect(isNew({ used: 'a', refused: { digest: 'bad', told: true } }, 'bad')).toBe(true)
  })
})
