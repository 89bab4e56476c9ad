import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Asked } from './answer.ts'
import { beginBoard, type Board, observe, type Place, placeText, reportOf, standingOf, tally } from './board.ts'
import type { Expected } from './judge.ts'

const zone = 'example.com'
const expected: Expected = { zone, set: { name: 'www.example.com', type: 'A', ttlSeconds: 30, values: ['192.0.2.2'] } }
const place = (address: string, name?: string): Place => ({ address, port: 53, name, from: 'both' })
const [first, second] = [place('192.0.2.53', 'ns1.example.com'), place('192.0.2.54', 'ns2.example.com')]

function answers(name: string, type: string, value: string): Asked {
  return {
    kind: 'answer',
    answer: { rcode: 'NOERROR', authoritative: true, answers: [{ name, type, ttlSeconds: 30, value }], authorities: [], additionals: [] },
  }
}

/** A server with this value and serial, asked a millisecond before the answer came. */
function saw(board: Board, of: Place, value: string, serial: number, atMs: number): Board {
  const soa = answers(zone, 'SOA', `ns1.example.com admin.example.com ${serial} 60 60 600 60`)
  return observe(board, of, { set: answers('www.example.com', 'A', value), soa, sentAtMs: atMs - 1, atMs })
}

function silent(board: Board, of: Place, here: boolean, atMs: number): Board {
  const nothing: Asked = { kind: 'silent', because: here ? 'no route' : 'no answer', here }
  return observe(board, of, { set: nothing, soa: nothing, sentAtMs: atMs - 1, atMs })
}

describe('a board', () => {
  it('of servers that nobody has asked yet serves nothing', () => {
    const reports = reportOf(beginBoard(expected, [first, second]), 0)
    expect(tally(reports)).toEqual({ stage: 'applied', serving: 0, of: 2 })
    expect(reports[0]).toMatchObject({ standing: { state: 'unreachable', because: 'no answer yet' }, lagMs: undefined, asked: 0 })
  })

  it('of no servers has not converged', () => {
    expect(tally(reportOf(beginBoard(expected, []), 0))).toEqual({ stage: 'applied', serving: 0, of: 0 })
  })

  it('tells between which times a server began to serve the set', () => {
    let board = beginBoard(expected, [first, second])
    board = saw(board, first, '192.0.2.2', 8, 1_010)
    board = saw(board, second, '192.0.2.1', 7, 1_020)
    board = saw(board, second, '192.0.2.1', 7, 4_020)
    board = saw(board, second, '192.0.2.2', 8, 5_530)
    const reports = reportOf(board, 1_000)
    expect(tally(reports)).toEqual({ stage: 'converged', serving: 2, of: 2 })
    expect(reports.map(({ lagMs, lagAtLeastMs, asked }) => ({ lagMs, lagAtLeastMs, asked }))).toEqual([
      { lagMs: 10, lagAtLeastMs: 0, asked: 1 },
      { lagMs: 4_530, lagAtLeastMs: 3_019, asked: 3 },
    ])
  })

  it('explains an answer by what another server told later', () => {
    let board = saw(beginBoard(expected, [first, second]), first, '192.0.2.1', 7, 10)
    expect(standingOf(board, first)).toMatchObject({ state: 'other-values' })
    board = saw(board, second, '192.0.2.2', 8, 20)
    expect(standingOf(board, first)).toMatchObject({ state: 'old-serial', serial: 7, newest: 8 })
    expect(tally(reportOf(board, 0))).toEqual({ stage: 'served', serving: 1, of: 2 })
  })

  it('forgets the lag of a server that fell back to something else', () => {
    let board = saw(beginBoard(expected, [first]), first, '192.0.2.2', 8, 10)
    board = saw(board, first, '192.0.2.1', 9, 50)
    expect(reportOf(board, 0)[0]).toMatchObject({ standing: { state: 'other-values' }, lagMs: undefined, lagAtLeastMs: 49 })
  })

  it('leaves out an address that this machine cannot reach, where the server has another', () => {
    const six = place('2001:db8::53', 'ns1.example.com')
    let board = saw(beginBoard(expected, [first, six]), first, '192.0.2.2', 8, 10)
    board = silent(board, six, true, 11)
    const reports = reportOf(board, 0)
    expect(reports.map(({ counted }) => counted)).toEqual([true, false])
    expect(tally(reports)).toEqual({ stage: 'converged', serving: 1, of: 1 })
  })

  it('counts an address that does not answer, and one that cannot be reached where it is the only one', () => {
    const six = place('2001:db8::53', 'ns1.example.com')
    const silentSix = silent(saw(beginBoard(expected, [first, six]), first, '192.0.2.2', 8, 10), six, false, 11)
    expect(tally(reportOf(silentSix, 0))).toEqual({ stage: 'served', serving: 1, of: 2 })
    const only = silent(saw(beginBoard(expected, [second, six]), second, '192.0.2.2', 8, 10), six, true, 11)
    expect(tally(reportOf(only, 0))).toEqual({ stage: 'served', serving: 1, of: 2 })
  })

  it('never counts more servers as serving than answered right last, in any order of answers', () => {
    const step = fc.record({ which: fc.nat({ max: 2 }), right: fc.boolean(), serial: fc.nat({ max: 4_294_967_295 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const places = [first, second, place('192.0.2.55')]
        const last = new Map<number, boolean>()
        let board = beginBoard(expected, places)
        for (const [index, { which, right, serial }] of steps.entries()) {
          board = saw(board, places[which]!, right ? '192.0.2.2' : '192.0.2.1', serial, index + 1)
          last.set(which, right)
        }
        const { serving, of, stage } = tally(reportOf(board, 0))
        expect(serving).toBe([...last.values()].filter(Boolean).length)
        expect(stage === 'converged').toBe(serving === of)
      }),
    )
  })
})

it('a server is named by its name and its address', () => {
  expect(placeText(first)).toBe('ns1.example.com (192.0.2.53)')
  expect(placeText({ address: '2001:db8::53', port: 5353 })).toBe('[2001:db8::53]:5353')
})
