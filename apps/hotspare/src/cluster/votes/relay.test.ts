import { silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { VotesRelay } from './relay.ts'

function makeRelay(agrees: boolean | undefined) {
  const [came, sent]: [unknown[], string[]] = [[], []]
  const relay = new VotesRelay({
    others: ['web-2', 'web-3'],
    peers: {
      agrees: () => agrees,
      request: async (peer) => void sent.push(peer),
    },
    came: (observer, body) => void came.push([observer, body]),
    clock: new TestClock(),
    logger: silentLogger,
  })
  return { relay, came, sent }
}

describe('the votes of a peer', () => {
  it.each([false, undefined])('are not believed where it has another configuration, or has not said: %s', async (agrees) => {
    const { relay, came } = makeRelay(agrees)
    expect(await relay.answer({ votes: [] }, { peer: 'web-2' })).toEqual({ believed: false })
    expect(came).toEqual([])
  })

  it('go to control as they came, under the name that the secret proves', async () => {
    const { relay, came } = makeRelay(true)
    expect(await relay.answer({ votes: 'whatever' }, { peer: 'web-3' })).toEqual({ believed: true })
    expect(came).toEqual([['web-3', { votes: 'whatever' }]])
  })
})

it('the votes of this node go to every peer, and to none after the end', () => {
  const { relay, sent } = makeRelay(true)
  relay.tell([{ key: 'a', state: 'up' }])
  expect(sent).toEqual(['web-2', 'web-3'])
  relay.stop()
  relay.tell([{ key: 'a', state: 'down' }])
  expect(sent).toHaveLength(2)
})
