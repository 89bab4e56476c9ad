import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mysqlDialogue } from './mysql-dialogue.ts'
import { mysqlPayloadLength, parseMysqlGreeting, parseMysqlLoginAnswer } from './mysql-messages.ts'
import { rehearse } from './rehearsal.fixture.ts'

function packet(sequence: number, payload: string): string {
  return `${String.fromCodePoint(payload.length & 255, payload.length >> 8, 0, sequence)}${payload}`
}

/** A first packet as MySQL 8 and MariaDB send it. */
const greeting = (version: string, plugin: string) =>
  packet(0, `\n${version}\0\u0001\0\0\0saltsalt\0\u00FF\u00F7!\u0002\0\u00FF\u0081\u0015${'\0'.repeat(10)}saltsaltsalt\0${plugin}\0`)
const error = (code: number, message: string, sequence = 0) =>
  packet(sequence, `\u00FF${String.fromCodePoint(code & 255, code >> 8)}${message}`)

const mysql8 = greeting('8.4.3', 'caching_sha2_password')

describe('mysqlDialogue', () => {
  it.each([
    {
      name: 'too many connections',
      bytes: error(1040, '#08004Too many connections'),
      finding: { outcome: 'degraded', detail: 'error 1040: Too many connections' },
    },
    {
      name: 'a blocked host',
      bytes: error(1129, "Host 'me' is blocked"),
      finding: { reason: 'unexpected', detail: "error 1129: Host 'me' is blocked" },
    },
    { name: 'a host that may not', bytes: error(1130, 'not allowed'), finding: { reason: 'unexpected' } },
    { name: 'a shutdown', bytes: error(1053, 'Server shutdown in progress'), finding: { reason: 'unwell' } },
    { name: 'an old protocol', bytes: packet(0, '\u00093.20\0...'), finding: { reason: 'unexpected', detail: /protocol 9/ } },
    { name: 'another protocol', bytes: 'HTTP/1.1 400 Bad Request\r\n', finding: { reason: 'protocol' } },
    { name: 'a packet of 16 MB', bytes: '\u00FF\u00FF\u00FF\0\n', finding: { reason: 'protocol' } },
    { name: 'half a greeting', bytes: mysql8.slice(0, 30), finding: { reason: 'closed' } },
    { name: 'a greeting', bytes: mysql8, finding: { outcome: 'pass', detail: '8.4.3' } },
    {
      name: 'a greeting of MariaDB',
      bytes: greeting('5.5.5-10.11.19-MariaDB-0', 'x'),
      finding: { outcome: 'pass', detail: '10.11.19-MariaDB-0' },
    },
  ])('on $name', ({ bytes, finding }) => {
    const { detail = '', ...rest } = finding as { detail?: string | RegExp }
    const rehearsal = rehearse(mysqlDialogue(), bytes)
    expect(rehearsal.finding).toMatchObject(rest)
    expect(rehearsal.finding.detail).toMatch(detail)
  })

  it.each([
    { name: 'too many connections of this user', answer: error(1203, '#42000max_user_connections', 2), finding: { outcome: 'degraded' } },
    {
      name: 'a refusal, with a warning',
      answer: error(1045, '#28000Access denied', 2),
      finding: { outcome: 'pass', warning: expect.stringContaining('1045') },
    },
    { name: 'nonsense', answer: packet(2, 'x'), finding: { reason: 'protocol' } },
    { name: 'a welcome', answer: packet(2, '\0\0\0'), finding: { outcome: 'pass', detail: '8.4.3, logged in' } },
    {
      name: 'a wish for another way',
      answer: `${packet(2, '\u00FEmysql_native_password\0salt')}${packet(4, '\0\0')}`,
      finding: { outcome: 'pass', detail: '8.4.3, logged in' },
    },
    {
      name: 'a wish for a password',
      answer: packet(2, '\u0001\u0004'),
      finding: { outcome: 'pass', detail: '8.4.3, asks for a password' },
    },
  ])('with a user, on $name', ({ answer, finding }) => {
    const { finding: found, said } = rehearse(mysqlDialogue('check'), `${mysql8}${answer}`)
    expect(found).toMatchObject(finding)
    expect(said).toContain('check\0\0caching_sha2_password\0')
  })
})

describe('the parsers of MySQL', () => {
  it('never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const first of [0, 1, 9, 10, 0xfe, 0xff]) {
          const payload = Buffer.from([first, ...bytes])
          parseMysqlGreeting(payload)
          parseMysqlLoginAnswer(payload)
          expect(mysqlPayloadLength(payload)).toBeLessThan(16_777_216)
        }
      }),
    )
  })
})
