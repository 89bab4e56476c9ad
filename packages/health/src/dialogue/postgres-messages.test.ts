import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { postgresDialogue } from './postgres-dialogue.ts'
import { parsePostgresAnswer, postgresMethod, postgresStartup } from './postgres-messages.ts'
import { rehearse } from './rehearsal.fixture.ts'

function message(type: string, body: string): string {
  return `${type}\0\0${String.fromCodePoint((body.length + 4) >> 8, (body.length + 4) & 255)}${body}`
}

const error = (state: string, text: string) => message('E', `SFATAL\0VFATAL\0C${state}\0M${text}\0\0`)

describe('postgresDialogue', () => {
  it.each([
    { name: 'a server that cannot make a process', bytes: 'Ecould not fork', finding: { reason: 'unwell' } },
    { name: 'another protocol', bytes: 'HTTP/1.1 400', finding: { reason: 'protocol' } },
    { name: 'a server without TLS', bytes: 'N', finding: { outcome: 'pass', detail: 'answers, without TLS' } },
    { name: 'a server with TLS', bytes: 'S', finding: { outcome: 'pass', detail: 'answers, offers TLS' } },
  ])('on $name', ({ bytes, finding }) => {
    const { finding: found, said } = rehearse(postgresDialogue({ security: 'none' }), bytes)
    expect(found).toMatchObject(finding)
    expect(Buffer.from(said, 'latin1').toString('hex')).toBe('0000000804d2162f')
  })

  it.each([
    {
      name: 'a start',
      bytes: error('57P03', 'the database system is starting up'),
      finding: { reason: 'unwell', detail: 'error 57P03: the database system is starting up' },
    },
    { name: 'too many clients', bytes: error('53300', 'sorry, too many clients already'), finding: { outcome: 'degraded' } },
    { name: 'no entry in pg_hba.conf', bytes: error('28000', 'no pg_hba.conf entry'), finding: { reason: 'unexpected' } },
    { name: 'no such database', bytes: error('3D000', 'database "x" does not exist'), finding: { reason: 'unexpected' } },
    { name: 'an error without a state', bytes: message('E', 'Mhm\0\0'), finding: { reason: 'protocol' } },
    { name: 'a huge message', bytes: 'R\u007F\0\0\0', finding: { reason: 'protocol' } },
    { name: 'a negative length', bytes: 'R\0\0\0\u0003', finding: { reason: 'protocol' } },
    { name: 'another message', bytes: message('Z', 'I'), finding: { reason: 'protocol' } },
    { name: 'half a message', bytes: message('R', '\0\0\0\n').slice(0, 6), finding: { reason: 'closed' } },
    {
      name: 'a question for a password',
      bytes: message('R', '\0\0\0\nSCRAM-SHA-256\0\0'),
      finding: { outcome: 'pass', detail: 'asks for SCRAM' },
    },
    { name: 'a welcome', bytes: message('R', '\0\0\0\0'), finding: { outcome: 'pass', detail: 'logged in' } },
  ])('with a user, on $name', ({ bytes, finding }) => {
    expect(rehearse(postgresDialogue({ security: 'none', user: 'check' }), bytes).finding).toMatchObject(finding)
  })

  it('asks for TLS first where it has to be', () => {
    expect(rehearse(postgresDialogue({ security: 'starttls', user: 'check' }), 'N').finding).toMatchObject({ reason: 'tls' })
    const { finding, said } = rehearse(postgresDialogue({ security: 'starttls', user: 'check' }), `S${message('R', '\0\0\0\u0003')}`)
    expect(finding).toMatchObject({ outcome: 'pass', detail: 'asks for a password' })
    expect(said).toContain('<TLS>')
    expect(said).toContain('user\0check\0database\0check\0')
    expect(rehearse(postgresDialogue({ security: 'starttls' }), 'S').finding).toMatchObject({ outcome: 'pass', detail: 'answers over TLS' })
  })
})

describe('the messages of PostgreSQL', () => {
  it('have the length that they say', () => {
    const startup = postgresStartup('check', 'shop')
    expect(startup.readUInt32BE(0)).toBe(startup.length)
    expect(postgresMethod(99)).toBe('asks for authentication 99')
  })

  it('are read without ever throwing', () => {
    fc.assert(
      fc.property(fc.constantFrom('R', 'E', 'N', '\0'), fc.uint8Array({ maxLength: 200 }), (type, body) => {
        const answer = parsePostgresAnswer(type, Buffer.from(body))
        expect([undefined, 'authentication', 'error']).toContain(answer?.type)
      }),
    )
  })
})
