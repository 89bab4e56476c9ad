import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { livingName } from './files.ts'
import { keepalivedSnippet, masterDownMs } from './config.ts'
import { type KeepalivedNotice, readNotices } from './notices.ts'
import { type KeepalivedFacts, keepalivedStanding, keepalivedStep } from './standing.ts'

function readAll(chunks: readonly string[]): readonly KeepalivedNotice[] {
  let rest = ''
  return chunks.flatMap((chunk) => {
    const read = readNotices(rest, chunk)
    rest = read.rest
    return read.notices
  })
}

describe('what keepalived writes to its FIFO', () => {
  it.for([
    ['a sync group', 'GROUP "hotspare_a" MASTER 100\n'],
    ['a state of a later version', 'INSTANCE "hotspare_a" MASTER_RX_LOWER_PRI 100\n'],
    ['a line without an end', 'INSTANCE "hotspare_a" MASTER 100'],
    ['a line that is too long', `${'x'.repeat(2_000)}INSTANCE "hotspare_a" MASTER 100\n`],
    ['a strange name', 'INSTANCE "a b" MASTER 100\n'],
  ] as const)('says nothing when it is %s', ([, text]) => {
    expect(readAll([text])).toEqual([])
  })

  it('tells the states, also after half a line of a keepalived that was killed', () => {
    const text = 'INSTANCE "hotspare_a" FAULT 254\nINSTANCE "hotspINSTANCE "hotspare_a" BACKUP 254\nINSTANCE "hotspare_b" MASTER 254\n'
    expect(readAll([text])).toEqual([
      { instance: 'hotspare_a', state: 'FAULT' },
      { instance: 'hotspare_a', state: 'BACKUP' },
      { instance: 'hotspare_b', state: 'MASTER' },
    ])
  })

  it('is read alike however it is cut, and whatever it is', () => {
    const line = fc.oneof(
      fc.constantFrom('INSTANCE "hotspare_a" MASTER 254', 'INSTANCE "hotspare_b" FAULT 0', 'GROUP "x" STOP 0'),
      fc.string({ unit: 'binary', maxLength: 50 }),
    )
    const lines = fc.array(line, { maxLength: 30 })
    const isAlike = (all: readonly string[], cut: number) => {
      const text = all.map((each) => `${each}\n`).join('')
      const at = cut % (text.length + 1)
      const [whole, cutUp] = [readAll([text]), readAll([text.slice(0, at), text.slice(at)])]
      return JSON.stringify(whole) === JSON.stringify(cutUp)
    }
    expect(fc.check(fc.property(lines, fc.nat(), isAlike)).counterexample).toBeNull()
  })

  it('never is kept beyond one line', () => {
    let rest = ''
    for (let round = 0; round < 100; round++) rest = readNotices(rest, 'x'.repeat(10_000)).rest
    expect(rest.length).toBeLessThanOrEqual(1_024)
  })
})

const master: KeepalivedFacts = { interface: 'eth0', isHere: true, said: 'MASTER', isRunning: true, isGood: true, mayAct: true }

describe('an address in the hands of keepalived', () => {
  it.for([
    ['keepalived was killed and has left it', { isRunning: false }, 'absent', 'does not run'],
    ['keepalived was killed and the right has gone', { isRunning: false, mayAct: false }, 'held', 'does not run'],
    ['somebody has taken it off', { isHere: false }, 'absent', 'it is not on eth0; keepalived says MASTER'],
    ['keepalived has lost it to another', { said: 'BACKUP' }, 'absent', 'keepalived says BACKUP'],
    ['keepalived was told to let go', { isGood: false }, 'absent', 'told to let go'],
    ['keepalived was told to let go and nobody has a right', { isGood: false, mayAct: false }, 'held', 'told to let go'],
    ['keepalived is MASTER', {}, 'held', 'keepalived says MASTER'],
    ['this process has just started', { said: undefined, mayAct: false }, 'held', 'has not said'],
  ] as const)('when %s stands as told', ([, facts, state, because]) => {
    const standing = keepalivedStanding({ ...master, ...facts })
    expect(standing.state).toBe(state)
    expect(standing.because).toContain(because)
  })
})

describe('a claim', () => {
  const absent = { state: 'absent', because: 'it is not on eth0' } as const
  const waiting = { standing: absent, said: 'BACKUP', isFirst: true, waitedMs: 1_000, patienceMs: 1_000 } as const

  it.for([
    ['waits while keepalived may still become MASTER', { waitedMs: 999 }, 'wait'],
    ['fails where keepalived is faulty', { said: 'FAULT' }, 'failed'],
    ['fails where keepalived says nothing at all', { said: undefined }, 'failed'],
    ['fails where it was told long ago and another one answers', { isFirst: false }, 'failed'],
    ['is ready where the former holder still has it', {}, 'done'],
    ['is done when it is here', { standing: { state: 'held', because: 'here' }, waitedMs: 0 }, 'done'],
  ] as const)('%s', ([, change, type]) => {
    expect(keepalivedStep({ ...waiting, ...change }).type).toBe(type)
  })
})

describe('the snippet', () => {
  it('lets keepalived have nothing until it is told', () => {
    const instance = { name: 'hotspare_a', address: '10.0.0.100/32', interface: 'eth0', routerId: 77, advertIntervalMs: 100 }
    const text = keepalivedSnippet(instance, '/run/hotspare/keepalived')
    expect(text).toContain('file "/run/hotspare/keepalived/hotspare_a.track"\n  weight 0\n  init_file 1')
    expect(text).toContain(
      'state BACKUP\n  nopreempt\n  interface eth0\n  version 3\n  virtual_router_id 77\n  priority 254\n  advert_int 0.1\n',
    )
    expect(text).toContain('10.0.0.100/32 dev eth0')
  })

  it('has a standby take over within three adverts and a little', () => {
    expect(masterDownMs(1_000)).toBeCloseTo(3_007.8, 1)
  })
})

describe('livingName', () => {
  it('knows no process that has ended, and takes no other for keepalived', () => {
    expect(livingName('')).toBeUndefined()
    expect(livingName('812 (keepalived) Z 1 812 812 0 -1')).toBeUndefined()
    expect(livingName('812 (bash (keepalived) S) S 1 812 812 0 -1')).toBe('bash (keepalived) S')
    expect(livingName('812 (keepalived) S 1 812 812 0 -1')).toBe('keepalived')
  })
})
