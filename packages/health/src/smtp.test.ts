import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from './certificates.fixture.ts'
import { loopbackServer } from './testing/index.ts'
import { smtpProbe, type SmtpProbeOptions } from './smtp.ts'
import { lineServer } from './dialogue/servers.fixture.ts'

const host = '127.0.0.1'

async function mailServer(options: SMTPServerOptions) {
  const names: unknown[] = []
  const server = new SMTPServer({
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1,
    authOptional: true,
    onClose: ({ hostNameAppearsAs, secure }) => void names.push([hostNameAppearsAs, secure]),
    ...options,
  })
  // What a client that breaks off leaves behind is no failure of the test.
  server.on('error', () => {})
  server.listen(0, host)
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo
  return { names, probe: (more: Partial<SmtpProbeOptions> = {}) => smtpProbe({ host, port, timeoutMs: 10_000, ...more }) }
}

describe('smtpProbe', () => {
  it.each([{ helo: 'a b' }, { helo: 'x\r\nMAIL FROM:<a@b>' }, { security: 'ssl' }])('rejects %j', (options) => {
    expect(() => smtpProbe({ host, ...options } as never)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })

  it('takes no word in the clear for one that was said under TLS', async () => {
    await using server = await lineServer({
      greeting: '220 x\r\n',
      replies: [
        [/^EHLO/, '250-x\r\n250 STARTTLS\r\n'],
        [/^STARTTLS/, '220 go\r\n250 put in by somebody\r\n'],
      ],
    })
    const probe = smtpProbe({ host, port: server.port, timeoutMs: 10_000, security: 'starttls' })
    expect(await probe.run()).toMatchObject({ reason: 'protocol', detail: /in the clear/ })
  })

  it.each([
    { name: 'garbage', answer: (socket: Socket) => socket.write('no TLS here\r\n'), reason: 'tls', timeoutMs: 10_000 },
    { name: 'a hang-up', answer: (socket: Socket) => socket.end(), reason: 'closed', timeoutMs: 10_000 },
    { name: 'a reset', answer: (socket: Socket) => socket.resetAndDestroy(), reason: 'reset', timeoutMs: 10_000 },
    { name: 'silence', answer: () => {}, reason: 'timeout', timeoutMs: 150 },
  ])('names $name after STARTTLS as $reason', async ({ answer, reason, timeoutMs }) => {
    await using server = await loopbackServer((socket) => {
      socket.write('220 x\r\n')
      socket.on('data', (data) => {
        const said = data.toString('latin1')
        if (said.startsWith('EHLO')) socket.write('250-x\r\n250 STARTTLS\r\n')
        else if (said.startsWith('STARTTLS')) socket.write('220 go\r\n')
        else answer(socket)
      })
    })
    const result = await smtpProbe({ host, port: server.port, timeoutMs, security: 'starttls' }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(/TLS/)
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('knows the port of each kind of TLS', () => {
    expect(smtpProbe({ host }).address).toBe('127.0.0.1:25')
    expect(smtpProbe({ host, security: 'tls' }).address).toBe('127.0.0.1:465')
  })
})

describe('a real mail server', () => {
  it('is greeted by name, and left in good order', async () => {
    const { names, probe } = await mailServer({ disabledCommands: ['STARTTLS'] })
    const result = await probe({ helo: 'watch.example' }).run()
    expect(result).toMatchObject({ outcome: 'pass', detail: /^220 .*extensions$/ })
    expect(result.phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'transfer'])
    await expect.poll(() => names, { timeout: 10_000 }).toEqual([['watch.example', false]])
    expect(await probe({ security: 'starttls' }).run()).toMatchObject({ reason: 'tls', detail: 'the server does not offer STARTTLS' })
  })

  it('is looked at over TLS, from the start or with STARTTLS, by those who trust it', async (context) => {
    const certificate = selfSigned()
    if (!certificate) return context.skip('not installed: openssl')
    const { key, cert } = certificate
    const tls = { ca: cert, servername: 'shop.example' }
    const later = await mailServer({ key, cert })
    const result = await later.probe({ security: 'starttls', tls }).run()
    expect(result).toMatchObject({ outcome: 'pass' })
    expect(result.phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'tls', 'transfer'])
    await expect.poll(() => later.names, { timeout: 10_000 }).toEqual([['localhost', true]])
    expect(await later.probe({ security: 'starttls' }).run()).toMatchObject({ reason: 'tls' })
    expect(await later.probe({ security: 'starttls', tls: { ...tls, servername: 'bank.example' } }).run()).toMatchObject({ reason: 'tls' })
    const fromTheStart = await mailServer({ secure: true, key, cert })
    expect(await fromTheStart.probe({ security: 'tls', tls }).run()).toMatchObject({ outcome: 'pass' })
    expect(await fromTheStart.probe({ security: 'tls' }).run()).toMatchObject({ reason: 'tls' })
  })
})
