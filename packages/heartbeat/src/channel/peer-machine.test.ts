import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PeerHello } from './connection-machine.ts'
import { newPeer, type PeerInput, type PeerState, stepPeer } from './peer-machine.ts'

const hello = (session: string, fingerprint = 'f'): PeerHello => ({
  session,
  fingerprint,
  fingerprintAgrees: fingerprint === 'f',
  protocol: 1,
})
const opened = (link: 'ours' | 'theirs', session = 's1', fingerprint?: string): PeerInput => ({
  type: 'opened',
  link,
  hello: hello(session, fingerprint),
})
const lost = (link: 'ours' | 'theirs', more: Partial<Extract<PeerInput, { type: 'lost' }>> = {}): PeerInput => ({
  type: 'lost',
  link,
  session: 's1',
  reason: 'ended',
  detail: 'it ended',
  good: true,
  ...more,
})
const failed = (more: Partial<Extract<PeerInput, { type: 'dial-failed' }>> = {}): PeerInput => ({
  type: 'dial-failed',
  portClosed: false,
  cut: false,
  detail: 'no',
  ...more,
})
const portClosed = failed({ portClosed: true, detail: 'connect ECONNREFUSED' })

function play(inputs: readonly PeerInput[]) {
  let state: PeerState = newPeer({ peer: 'b', address: '10.0.0.2:7401', fingerprint: 'f' }, 0)
  const effects = inputs.flatMap((input, index) => {
    const step = stepPeer(state, input, index)
    state = step.state
    return step.effects
  })
  const events = effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []))
  const dials = effects.flatMap((effect) => (effect.type === 'dial' ? [effect.when] : []))
  return { state, events, types: events.map(({ type }) => type), dials }
}

describe('a peer’s process', () => {
  it.each<readonly [string, readonly PeerInput[]]>([
    ['it was never heard', [portClosed, portClosed]],
    ['it said goodbye', [opened('ours'), lost('ours', { reason: 'goodbye' }), portClosed]],
    ['nothing answers', [opened('ours'), lost('ours'), failed({ detail: 'no connection within 2000 ms' })]],
    ['its own connection is still open', [opened('ours'), opened('theirs'), lost('ours'), portClosed]],
    ['our connection is still open', [opened('ours'), opened('theirs'), lost('theirs')]],
    ['it never answered at the address that we have, which may be wrong', [opened('theirs'), lost('theirs'), portClosed]],
    ['a new one has answered meanwhile', [opened('ours'), opened('theirs', 's2'), lost('ours')]],
  ])('is not taken for gone when %s', (_, inputs) => {
    expect(play(inputs).types).not.toContain('peer-process-gone')
  })

  it('is gone when its connections end without a goodbye and nothing listens on its port', () => {
    const { events, state } = play([opened('ours'), opened('theirs'), lost('ours'), lost('theirs'), portClosed])
    expect(events.at(-1)).toEqual({
      type: 'peer-process-gone',
      at: 4,
      peer: 'b',
      session: 's1',
      because: 'it ended; then nothing listened on 10.0.0.2:7401',
    })
    expect(state.process).toBe('gone')
  })

  it('is gone as well when its own connection is the last to be seen ending', () => {
    expect(play([opened('ours'), opened('theirs'), lost('ours'), portClosed, lost('theirs')]).types.at(-1)).toBe('peer-process-gone')
  })

  it('is gone once', () => {
    const { types } = play([opened('ours'), lost('ours'), portClosed, portClosed, portClosed])
    expect(types.filter((type) => type === 'peer-process-gone')).toHaveLength(1)
  })

  it('is asked again soon when it cuts our dial off: it may be just going away', () => {
    const { types, dials } = play([opened('ours'), lost('ours'), failed({ cut: true }), portClosed])
    expect(dials).toEqual(['now', 'soon', { retryNumber: 1 }])
    expect(types.at(-1)).toBe('peer-process-gone')
  })

  it('has left when it said goodbye, on one connection or on both', () => {
    const goodbye = { reason: 'goodbye' as const }
    const { types, dials } = play([opened('ours'), opened('theirs'), lost('theirs', goodbye), lost('ours', goodbye), portClosed])
    expect(types).toEqual(['peer-connected', 'peer-left', 'peer-disconnected'])
    expect(dials).toEqual([{ retryNumber: 1 }, { retryNumber: 2 }])
  })

  it('was restarted when another session answers, on whichever connection', () => {
    expect(play([opened('ours'), lost('ours'), opened('ours', 's2')]).types).toEqual([
      'peer-connected',
      'peer-disconnected',
      'peer-process-replaced',
      'peer-connected',
    ])
    expect(play([opened('ours'), opened('theirs', 's2')]).types).toEqual(['peer-connected', 'peer-process-replaced'])
  })

  it('only lost its connection when the same session answers', () => {
    expect(play([opened('ours'), lost('ours'), opened('ours')]).types).toEqual(['peer-connected', 'peer-disconnected', 'peer-connected'])
  })
})

describe('dialling', () => {
  it('comes at once after a good connection, later after a short one, later still after failures', () => {
    const short = lost('ours', { good: false })
    expect(play([opened('ours'), short, opened('ours'), short, failed(), opened('ours'), lost('ours')]).dials).toEqual([
      { retryNumber: 1 },
      { retryNumber: 2 },
      { retryNumber: 3 },
      'now',
    ])
  })

  it('comes at once when a process that was not known to run has dialled us', () => {
    expect(play([failed(), failed(), opened('theirs')]).dials.at(-1)).toBe('now')
    expect(play([opened('ours'), lost('ours'), portClosed, opened('theirs', 's2')]).dials.at(-1)).toBe('now')
  })

  it('is never repeated in quick succession without a limit', () => {
    const cuts = Array.from({ length: 100 }, () => failed({ cut: true }))
    const { dials } = play([opened('ours'), lost('ours'), ...cuts])
    expect(dials.filter((when) => when === 'soon')).toHaveLength(10)
  })
})

describe('whoever asks for a peer', () => {
  const start: PeerInput = { type: 'start' }

  it.each<readonly [string, readonly PeerInput[], boolean]>([
    ['not before the start', [], false],
    ['for the first dial', [start], true],
    ['not once it has failed', [start, failed()], false],
    ['for the dial after a good connection', [start, opened('ours'), lost('ours')], true],
    ['for one that is repeated since it told nothing', [opened('ours'), lost('ours'), failed({ cut: true })], true],
    ['not after a goodbye', [opened('ours'), lost('ours', { reason: 'goodbye' })], false],
    ['not after a connection that ended at once', [opened('ours'), lost('ours', { good: false })], false],
    ['for the dial back to a process that has dialled us', [start, failed(), opened('theirs')], true],
  ])('waits, or does not: %s', (_, inputs, undecided) => {
    expect(play(inputs).state.undecided).toBe(undecided)
  })
})

describe('a newer connection beside the one that there is', () => {
  it('is no news from the same process, and a failure to make it changes nothing', () => {
    const { types, state } = play([opened('ours'), failed({ refusal: 'no-known-key' }), opened('ours')])
    expect(types).toEqual(['peer-connected', 'peer-refused'])
    expect(state).toMatchObject({ ours: true, since: 0, because: 'connected to 10.0.0.2:7401' })
  })

  it('to another process ends the one to the former', () => {
    const { types } = play([opened('ours'), opened('ours', 's2')])
    expect(types).toEqual(['peer-connected', 'peer-disconnected', 'peer-process-replaced', 'peer-connected'])
  })
})

describe('what a peer is told of', () => {
  it('is a refusal once for each reason, until a connection succeeds', () => {
    const refused = failed({ refusal: 'wrong-key' })
    const { types } = play([refused, refused, failed({ refusal: 'protocol-version' }), refused, opened('ours'), lost('ours'), refused])
    expect(types.filter((type) => type === 'peer-refused')).toHaveLength(3)
  })

  it('is a fingerprint that differs, and one that agrees again', () => {
    const { types } = play([opened('ours', 's1', 'x'), opened('theirs', 's1', 'x'), lost('ours'), opened('ours', 's2', 'f')])
    expect(types).toEqual([
      'peer-connected',
      'fingerprint-differs',
      'peer-disconnected',
      'peer-process-replaced',
      'peer-connected',
      'fingerprint-agrees',
    ])
  })

  it('is never a death without a lost connection and a closed port, nor a second one of the same session, in any order of things', () => {
    const input = fc.oneof(
      fc.constantFrom(portClosed, failed(), failed({ cut: true })),
      fc
        .record({ link: fc.constantFrom('ours' as const, 'theirs' as const), session: fc.constantFrom('s1', 's2', 's3') })
        .chain(({ link, session }) =>
          fc.constantFrom<PeerInput>(
            opened(link, session),
            lost(link, { session }),
            lost(link, { session, reason: 'goodbye' }),
            lost(link, { session, good: false }),
          ),
        ),
    )
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let state = newPeer({ peer: 'b', address: 'x', fingerprint: 'f' }, 0)
        for (const each of inputs) {
          const before = state
          const { state: after, effects } = stepPeer(state, each, 0)
          state = after
          const gone = effects.some((effect) => effect.type === 'emit' && effect.event.type === 'peer-process-gone')
          expect(effects.filter(({ type }) => type === 'dial').length).toBeLessThanOrEqual(1)
          if (!gone) continue
          expect(before.process).toBe('seen')
          expect([after.ours, after.theirs, after.portClosed, after.process]).toEqual([false, false, true, 'gone'])
          expect(after.hello?.session).toBe(after.reachedSession)
        }
      }),
    )
  })
})
