import { describe, expect, it } from 'vitest'
import { allowedCores, parseCpuList } from './cpu-list.ts'

describe('parseCpuList', () => {
  it.each(['', 'x', '1-', '-1', '1,,2', '0-1;2', '99999'])('finds no cores in %j', (text) => {
    expect(parseCpuList(text)).toEqual([])
  })

  it.each([
    ['0', [0]],
    ['0-1\n', [0, 1]],
    ['4,0-2', [0, 1, 2, 4]],
    ['1,1-1', [1]],
    ['3-1', []],
  ])('reads %j', (text, cores) => {
    expect(parseCpuList(text)).toEqual(cores)
  })
})

describe('allowedCores', () => {
  it('finds none where the line is missing', () => {
    expect(allowedCores('Name:\tnode\n')).toEqual([])
  })

  it('reads the line of /proc/PID/status', () => {
    expect(allowedCores('Cpus_allowed:\t3\nCpus_allowed_list:\t0-1\nMems_allowed:\t1\n')).toEqual([0, 1])
  })
})
