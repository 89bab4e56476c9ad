import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSessionName, readProtocols, readsRoute, routeCommand, type BirdSession } from './look.ts'
import { announcementStanding, sessionObstacle } from './standing.ts'

const row = (text: string) => ({ code: 1002, text })
const session = (name: string, established = true, exported = established): BirdSession => ({
  name,
  established,
  exported,
  info: established ? 'Established' : 'Active',
})
const anyTerms = { sessions: undefined, minEstablished: 1 }

describe('the table of protocols', () => {
  it('is nothing when BIRD refuses', () => {
    expect(readProtocols({ code: 8007, lines: [{ code: 8007, text: 'Access denied' }] })).toBeUndefined()
  })

  it('gives the sessions of BGP alone, with what BIRD says of them', () => {
    const lines = [
      { code: 2002, text: 'Name       Proto      Table      State  Since         Info' },
      row('device1    Device     ---        up     06:30:13.093  '),
      row('edge1      BGP        ---        up     06:30:17.244  Established   '),
      row('edge2      BGP        ---        start  2026-11-22 06:30:17  Active        Socket: Connection refused'),
      row('edge3      BGP        ---        down   06:30:17.244  '),
      row('bad`name   BGP        ---        up     06:30:17.244  Established   '),
      { code: 0, text: '' },
    ]
    expect(readProtocols({ code: 0, lines })).toEqual([
      { name: 'edge1', established: true, info: 'Established', exported: false },
      { name: 'edge2', established: false, info: 'Active Socket: Connection refused', exported: false },
      { name: 'edge3', established: false, info: 'down', exported: false },
    ])
  })

  it('never takes a name that would be more than a name in a command', () => {
    const isNoCommand = (name: string) =>
      !isSessionName(name) || /^show route 10\.0\.0\.1\/32 export '?[\w.:-]+'?$/.test(routeCommand('10.0.0.1/32', name))
    expect(fc.check(fc.property(fc.string({ unit: 'binary' }), isNoCommand)).failed).toBe(false)
    expect(["a'b", 'a b', 'a\nb', ''].map(isSessionName)).toEqual([false, false, false, false])
  })
})

describe('the answer about a route', () => {
  it.for([
    ['there is none', { code: 8001, lines: [{ code: 8001, text: 'Network not found' }] }],
    ['the protocol is down', { code: 9001, lines: [{ code: 9001, text: 'No valid tables' }] }],
    ['it is another one', { code: 0, lines: [{ code: 1007, text: '10.0.0.10/32        unicast [direct1]' }] }],
  ] as const)('is no when %s', ([, reply]) => {
    expect(readsRoute(reply, '10.0.0.1/32')).toBe(false)
  })

  it('is yes when it stands there', () => {
    expect(readsRoute({ code: 0, lines: [{ code: 1007, text: '10.0.0.1/32   unicast [direct1] * (240)' }] }, '10.0.0.1/32')).toBe(true)
  })
})

describe('a node', () => {
  it.for([
    [[], anyTerms, '0 sessions with routers are established, and 1 are needed: BIRD has no session of BGP'],
    [[session('a', false)], anyTerms, '0 sessions with routers are established, and 1 are needed: a is Active'],
    [
      [session('a'), session('b', false)],
      { sessions: ['a', 'c'], minEstablished: 2 },
      '1 sessions with routers are established, and 2 are needed: BIRD has no session c',
    ],
    // One that does not count helps nobody.
    [
      [session('b')],
      { sessions: ['a'], minEstablished: 1 },
      '0 sessions with routers are established, and 1 are needed: BIRD has no session a',
    ],
    [[session('a'), session('b', false)], anyTerms, undefined],
  ] as const)('with %j and %j could not announce: case %#', ([sessions, terms, obstacle]) => {
    expect(sessionObstacle(sessions, terms)).toBe(obstacle)
  })
})

describe('an announced address', () => {
  const held = { state: 'held', since: 0, because: 'it is on lo' } as const
  const absent = { state: 'absent', since: 0, because: 'it is not on lo' } as const

  it.for([
    ['the address is not here', absent, [session('a')], undefined, true, 'absent', 'it is not on lo'],
    ['no session is up', held, [session('a', false)], undefined, true, 'absent', 'not announced: 0 sessions'],
    ['the filter holds it back', held, [session('a', true, false)], undefined, true, 'absent', 'does the export filter let it pass?'],
    ['BIRD cannot be asked', held, undefined, 'BIRD does not run', true, 'unknown', 'BIRD does not run'],
    // Nobody would ever let go of it, and it would go out again with the next session.
    ['no session is up and the right has gone', held, [session('a', false)], undefined, false, 'held', 'not announced'],
    ['BIRD cannot be asked and the right has gone', held, undefined, 'BIRD does not run', false, 'held', 'BIRD does not run'],
    ['it goes out', held, [session('a'), session('b', false)], undefined, true, 'held', 'it is announced to a'],
  ] as const)('when %s is told so', ([, address, sessions, problem, mayAct, state, because]) => {
    const standing = announcementStanding({ address, sessions, problem, mayAct }, anyTerms)
    expect(standing.state).toBe(state)
    expect(standing.because).toContain(because)
  })
})
