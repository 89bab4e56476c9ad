import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgePing } from './judge.ts'
import { parsePing } from './output.ts'

const rules = { program: 'ping', maxLossRatio: 0.5 }
const statistics = (line: string, times = '') =>
  `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.\n\n--- 127.0.0.1 ping statistics ---\n${line}\n${times}\n`
const rtt = 'rtt min/avg/max/mdev = 0.048/0.066/0.102/0.025 ms'

describe('judgePing', () => {
  it.each([
    {
      name: 'no reply',
      stdout: statistics('3 packets transmitted, 0 received, 100% packet loss, time 611ms'),
      expected: { outcome: 'fail', reason: 'timeout', detail: '0 of 3 replies (by ping)', measures: { 'loss-ratio': 1 } },
    },
    {
      name: 'a router that knows no way',
      stdout: `From 10.0.0.254 icmp_seq=1 Destination Host Unreachable\n${statistics('2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 208ms')}`,
      expected: { outcome: 'fail', reason: 'unreachable', detail: 'Destination Host Unreachable, 0 of 2 replies (by ping)' },
    },
    {
      name: 'no network',
      stderr: 'ping: connect: Network is unreachable\n',
      code: 2,
      expected: { outcome: 'fail', reason: 'unreachable', detail: 'ping: connect: Network is unreachable (by ping)' },
    },
    {
      name: 'more loss than allowed',
      stdout: statistics('4 packets transmitted, 1 received, 75% packet loss, time 611ms', rtt),
      expected: {
        outcome: 'fail',
        reason: 'limit',
        detail: '1 of 4 replies, 0.066 ms on average (by ping), expected a loss of 0.5 at most',
        measures: { 'loss-ratio': 0.75, 'round-trip-ms': 0.066 },
      },
    },
    {
      name: 'no permission',
      stderr: 'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n',
      code: 2,
      expected: { outcome: 'inconclusive', detail: expect.stringContaining('ping: socket: Operation not permitted') },
    },
    {
      name: 'a local firewall',
      stdout: statistics('3 packets transmitted, 0 received, 100% packet loss, time 611ms'),
      stderr: 'ping: sendmsg: Operation not permitted\n',
      expected: { outcome: 'inconclusive', detail: 'this machine could not look: ping: Operation not permitted' },
    },
    { name: 'another program', stdout: 'hello\n', code: 0, expected: { outcome: 'inconclusive' } },
    {
      name: 'nothing sent',
      stdout: statistics('0 packets transmitted, 0 received'),
      expected: { outcome: 'inconclusive' },
    },
    {
      name: 'BusyBox',
      stdout: statistics('3 packets transmitted, 3 packets received, 0% packet loss', 'round-trip min/avg/max = 0.05/0.07/0.11 ms'),
      expected: { outcome: 'pass', measures: { 'loss-ratio': 0, 'round-trip-ms': 0.07 } },
    },
    {
      name: 'doubled replies',
      stdout: statistics('2 packets transmitted, 2 received, +2 duplicates, 0% packet loss, time 1ms', rtt),
      expected: { outcome: 'pass', detail: '2 of 2 replies, 0.066 ms on average (by ping)' },
    },
  ])('$name is $expected.outcome', ({ stdout = '', stderr = '', code = 1, expected }) => {
    expect(judgePing({ kind: 'exited', code, stdout, stderr }, rules)).toMatchObject(expected)
  })

  it.each([
    { kind: 'not-started', error: Object.assign(new Error('spawn ping ENOENT'), { code: 'ENOENT' }) },
    { kind: 'flooded', maxBytes: 100 },
    { kind: 'killed', by: 'SIGSEGV', stdout: '', stderr: '' },
  ] as const)('a program that is $kind says nothing about the target', (end) => {
    expect(judgePing(end, rules)).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringMatching(/^this machine could not look: ping /),
    })
  })

  it('never throws, whatever a program writes', () => {
    const pieces = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('packets transmitted, ', '9 ', 'received', 'rtt min/avg/max/mdev = ', '.', '/', '\n')),
    )
    fc.assert(
      fc.property(pieces, fc.string(), fc.nat(), (stdout, stderr, code) => {
        parsePing(stdout.join(''))
        expect(['pass', 'fail', 'inconclusive']).toContain(
          judgePing({ kind: 'exited', code, stdout: stdout.join(''), stderr }, rules).outcome,
        )
      }),
    )
  })
})
