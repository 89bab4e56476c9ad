import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ftpDialogue } from './ftp-dialogue.ts'
import { imapDialogue } from './imap-dialogue.ts'
import { memcachedDialogue } from './memcached-dialogue.ts'
import { mysqlDialogue } from './mysql-dialogue.ts'
import { pop3Dialogue } from './pop3-dialogue.ts'
import { postgresDialogue } from './postgres-dialogue.ts'
import { smtpDialogue } from './smtp-dialogue.ts'
import { sshDialogue } from './ssh-dialogue.ts'
import type { Dialogue } from './moves.ts'
import { redisDialogue } from './redis-dialogue.ts'
import { rehearse } from './rehearsal.fixture.ts'
import { scriptDialogue, type ScriptStep } from './script-steps.ts'

const smtp = (security: 'none' | 'starttls' = 'none') => smtpDialogue({ helo: 'me', security })
const script = (...steps: readonly ScriptStep[]) => scriptDialogue(steps, 64)

interface Row {
  readonly name: string
  readonly dialogue: () => Dialogue
  readonly bytes: string
  readonly finding: object
  readonly said?: string
}

const rows: readonly Row[] = [
  {
    name: 'smtp: no room',
    dialogue: smtp,
    bytes: '421 try later\r\n',
    finding: { reason: 'unwell', detail: 'the greeting is 421 try later, expected 220' },
  },
  { name: 'smtp: no greeting', dialogue: smtp, bytes: 'SSH-2.0-x\r\n', finding: { reason: 'protocol', detail: /three digits/ } },
  { name: 'smtp: EHLO refused', dialogue: smtp, bytes: '220 x\r\n550 go\r\n', finding: { reason: 'unwell', detail: /EHLO is 550 go/ } },
  { name: 'smtp: another code', dialogue: smtp, bytes: '220 x\r\n354 go\r\n', finding: { reason: 'unexpected' } },
  {
    name: 'smtp: a reply without end',
    dialogue: smtp,
    bytes: `220 x\r\n${'250-y\r\n'.repeat(200)}`,
    finding: { reason: 'protocol', detail: /100 lines/ },
  },
  { name: 'smtp: an endless line', dialogue: smtp, bytes: `220 ${'x'.repeat(5_000)}`, finding: { reason: 'protocol' } },
  { name: 'smtp: cut short', dialogue: smtp, bytes: '220 x\r\n250-y\r\n', finding: { reason: 'closed', detail: /answer to EHLO/ } },
  {
    name: 'smtp: no STARTTLS',
    dialogue: () => smtp('starttls'),
    bytes: '220 x\r\n250-y\r\n250 HELP\r\n',
    finding: { reason: 'tls', detail: /does not offer/ },
  },
  {
    name: 'smtp: STARTTLS refused',
    dialogue: () => smtp('starttls'),
    bytes: '220 x\r\n250-y\r\n250 STARTTLS\r\n454 no\r\n',
    finding: { reason: 'unwell' },
  },
  {
    name: 'smtp: well',
    dialogue: smtp,
    bytes: '220-hello\r\n220 x\r\n250-y\r\n250-SIZE 1\r\n250 HELP\r\n',
    finding: { outcome: 'pass', detail: '220 hello, 2 extensions' },
    said: 'EHLO me\r\nQUIT\r\n',
  },
  {
    name: 'smtp: introduces itself again under TLS',
    dialogue: () => smtp('starttls'),
    bytes: '220 x\r\n250-y\r\n250 STARTTLS\r\n220 go\r\n250 y\r\n',
    finding: { outcome: 'pass' },
    said: 'EHLO me\r\nSTARTTLS\r\n<TLS>EHLO me\r\nQUIT\r\n',
  },
  {
    name: 'ftp: too many',
    dialogue: () => ftpDialogue({ security: 'none' }),
    bytes: '421 too many users\r\n',
    finding: { reason: 'unwell' },
  },
  { name: 'ftp: not yet', dialogue: () => ftpDialogue({ security: 'none' }), bytes: '120 in 5 minutes\r\n', finding: { reason: 'unwell' } },
  {
    name: 'ftp: no TLS',
    dialogue: () => ftpDialogue({ security: 'starttls' }),
    bytes: '220 x\r\n530 no\r\n',
    finding: { reason: 'tls', detail: /530 no/ },
  },
  {
    name: 'ftp: lines that look as they like',
    dialogue: () => ftpDialogue({ security: 'none' }),
    bytes: '220-hello\r\n 220 not yet\r\nwelcome\r\n220 end\r\n',
    finding: { outcome: 'pass', detail: '220 hello' },
    said: 'QUIT\r\n',
  },
  {
    name: 'imap: goodbye',
    dialogue: () => imapDialogue({ security: 'none' }),
    bytes: '* BYE overloaded\r\n',
    finding: { reason: 'unwell', detail: /overloaded/ },
  },
  {
    name: 'imap: another protocol',
    dialogue: () => imapDialogue({ security: 'none' }),
    bytes: '+OK pop\r\n',
    finding: { reason: 'protocol' },
  },
  {
    name: 'imap: no TLS',
    dialogue: () => imapDialogue({ security: 'starttls' }),
    bytes: '* OK x\r\n* hm\r\nh1 BAD no\r\n',
    finding: { reason: 'tls' },
  },
  {
    name: 'imap: talk without end',
    dialogue: () => imapDialogue({ security: 'starttls' }),
    bytes: `* OK x\r\n${'* hm\r\n'.repeat(60)}`,
    finding: { reason: 'protocol' },
  },
  {
    name: 'imap: well',
    dialogue: () => imapDialogue({ security: 'none' }),
    bytes: '* PREAUTH hello\r\n',
    finding: { outcome: 'pass', detail: 'PREAUTH hello' },
    said: 'h2 LOGOUT\r\n',
  },
  { name: 'pop3: unwell', dialogue: () => pop3Dialogue({ security: 'none' }), bytes: '-ERR busy\r\n', finding: { reason: 'unwell' } },
  {
    name: 'pop3: another protocol',
    dialogue: () => pop3Dialogue({ security: 'none' }),
    bytes: '220 x\r\n',
    finding: { reason: 'protocol' },
  },
  { name: 'pop3: no TLS', dialogue: () => pop3Dialogue({ security: 'starttls' }), bytes: '+OK\r\n-ERR no\r\n', finding: { reason: 'tls' } },
  { name: 'ssh: an old one', dialogue: sshDialogue, bytes: 'SSH-1.5-x\r\n', finding: { reason: 'unexpected' } },
  { name: 'ssh: another protocol', dialogue: sshDialogue, bytes: '220 x\r\n'.repeat(30), finding: { reason: 'protocol' } },
  { name: 'ssh: at its limit', dialogue: sshDialogue, bytes: 'Exceeded MaxStartups\r\n', finding: { outcome: 'degraded' } },
  {
    name: 'ssh: well, after a word of welcome',
    dialogue: sshDialogue,
    bytes: 'hello\r\nSSH-1.99-x y\r\n',
    finding: { outcome: 'pass', detail: 'SSH-1.99-x y' },
  },
  { name: 'memcached: an error', dialogue: memcachedDialogue, bytes: 'SERVER_ERROR out of memory\r\n', finding: { reason: 'unwell' } },
  {
    name: 'memcached: at its limit',
    dialogue: memcachedDialogue,
    bytes: 'ERROR Too many open connections\r\n',
    finding: { outcome: 'degraded' },
  },
  { name: 'memcached: another protocol', dialogue: memcachedDialogue, bytes: '+PONG\r\n', finding: { reason: 'protocol' } },
  {
    name: 'script: never within bounds',
    dialogue: () => script({ expect: 'x' }),
    bytes: 'a'.repeat(64),
    finding: { reason: 'unexpected', detail: /"x" \(step 1\)/ },
  },
  {
    name: 'script: what must not come',
    dialogue: () => script({ expect: '+PONG', unless: '-' }),
    bytes: '-ERR a secret\r\n+PONG',
    finding: { reason: 'unexpected', detail: 'what must not come has come instead of "+PONG" (step 1)' },
  },
  {
    name: 'script: what must not come, after what must',
    dialogue: () => script({ expect: '+PONG', unless: '-' }),
    bytes: '+PONG -',
    finding: { outcome: 'pass' },
  },
  {
    name: 'script: a step looks at what follows',
    dialogue: () => script({ expect: 'a' }, { expect: 'a' }),
    bytes: 'ab',
    finding: { reason: 'closed', detail: /step 2/ },
  },
  {
    name: 'script: texts, patterns and bytes',
    dialogue: () => script({ sendHex: '41 0d0A' }, { expect: { pattern: '^\\d+ ' } }, { send: 'é' }, { expectHex: 'ff00' }),
    bytes: '220 \u00FF\u0000',
    finding: { outcome: 'pass', detail: '4 steps, 6 bytes read' },
    said: `A\r\n${Buffer.from('é').toString('latin1')}`,
  },
]

describe('a dialogue', () => {
  it.each(rows)('$name', ({ dialogue, bytes, finding, said }) => {
    const rehearsal = rehearse(dialogue(), bytes)
    const { detail = '', ...rest } = finding as { detail?: string | RegExp }
    expect(rehearsal.finding).toMatchObject(rest)
    expect(rehearsal.finding.detail).toMatch(detail)
    expect(rehearsal.said).toBe(said ?? rehearsal.said)
  })

  const all: readonly (() => Dialogue)[] = [
    smtp,
    () => smtp('starttls'),
    () => ftpDialogue({ security: 'starttls' }),
    () => imapDialogue({ security: 'starttls' }),
    () => pop3Dialogue({ security: 'starttls' }),
    sshDialogue,
    memcachedDialogue,
    () => redisDialogue({ user: 'me', password: 'secret', role: 'replica', maxLagSeconds: 5 }),
    () => redisDialogue({ role: 'any' }),
    () => mysqlDialogue('me'),
    () => postgresDialogue({ security: 'starttls', user: 'me' }),
    () => postgresDialogue({ security: 'none', user: 'me' }),
    () => script({ expect: { pattern: '(a|b)+c' }, unless: 'x' }, { expectHex: '00' }),
  ]
  // Words that lead the protocols on, between any bytes at all.
  const word = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom(
        '220 x\r\n',
        '250-y\r\n',
        '250 STARTTLS\r\n',
        '+OK\r\n',
        '+PONG\r\n',
        '-ERR x\r\n',
        '$5\r\n',
        '* OK\r\n',
        'h1 OK\r\n',
        '234 x\r\n',
        'S',
        'N',
        'R\0\0\0\u0008',
        'E\0\0\0\u0009C53300\0',
        '\u0005\0\0\0\u000A5.5\0',
        '\u0007\0\0\u0002\u00FF\u0010\u0004#aaa',
        'a\r\n',
        'role:slave\r\n',
      )
      .map((text) => Buffer.from(text, 'latin1')),
  )

  it('comes to an end within bounds, whatever a server says', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 150 }), fc.constantFrom(...all), (words, dialogue) => {
        const { finding, moves } = rehearse(dialogue(), Buffer.concat(words))
        expect(finding.detail).not.toBe('')
        expect(moves).toBeLessThan(500)
      }),
      { numRuns: 500 },
    )
  })
})
