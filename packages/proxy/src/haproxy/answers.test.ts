import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseInfo, parseServersState } from './servers-state.ts'
import { parseStats } from './stats.ts'

const HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'
const line = (name: string, admin: number, backend = 'web') =>
  `3 ${backend} 1 ${name} 127.0.0.1 2 ${admin} 10 1 1 1 0 2 0 0 0 0 - 18001 - 0 0 - - 0`

describe('parseServersState', () => {
  it.for(['', 'Unknown command', '2\n# be_name', `1\n${HEADER}\n3 web 1 cut`, `1\n${HEADER}\n${line('a', 0).replace('18001', 'x')}`])(
    'takes nothing of %j',
    (text) => {
      expect(parseServersState(text, 'web')).toBeUndefined()
    },
  )

  it.for([
    [0, 'serve'],
    [0x01, 'off'],
    [0x05, 'off'],
    // As the configuration has it ("disabled"), which somebody has lifted since.
    [0x04, 'serve'],
    [0x08, 'drain'],
    [0x10, 'drain'],
    [0x20, 'off'],
    [0x09, 'off'],
  ] as const)('reads the state bits %d as %s', ([bits, state]) => {
    expect(parseServersState(`1\n${HEADER}\n${line('a', bits)}\n${line('x', 0, 'other')}\n\n`, 'web')).toEqual([
      { name: 'a', host: '127.0.0.1', port: 18_001, weight: 10, state },
    ])
  })

  it('takes nothing of noise, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (rest) => {
        const servers = parseServersState(`1\n${HEADER}\n${rest}`, 'web')
        expect(servers === undefined || servers.length === 0).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

it('reads the version and the process of HAProxy', () => {
  expect(parseInfo('Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nPid: 7123\n')).toEqual({
    version: '2.6.12-1+deb12u4',
    major: 2,
    minor: 6,
    pid: 7_123,
  })
  expect(parseInfo('Version: soon\nPid: 1')).toBeUndefined()
})

describe('parseStats', () => {
  const header =
    '# pxname,svname,qcur,scur,stot,bin,bout,econ,eresp,wretr,wredis,status,weight,rate,last_chk,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,qtime,ctime,rtime,ttime,'

  it('reads the counts of each server, also behind a text with commas and quotation marks', () => {
    const [stats] =
      parseStats(
        `${header}\nweb,a,1,2,3,4,5,6,7,8,9,UP,10,11,"said ""no"", twice",1,2,3,4,5,6,7,8,9,10,\nother,x,,,,,,,,,,,,,,,,,,,,,,,\n`,
        'web',
      ) ?? []
    expect(stats).toMatchObject({
      id: 'a',
      queued: 1,
      sessions: 2,
      connectErrorsTotal: 6,
      redispatchesTotal: 9,
      weight: 10,
      sessionsPerSecond: 11,
    })
    expect(stats).toMatchObject({ requestsTotal: 21, responses5xxTotal: 5, queueMs: 7, totalMs: 10 })
  })

  it('takes nothing of another answer, and does not guess in TCP mode', () => {
    expect(parseStats('No such proxy.', 'web')).toBeUndefined()
    expect(parseStats(`${header}\nweb,a,0,0,0,0,0,0,0,0,0,UP,1,0,,,,,,,,,,,,\n`, 'web')?.[0]).toMatchObject({
      requestsTotal: undefined,
      totalMs: undefined,
    })
  })
})
