import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smtpChannel } from './smtp.ts'
import { defaultSender, parseMailbox, type SmtpServer, smtpServer } from './smtp-options.ts'

describe('the options of smtpChannel', () => {
  it.each([
    ['a URL of another kind', { url: 'https://me:T0K3N@mail' }, /url: write smtp:/],
    ['no host', { url: 'smtp://' }, /url: write smtp:/],
    ['settings in the URL', { url: 'smtp://me:T0K3N@mail/?secure=false' }, /url: nothing follows the host and the port/],
    ['a password that cannot be decoded', { url: 'smtp://me:T0K3N%zz@mail' }, /url: write a % in user and password as %25/],
    ['nobody to write to', { to: [] }, /to: /],
    ['two addresses in one', { to: ['a@example.com, b@example.com'] }, /to\.0: expected an address/],
    ['a sender with a line break', { from: 'a@example.com\r\nBcc: b@example.com' }, /from: expected an address/],
    ['an unknown option', { starttls: true }, /Unrecognized key: "starttls"/],
  ])('refuse %s, without showing a secret', (_case, options, message) => {
    const build = () => smtpChannel({ name: 'mail', url: 'smtp://mail', to: ['ops@example.com'], ...options })
    expect(build).toThrow(expect.objectContaining({ code: 'HOTSPARE_ALERT_OPTIONS', message: expect.stringMatching(message) }))
    expect(build).not.toThrow(/T0K3N/)
  })
})

describe('smtpServer', () => {
  const plain: SmtpServer = { host: 'mail', port: 25, implicitTls: false, tls: 'opportunistic', auth: undefined }

  it.each<[string, Parameters<typeof smtpServer>[0], SmtpServer]>([
    ['takes port 25 and what encryption there is', { url: 'smtp://mail' }, plain],
    ['takes the port of the URL', { url: 'smtp://mail:2525/' }, { ...plain, port: 2525 }],
    ['takes port 465 and insists on TLS for smtps', { url: 'smtps://mail' }, { ...plain, port: 465, implicitTls: true, tls: 'required' }],
    [
      'sends no password over a network without TLS',
      { url: 'smtp://me:p%40ss@mail:587' },
      { ...plain, port: 587, tls: 'required', auth: { user: 'me', pass: 'p@ss' } },
    ],
    [
      'sends a password in the clear on this machine',
      { url: 'smtp://me:x@127.0.0.1' },
      { ...plain, host: '127.0.0.1', auth: { user: 'me', pass: 'x' } },
    ],
    ['does as it is told', { url: 'smtp://me:x@mail', tls: 'opportunistic' }, { ...plain, auth: { user: 'me', pass: 'x' } }],
    ['reads an IPv6 address', { url: 'smtp://[::1]:25' }, { ...plain, host: '::1' }],
  ])('%s', (_case, options, expected) => {
    expect(smtpServer(options)).toEqual(expected)
  })
})

describe('parseMailbox', () => {
  it.each([
    '',
    'ops',
    '@example.com',
    'a@b@c',
    'a b@example.com',
    'A <a@example.com',
    'A <a@example.com> <b@example.com>',
    'A, B <a@example.com>',
    'a@example.com;b',
    'a@[1.2.3.4]',
  ])('refuses %j', (text) => {
    expect(parseMailbox(text)).toBeUndefined()
  })

  it.each([
    ['ops@example.com', '', 'ops@example.com'],
    [' On Call <ops+x@example.com> ', 'On Call', 'ops+x@example.com'],
    ['Ops@KÖLN.example', '', 'Ops@xn--kln-sna.example'],
  ])('reads %j', (text, name, address) => {
    expect(parseMailbox(text)).toEqual({ name, address })
  })

  it('never lets a line break or a second address through', () => {
    const near = fc.array(fc.constantFrom('a', '@', 'b.c', '<', '>', ' ', ',', '\r\n', '"', '\u0000', ';', 'ä'), { maxLength: 12 })
    fc.assert(
      fc.property(near, (parts) => {
        const mailbox = parseMailbox(parts.join(''))
        if (!mailbox) return
        expect(`${mailbox.name}${mailbox.address}`).not.toMatch(/[\p{Cc}<>,;"]/u)
        expect(mailbox.address.split('@')).toHaveLength(2)
      }),
    )
  })
})

describe('defaultSender', () => {
  const recipient = { name: '', address: 'ops@example.com' }
  it('is the user of the server where that is an address, and else at home where the recipient is', () => {
    expect(defaultSender('bot@example.net', recipient)).toEqual({ name: '', address: 'bot@example.net' })
    expect(defaultSender('bot', recipient)).toEqual({ name: 'Hotspare', address: 'hotspare@example.com' })
    expect(defaultSender(undefined, recipient)).toEqual({ name: 'Hotspare', address: 'hotspare@example.com' })
  })
})
