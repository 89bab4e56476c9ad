import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  coreBusyTicks,
  parseProcStat,
  parseResidentBytes,
  parseSchedStat,
  type ProcessTimes,
  processTree,
  totalTicks,
} from './proc-stat.ts'

const AFTER_NAME = 'S 20309 20309 18352 0 -1 4194304 101 0 0 0 17 4 0 0 20 0 1 0 265877 3133440 418'

function processOf(pid: number, parentPid: number, ticks = 0): ProcessTimes {
  return { pid, parentPid, command: 'x', userTicks: ticks, systemTicks: ticks }
}

describe('parseProcStat', () => {
  it.each([
    '',
    '12',
    '12 (',
    '12 (cat',
    '12 (cat) ',
    '12 (cat) S 1',
    'x (cat) S 1',
    `-1 (cat) ${AFTER_NAME}`,
    '12 (cat) S 1 2 3 4 5 6 7 8 9 10 y 12',
  ])('gives nothing for %j', (text) => {
    expect(parseProcStat(text)).toBeUndefined()
  })

  it.each(['cat', 'nginx: worker', ') S 1 (', '((', '))', ' (', ') ', 'a) R 7 7', '', '💥'])('reads past the name %j', (command) => {
    expect(parseProcStat(`20322 (${command}) ${AFTER_NAME}\n`)).toEqual({
      pid: 20_322,
      parentPid: 20_309,
      command,
      userTicks: 17,
      systemTicks: 4,
    })
  })

  it('finds the numbers behind any name, and never throws on garbage', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat(), (command, parent, user, system) => {
        const line = `7 (${command}) S ${parent} 1 1 0 -1 0 0 0 0 0 ${user} ${system} 0 0 20 0 1 0 1 1 1`
        expect(parseProcStat(line)).toEqual({ pid: 7, parentPid: parent, command, userTicks: user, systemTicks: system })
      }),
    )
    fc.assert(fc.property(fc.string(), (garbage) => void parseProcStat(garbage)))
  })

  it.skipIf(process.platform !== 'linux')('reads this very process', () => {
    const own = parseProcStat(readFileSync('/proc/self/stat', 'utf8'))
    expect(own).toMatchObject({ pid: process.pid, parentPid: process.ppid })
  })
})

describe('processTree', () => {
  it('is empty where the process has gone', () => {
    expect(processTree([processOf(2, 1)], 7)).toEqual([])
  })

  it('holds children and their children, and nobody else', () => {
    const all = [processOf(1, 0), processOf(9, 5), processOf(5, 4), processOf(4, 1), processOf(6, 4), processOf(7, 1)]
    expect(processTree(all, 4).map(({ pid }) => pid)).toEqual([4, 5, 6, 9])
  })

  it('ends where ids were used again and point in a circle', () => {
    expect(processTree([processOf(4, 5), processOf(5, 4)], 4).map(({ pid }) => pid)).toEqual([4, 5])
  })

  it('sums user and system time', () => {
    expect(totalTicks([processOf(1, 0, 3), processOf(2, 1, 4)])).toBe(14)
  })
})

describe('coreBusyTicks', () => {
  const text = 'cpu  20 0 0 0 0 0 0 0 0 0\ncpu0 10 1 2 900 50 3 4 5 0 0\ncpu10 7 0 0 1 0 0 0 0 0 0\nintr 1'

  it('gives nothing for a core that is not there', () => {
    expect(coreBusyTicks(text, 1)).toBeUndefined()
    expect(coreBusyTicks('', 0)).toBeUndefined()
    expect(coreBusyTicks('cpu0 a b c', 0)).toBeUndefined()
  })

  it('counts everything but idle and waiting for a disk', () => {
    expect(coreBusyTicks(text, 0)).toBe(25)
    expect(coreBusyTicks(text, 10)).toBe(7)
  })
})

describe('parseSchedStat', () => {
  it.each(['', '0 0 0', '477655 14522', '477655 14522 x 1', 'x 14522 1'])('gives nothing for %j', (text) => {
    expect(parseSchedStat(text)).toBeUndefined()
  })

  it('gives microseconds', () => {
    expect(parseSchedStat('477655 14522 1\n')).toBe(477.655)
  })

  it.runIf(process.platform === 'linux')('reads what this kernel writes', () => {
    expect(parseSchedStat(readFileSync('/proc/self/schedstat', 'utf8'))).toBeGreaterThan(0)
  })
})

describe('parseResidentBytes', () => {
  it.each(['', 'VmRSS:', 'VmRSS: x kB', 'xVmRSS:\t1 kB'])('gives nothing for %j', (text) => {
    expect(parseResidentBytes(text)).toBeUndefined()
  })

  it('gives bytes', () => {
    expect(parseResidentBytes('VmHWM:\t   99 kB\nVmRSS:\t   45120 kB\nRssAnon:\t 1 kB\n')).toBe(45_120 * 1_024)
  })

  it.runIf(process.platform === 'linux')('reads what this kernel writes', () => {
    expect(parseResidentBytes(readFileSync('/proc/self/status', 'utf8'))).toBeGreaterThan(1_000_000)
  })
})
