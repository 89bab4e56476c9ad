import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TestClock } from '@hotspare/core/testing'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it } from 'vitest'
import { createAlerter } from './alerter.ts'
import type { AlertEvent } from './events.ts'
import { smtpChannel, type SmtpChannelOptions } from './smtp.ts'
import { describeChannelContract, type ReceiverBehaviour } from './testing/channel-contract.ts'
import { sampleAlert } from './testing/sample-alert.ts'

interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly secure: boolean
  /** Header lines, unfolded. */
  readonly headers: readonly string[]
  readonly body: string
}

const PASSWORD = 'p@ss/T0K3N'
const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const refusal = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

/** A real mail server on loopback, without TLS and passwords unless told. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1,
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const [head = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n')
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          headers: head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n'),
          body: rest.join('\r\n\r\n'),
        })
        callback(null, 'queued as 4711')
      })
    },
    ...options,
  })
  // What a client that breaks off leaves behind is no failure of the test.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const stop = () => new Promise<void>((resolve) => server.close(resolve))
  cleanups.push(stop)
  return { mails, port: (server.server.address() as AddressInfo).port, stop }
}

/** Something on the port that is no mail server, or not for long. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

const channelTo = (port: number, options: Partial<SmtpChannelOptions> = {}) =>
  smtpChannel({ name: 'mail', url: `smtp://127.0.0.1:${port}`, to: ['ops@example.com'], ...options })

const header = (mail: ReceivedMail | undefined, name: string) =>
  mail?.headers.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)).map((line) => line.slice(name.length + 1).trim())

describe('the mail', () => {
  it('holds what people need', async () => {
    const { mails, port } = await mailServer()
    const channel = channelTo(port, {
      from: 'Watch <watch@example.net>',
      to: ['ops@example.com', 'Boss <boss@example.com>'],
      clock: new TestClock(),
    })
    expect(await channel.send(sampleAlert())).toEqual({ ok: true, receipt: '250 queued as 4711' })
    const [mail] = mails
    expect(mail).toMatchObject({ from: 'watch@example.net', to: ['ops@example.com', 'boss@example.com'] })
    expect(mail?.headers).toEqual(
      expect.arrayContaining([
        'From: Watch <watch@example.net>',
        'To: ops@example.com, Boss <boss@example.com>',
        'Subject: [CRITICAL] shop: target a is down',
        'Date: Tue, 14 Nov 2023 22:13:20 +0000',
        'Auto-Submitted: auto-generated',
      ]),
    )
    expect(mail?.body).toBe(
      [
        'shop: target a is down',
        '',
        '3 probes in a row failed: connection refused',
        '',
        'Status: firing',
        'Severity: critical',
        'What: target-down',
        'About: target/shop/a',
        'When: 2023-11-14T22:13:20.000Z',
        'pool: shop',
        'target: a',
        'Alert: alert-1',
        '',
      ].join('\r\n'),
    )
  })

  it('gets no header, no recipient and no command from a title that tries', async () => {
    const { mails, port } = await mailServer()
    await channelTo(port).send(sampleAlert())
    const title = 'down\r\nBcc: evil@example.org\r\n\r\nfake body\r\n.\r\nMAIL FROM:<evil@example.org>'
    await channelTo(port).send(sampleAlert({ title, key: title, id: title, labels: { [title]: title } }))
    const [harmless, mail] = mails
    expect(mails).toHaveLength(2)
    expect(mail?.to).toEqual(['ops@example.com'])
    expect(header(mail, 'Subject')).toEqual(['[CRITICAL] down Bcc: evil@example.org fake body . MAIL FROM:<evil@example.org>'])
    const names = (some: ReceivedMail | undefined) => some?.headers.map((line) => line.replace(/:.*/, ''))
    expect(names(mail)).toEqual(names(harmless))
  })

  it('has a Message-ID that is the alert’s own, on every attempt and after a restart', async () => {
    const { mails, port } = await mailServer()
    await channelTo(port).send(sampleAlert())
    await channelTo(port).send(sampleAlert())
    await channelTo(port).send(sampleAlert({ id: 'alert-2' }))
    const [first, again, other] = mails.map((mail) => header(mail, 'Message-ID')?.[0])
    expect(first).toMatch(/^<[0-9a-f]{40}@example\.com>$/)
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  it('answers, when it resolves, the mail that fired last for the same key, and no other', async () => {
    const { mails, port } = await mailServer()
    const channel = channelTo(port)
    await channel.send(sampleAlert({ id: 'down-a', key: 'a' }))
    await channel.send(sampleAlert({ id: 'down-b', key: 'b' }))
    await channel.send(sampleAlert({ id: 'up-a', key: 'a', status: 'resolved' }))
    await channel.send(sampleAlert({ id: 'up-a-2', key: 'a', status: 'resolved' }))
    const [firing, , resolved, unmatched] = mails
    expect(header(resolved, 'In-Reply-To')).toEqual(header(firing, 'Message-ID'))
    expect(header(resolved, 'References')).toEqual(header(firing, 'Message-ID'))
    expect(header(resolved, 'Subject')).toEqual(['[RESOLVED] shop: target a is down'])
    expect(header(unmatched, 'In-Reply-To')).toEqual([])
  })
})

describe('a mail server that fails', () => {
  it('may be tried again when nobody listens', async () => {
    const { port, stop } = await mailServer()
    await stop()
    expect(await channelTo(port).send(sampleAlert())).toMatchObject({ ok: false, retryable: true, reason: /ECONNREFUSED/ })
  })

  it('is given up on when it takes the connection and says nothing', async () => {
    const port = await rawServer(() => {})
    expect(await channelTo(port, { timeoutMs: 100 }).send(sampleAlert())).toMatchObject({
      ok: false,
      retryable: true,
      reason: /within 100 ms|Greeting never received|Timeout/,
    })
  })

  it('may be tried again when it dies in the middle of the mail', async () => {
    const port = await rawServer((socket) => {
      socket.write('220 ready\r\n')
      socket.on('data', (data) => {
        const command = data.toString().slice(0, 4)
        if (command === 'DATA') return void socket.write('354 go on\r\n', () => socket.resetAndDestroy())
        if (!socket.destroyed) socket.write('250 ok\r\n')
      })
    })
    expect(await channelTo(port).send(sampleAlert())).toMatchObject({ ok: false, retryable: true })
  })

  it('is left at once, in the middle of its work, when the signal aborts', async () => {
    const controller = new AbortController()
    const peer = new EventEmitter()
    const left = once(peer, 'left')
    const { mails, port } = await mailServer({
      onMailFrom: () => controller.abort(new Error('enough')),
      onClose: () => peer.emit('left'),
    })
    expect(await channelTo(port).send(sampleAlert(), { signal: controller.signal })).toMatchObject({
      ok: false,
      retryable: true,
      reason: /enough/,
    })
    await left
    expect(mails).toEqual([])
  })

  it.each([
    ['speaks no SMTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['greets without end', `220-${'a'.repeat(2_000_000)}`],
  ])('may be tried again when it %s', async (_case, bytes) => {
    const port = await rawServer((socket) => void socket.end(bytes))
    expect(await channelTo(port).send(sampleAlert())).toMatchObject({ ok: false, retryable: true, reason: /^.{1,200}$/ })
  })

  it('is not tried again when it refuses everybody for good', async () => {
    const { port } = await mailServer({ onRcptTo: (_address, _session, callback) => callback(refusal(550, '5.1.1 no such user')) })
    expect(await channelTo(port).send(sampleAlert())).toMatchObject({ ok: false, retryable: false, reason: /550 5\.1\.1 no such user/ })
  })

  it('is tried again, through an alerter, after a 451, and gets the mail once', async () => {
    let number = 0
    const { mails, port } = await mailServer({
      onMailFrom: (_address, _session, callback) => callback((number += 1) === 1 ? refusal(451, '4.7.1 greylisted') : null),
    })
    const alerter = createAlerter({ channels: [channelTo(port)], backoffBaseMs: 20 })
    const events: AlertEvent[] = []
    const delivered = new Promise<void>((resolve) => {
      alerter.subscribe((event) => {
        events.push(event)
        if (event.type === 'alert-delivered') resolve()
      })
    })
    await alerter.start()
    alerter.notify(sampleAlert())
    await delivered
    await alerter.stop()
    expect(events).toMatchObject([
      { type: 'alert-delayed', reason: /451 4\.7\.1 greylisted/ },
      { type: 'alert-delivered', receipt: '250 queued as 4711' },
    ])
    expect(mails).toHaveLength(1)
  })

  it('gets the mail again only for those who have not got it', async () => {
    let deferring = true
    const { mails, port } = await mailServer({
      onRcptTo: ({ address }, _session, callback) => callback(deferring && address.startsWith('slow') ? refusal(451, '4.2.1 later') : null),
    })
    const channel = channelTo(port, { to: ['Ops@Example.com', 'slow@example.com'] })
    expect(await channel.send(sampleAlert())).toMatchObject({
      ok: false,
      retryable: true,
      reason: /reached 1 of 2 recipients so far: .*451 4\.2\.1 later/,
    })
    deferring = false
    expect(await channel.send(sampleAlert())).toMatchObject({ ok: true })
    expect(mails.map(({ to }) => to)).toEqual([['Ops@example.com'], ['slow@example.com']])
  })

  it('has done its part when it takes the mail for some and refuses the others for good', async () => {
    const { mails, port } = await mailServer({
      onRcptTo: ({ address }, _session, callback) => callback(address.startsWith('gone') ? refusal(550, '5.1.1 no such user') : null),
    })
    const channel = channelTo(port, { to: ['gone@example.com', 'ops@example.com'] })
    expect(await channel.send(sampleAlert())).toMatchObject({ ok: true, receipt: /^1 of 2 recipients accepted: .*550 5\.1\.1/ })
    expect(mails).toHaveLength(1)
  })

  it('has done its part when those who were still to get it are refused for good at the second attempt', async () => {
    let code = 451
    const { port } = await mailServer({
      onRcptTo: ({ address }, _session, callback) => callback(address.startsWith('slow') ? refusal(code, 'mailbox busy') : null),
    })
    const channel = channelTo(port, { to: ['ops@example.com', 'slow@example.com'] })
    await channel.send(sampleAlert())
    code = 550
    expect(await channel.send(sampleAlert())).toMatchObject({ ok: true, receipt: /^1 of 2 recipients accepted/ })
  })
})

describe('TLS and passwords', () => {
  const withAuth: SMTPServerOptions = {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) =>
      username === 'me' && password === PASSWORD
        ? callback(null, { user: username })
        : callback(refusal(535, `5.7.8 wrong password ${password} / ${Buffer.from(`\0${username}\0${password}`).toString('base64')}`)),
  }
  const url = (port: number, password: string) => `smtp://me:${encodeURIComponent(password)}@127.0.0.1:${port}`

  it('does not repeat the password that the server repeats, and does not retry with it', async () => {
    const { port } = await mailServer(withAuth)
    const delivery = await channelTo(port, { url: url(port, 'wr0ng/T0K3N') }).send(sampleAlert())
    expect(delivery).toMatchObject({ ok: false, retryable: false, reason: /535 5\.7\.8 wrong password \*\*\* \/ \*\*\*/ })
    expect(JSON.stringify(delivery)).not.toContain('T0K3N')
  })

  it('leaves no half of the password where it cuts a long answer', async () => {
    const echo = `${'a'.repeat(110)} ${PASSWORD} `.repeat(3)
    const { port } = await mailServer({ ...withAuth, onMailFrom: (_address, _session, callback) => callback(refusal(451, echo)) })
    const delivery = await channelTo(port, { url: url(port, PASSWORD) }).send(sampleAlert())
    expect(delivery).toMatchObject({ ok: false, reason: /a \*\*\* a+.*…$/ })
    expect(JSON.stringify(delivery)).not.toMatch(/p@s/)
  })

  it('does not repeat the password in a receipt either', async () => {
    const onData: SMTPServerOptions['onData'] = (stream, _session, callback) => {
      stream.resume()
      stream.on('end', () => callback(null, `queued for me:${PASSWORD}`))
    }
    const { port } = await mailServer({ ...withAuth, onData })
    expect(await channelTo(port, { url: url(port, PASSWORD) }).send(sampleAlert())).toEqual({ ok: true, receipt: '250 queued for me:***' })
  })

  it('logs in with a percent-encoded password', async () => {
    const { mails, port } = await mailServer(withAuth)
    expect(await channelTo(port, { url: url(port, PASSWORD) }).send(sampleAlert())).toMatchObject({ ok: true })
    expect(mails).toHaveLength(1)
  })

  it('sends nothing where TLS is required and not offered', async () => {
    const { mails, port } = await mailServer()
    expect(await channelTo(port, { tls: 'required' }).send(sampleAlert())).toMatchObject({ ok: false, reason: /STARTTLS/ })
    expect(mails).toEqual([])
  })

  it('sends nothing where TLS is required and the certificate is nobody’s', async () => {
    const { mails, port } = await mailServer({ disabledCommands: ['AUTH'] })
    expect(await channelTo(port, { tls: 'required' }).send(sampleAlert())).toMatchObject({
      ok: false,
      retryable: true,
      reason: /certificate/,
    })
    expect(mails).toEqual([])
  })

  it('takes what encryption there is where that is enough', async () => {
    const { mails, port } = await mailServer({ disabledCommands: ['AUTH'] })
    expect(await channelTo(port).send(sampleAlert())).toMatchObject({ ok: true })
    expect(mails[0]?.secure).toBe(true)
  })

  it('starts with TLS at a smtps server', async () => {
    const { mails, port } = await mailServer({ secure: true, disabledCommands: ['AUTH'] })
    const channel = channelTo(port, { url: `smtps://127.0.0.1:${port}`, tls: 'opportunistic' })
    expect(await channel.send(sampleAlert())).toMatchObject({ ok: true })
    expect(mails[0]?.secure).toBe(true)
  })
})

describeChannelContract(
  { describe, it },
  {
    title: 'smtp channel',
    behaviours: ['accept', 'refuse-for-now', 'refuse-for-good', 'hang', 'gone'],
    async open() {
      let behaviour: ReceiverBehaviour = 'accept'
      const { mails, port, stop } = await mailServer({
        disabledCommands: ['STARTTLS'],
        allowInsecureAuth: true,
        onAuth: (_auth, _session, callback) => callback(null, { user: 'me' }),
        onMailFrom(_address, _session, callback) {
          if (behaviour === 'accept') callback()
          if (behaviour === 'refuse-for-now') callback(refusal(451, `4.3.0 not now, ${PASSWORD}`))
          if (behaviour === 'refuse-for-good') callback(refusal(550, `5.7.1 not you, ${PASSWORD}`))
        },
      })
      return {
        channel: channelTo(port, { url: `smtp://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}` }),
        async behave(next) {
          behaviour = next
          if (next === 'gone') await stop()
        },
        received: () => mails.map((mail) => header(mail, 'Message-ID')?.[0] ?? ''),
        secrets: [PASSWORD, encodeURIComponent(PASSWORD)],
        close: async () => {},
      }
    },
  },
)
