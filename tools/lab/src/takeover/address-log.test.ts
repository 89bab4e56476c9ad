import { describe, expect, it } from 'vitest'
import { hasLocalAddress, heldSpans, parseMonitor } from './address-log.ts'

/** As Linux 6 prints it. */
const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.77.0.7
        /32 universe UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.77.0.0/24 2 0 2
        |-- 10.77.0.1
           /32 host LOCAL
        |-- 10.77.0.100
           /32 host LOCAL
        |-- 10.77.0.255
           /32 link BROADCAST
     |-- 127.0.0.0
        /8 host LOCAL
`

describe('hasLocalAddress', () => {
  it.each<[string, boolean]>([
    ['10.77.0.10', false],
    ['10.77.0.7', false],
    ['10.77.0.255', false],
    ['127.0.0.0', false],
    ['10.77.0.100', true],
    ['10.77.0.1', true],
  ])('of %s is %s', (address, expected) => {
    expect(hasLocalAddress(fibTrie, address)).toBe(expected)
  })
})

describe('parseMonitor', () => {
  it('tells additions, refreshes and removals of the address alone', () => {
    const output = `[2026-11-21T17:15:49.319971] 2: eth0    inet 10.77.0.100/32 scope global eth0
       valid_lft forever preferred_lft forever
[2026-11-21T17:15:49.722378] 2: eth0    inet6 fe80::4d:ff:fe00:1/64 scope link
       valid_lft forever preferred_lft forever
[2026-11-21T17:15:50.155839] Deleted 2: eth0    inet 10.77.0.100/32 scope global dynamic eth0
       valid_lft 5sec preferred_lft 5sec`
    const midnight = Date.parse('2026-11-21T17:15:49Z')
    const changes = parseMonitor(output, '10.77.0.100', (wallMs) => wallMs - midnight)
    expect(changes.map(({ atMs, held }) => [Math.round(atMs), held])).toEqual([
      [319, true],
      [1_155, false],
    ])
  })
})

describe('heldSpans', () => {
  it('takes the first to tell of a change, and closes what is still held at the end', () => {
    const poll = [
      { atMs: 0, held: false },
      { atMs: 20, held: true },
      { atMs: 40, held: false },
      { atMs: 90, held: true },
    ]
    const monitor = [
      { atMs: 12, held: true },
      { atMs: 47, held: false },
      { atMs: 82, held: true },
    ]
    expect(heldSpans([poll, monitor], 100)).toEqual([
      { fromMs: 12, toMs: 40 },
      { fromMs: 82, toMs: 100 },
    ])
  })

  it('knows of nothing where nothing was seen', () => {
    expect(heldSpans([[]], 100)).toEqual([])
  })
})
