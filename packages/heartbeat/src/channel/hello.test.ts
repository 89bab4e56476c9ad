import { describe, expect, it } from 'vitest'
import { agree } from './hello.ts'
import type { HelloFrame } from './frame.ts'

type Range = readonly [oldest: number, current: number]

const hello = (node: string, oldest: number, current: number, fingerprint = 'f'): HelloFrame => ({
  type: 'hello',
  node,
  session: '00112233',
  protocol: { current, oldest },
  fingerprint,
})

describe('two hellos', () => {
  it.each<readonly [string, Range, Range]>([
    ['N-2 and N', [1, 1], [2, 3]],
    ['N-2, which can do older still, and N', [0, 1], [2, 3]],
    ['N, which speaks only itself, and N-1', [1, 2], [3, 3]],
  ])('do not agree: %s', (_, one, other) => {
    const [a, b] = [hello('a', ...one), hello('b', ...other)]
    const both = [agree(a, b, 'b'), agree(b, a, 'a')]
    expect(both).toEqual([
      expect.objectContaining({ ok: false, reason: 'protocol-version' }),
      expect.objectContaining({ ok: false, reason: 'protocol-version' }),
    ])
  })

  it('say which node speaks what, so that people know which one to update', () => {
    expect(agree(hello('a', 2, 3), hello('b', 1, 1), 'b')).toMatchObject({
      detail: 'a speaks protocols 2 to 3, b speaks protocol 1: update the older one',
    })
  })

  it('are refused when the name is not the one of the key', () => {
    expect(agree(hello('a', 1, 1), hello('c', 1, 1), 'b')).toMatchObject({ ok: false, reason: 'wrong-node' })
  })

  it.each<readonly [string, Range, Range, number]>([
    ['N and N', [2, 3], [2, 3], 3],
    ['N-1 and N', [1, 2], [2, 3], 2],
    ['N, which reaches far back, and N-2', [1, 3], [0, 1], 1],
  ])('agree on the newest version that both speak: %s', (_, one, other, protocol) => {
    const [a, b] = [hello('a', ...one), hello('b', ...other)]
    expect([agree(a, b, 'b'), agree(b, a, 'a')]).toEqual([
      { ok: true, protocol, fingerprintAgrees: true },
      { ok: true, protocol, fingerprintAgrees: true },
    ])
  })

  it('tell a different fingerprint, and talk all the same', () => {
    expect(agree(hello('a', 1, 1, 'x'), hello('b', 1, 1, 'y'), 'b')).toEqual({ ok: true, protocol: 1, fingerprintAgrees: false })
  })
})
