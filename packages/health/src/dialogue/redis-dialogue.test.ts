import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeReplication, redisDialogue, type RedisQuestion } from './redis-dialogue.ts'
import { parseRedisLine, parseRedisReplication, redisCommand } from './redis-messages.ts'
import { rehearse } from './rehearsal.fixture.ts'

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
const replicaInfo = (fields: string) => `+PONG\r\n${bulk(`# Replication\r\nrole:slave\r\n${fields}`)}`
const linkUp = 'master_link_status:up\r\nmaster_last_io_seconds_ago:3\r\nslave_read_repl_offset:120\r\nslave_repl_offset:100\r\n'
const linkDown = 'master_link_status:down\r\nmaster_last_io_seconds_ago:-1\r\nmaster_link_down_since_seconds:12\r\n'
const primaryInfo = `+PONG\r\n${bulk(
  'role:master\r\nconnected_slaves:2\r\nslave0:ip=::1,port=1,state=online,offset=90,lag=1\r\nslave1:ip=::1,port=2,state=online,offset=40,lag=0\r\nmaster_repl_offset:100\r\n',
)}`

interface Row {
  readonly name: string
  readonly question?: RedisQuestion
  readonly bytes: string
  readonly finding: object
}

const rows: readonly Row[] = [
  {
    name: 'a server that loads',
    bytes: '-LOADING Redis is loading the dataset in memory\r\n',
    finding: { outcome: 'degraded', detail: 'LOADING: the server loads its data' },
  },
  {
    name: 'a lost primary',
    bytes: "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
    finding: { outcome: 'degraded' },
  },
  { name: 'a busy server', bytes: '-BUSY Redis is busy running a script.\r\n', finding: { outcome: 'degraded' } },
  { name: 'too many clients', bytes: '-ERR max number of clients reached\r\n', finding: { outcome: 'degraded' } },
  {
    name: 'a wish for a password',
    bytes: '-NOAUTH Authentication required.\r\n',
    finding: { reason: 'unexpected', detail: 'NOAUTH: the server wants a password' },
  },
  { name: 'protected mode', bytes: '-DENIED Redis is running in protected mode...\r\n', finding: { reason: 'unexpected' } },
  {
    name: 'an error that is not known',
    bytes: '-MISCONF Redis is configured to save\r\n',
    finding: { reason: 'unwell', detail: 'the server answers PING with the error MISCONF' },
  },
  { name: 'another answer', bytes: '+HELLO\r\n', finding: { reason: 'protocol' } },
  { name: 'another protocol', bytes: 'HTTP/1.1 400 Bad Request\r\n', finding: { reason: 'protocol' } },
  { name: 'an endless line', bytes: `+${'x'.repeat(5_000)}`, finding: { reason: 'protocol' } },
  {
    name: 'a refused password',
    question: { password: 'p4ss' },
    bytes: '-WRONGPASS p4ss is wrong\r\n',
    finding: { reason: 'unexpected', detail: 'WRONGPASS: the server refuses the password' },
  },
  {
    name: 'a password where there is none',
    question: { password: 'p4ss' },
    bytes: '-ERR AUTH <p4ss> called without any password\r\n',
    finding: { reason: 'unwell', detail: 'the server answers AUTH with the error ERR' },
  },
  { name: 'a huge INFO', question: { role: 'any' }, bytes: '+PONG\r\n$900000000\r\n', finding: { reason: 'protocol' } },
  {
    name: 'an INFO without a role',
    question: { role: 'any' },
    bytes: `+PONG\r\n${bulk('# Replication\r\n')}`,
    finding: { reason: 'protocol' },
  },
  { name: 'an INFO cut short', question: { role: 'any' }, bytes: '+PONG\r\n$100\r\nrole:master', finding: { reason: 'closed' } },
  {
    name: 'the wrong role',
    question: { role: 'replica' },
    bytes: primaryInfo,
    finding: { reason: 'unexpected', detail: 'it is a primary, expected a replica' },
  },
  {
    name: 'too much lag',
    question: { maxLagSeconds: 2 },
    bytes: replicaInfo(linkUp),
    finding: {
      reason: 'limit',
      detail: 'last contact with the primary: 3 s, allowed: 2 s',
      measures: { 'lag-seconds': 3, 'lag-bytes': 20 },
    },
  },
  {
    name: 'a lost link beyond the limit',
    question: { maxLagSeconds: 10 },
    bytes: replicaInfo(linkDown),
    finding: { reason: 'limit', measures: { 'lag-seconds': 12 } },
  },
  {
    name: 'a lost link within the limit',
    question: { maxLagSeconds: 60 },
    bytes: replicaInfo(linkDown),
    finding: { outcome: 'degraded', detail: 'replica, without its primary for 12 s' },
  },
  {
    name: 'a link that never was',
    question: { maxLagSeconds: 60 },
    bytes: replicaInfo('master_link_status:down\r\nmaster_link_down_since_seconds:-1\r\n'),
    finding: { reason: 'limit', detail: /unknown/ },
  },
  {
    name: 'a first copy',
    question: { role: 'replica' },
    bytes: replicaInfo('master_link_status:down\r\nmaster_sync_in_progress:1\r\n'),
    finding: { outcome: 'degraded', detail: /loads all/ },
  },
  {
    name: 'a replica that is well',
    question: { role: 'replica', maxLagSeconds: 10 },
    bytes: replicaInfo(linkUp),
    finding: { outcome: 'pass', measures: { 'lag-seconds': 3, 'lag-bytes': 20 } },
  },
  {
    name: 'a primary',
    question: { role: 'primary', maxLagSeconds: 1 },
    bytes: primaryInfo,
    finding: { outcome: 'pass', detail: 'primary, 2 replicas', measures: { 'lag-seconds': 1, 'lag-bytes': 60, 'replica-count': 2 } },
  },
  { name: 'an answer', bytes: '+PONG\r\n', finding: { outcome: 'pass', detail: 'PONG' } },
]

describe('redisDialogue', () => {
  it.each(rows)('on $name', ({ question = {}, bytes, finding }) => {
    const { detail = '', ...rest } = finding as { detail?: string | RegExp }
    const { finding: found } = rehearse(redisDialogue(question), bytes)
    expect(found).toMatchObject(rest)
    expect(found.detail).toMatch(detail)
    expect(JSON.stringify(found)).not.toContain('p4ss')
  })

  it('sends words that cannot become commands', () => {
    const { said } = rehearse(redisDialogue({ user: 'me', password: 'a\r\nFLUSHALL\r\n' }), '+OK\r\n+PONG\r\n')
    expect(said).toBe('*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$13\r\na\r\nFLUSHALL\r\n\r\n*1\r\n$4\r\nPING\r\n')
    expect(redisCommand('é')).toBe('*1\r\n$2\r\né\r\n')
  })
})

describe('the parsers of Redis', () => {
  it('never throw, and measure nothing below zero', () => {
    const name = fc.constantFrom(
      'role',
      'slave0',
      'master_link_status',
      'master_repl_offset',
      'slave_repl_offset',
      'slave_read_repl_offset',
      'x',
    )
    const value = fc.oneof(fc.constantFrom('slave', 'master', 'up', 'offset=5,lag=9'), fc.string(), fc.integer().map(String))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), fc.string(), (fields, line) => {
        parseRedisLine(line)
        const replication = parseRedisReplication(fields.map(([key, text]) => `${key}:${text}`).join('\r\n'))
        if (!replication) return
        const { measures = {} } = judgeReplication(replication, {})
        for (const measure of Object.values(measures)) expect(measure).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
