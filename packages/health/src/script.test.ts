import { createSecureContext, TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { selfSigned } from './certificates.fixture.ts'
import { lineServer } from './dialogue/servers.fixture.ts'
import { scriptProbe } from './script.ts'
import { loopbackServer } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 10_000

describe('scriptProbe', () => {
  it.each([
    { steps: [] },
    { steps: [{ expect: '' }] },
    { steps: [{ expect: { pattern: '(' } }] },
    { steps: [{ expect: { pattern: '(a)\\1' } }] },
    { steps: [{ sendHex: '0' }] },
    { steps: [{ expectHex: 'zz' }] },
    { steps: [{ startTls: false }] },
    { steps: [{ send: 'a', expect: 'b' }] },
    { steps: Array.from({ length: 51 }, () => ({ send: 'a' })) },
    { steps: [{ send: 'a' }], maxBytes: 0 },
    { steps: [{ send: 'a' }], security: 'starttls' },
    { steps: [{ expect: { pattern: 'a' } }], maxBytes: 65_537 },
    { steps: [{ expect: 'a', unless: { pattern: 'b' } }], maxBytes: 65_537 },
  ])('rejects %j', (options) => {
    expect(() => scriptProbe({ host, port: 1, ...options } as never)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })

  it('says and waits, step by step', async () => {
    await using server = await lineServer({
      greeting: 'hello\r\n',
      replies: [
        [/^LOGIN/, '+OK\r\n'],
        [/^STAT/, 'depth=12 age=3\r\n'],
      ],
    })
    const probe = scriptProbe({
      host,
      port: server.port,
      timeoutMs,
      steps: [
        { expect: 'hello' },
        { send: 'LOGIN me p4ss\r\n' },
        { expect: '+OK', unless: '-ERR' },
        { send: 'STAT\r\n' },
        { expect: { pattern: 'depth=\\d+' }, unless: { pattern: 'age=\\d{3}' } },
        { sendHex: '51 55 49 54' },
      ],
    })
    const result = await probe.run()
    expect(result).toMatchObject({ outcome: 'pass', detail: '6 steps, 20 bytes read' })
    expect(result.phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'transfer'])
  })

  it('repeats no secret that the server repeats', async () => {
    await using server = await lineServer({ replies: [[/^LOGIN/, '-ERR p4ss is wrong\r\n']] })
    const steps = [{ send: 'LOGIN me p4ss\r\n' }, { expect: '+OK', unless: '-ERR' }]
    const result = await scriptProbe({ host, port: server.port, timeoutMs, steps }).run()
    expect(result).toMatchObject({ reason: 'unexpected', detail: 'what must not come has come instead of "+OK" (step 2)' })
    expect(JSON.stringify(result)).not.toContain('p4ss')
  })

  it('hears what a server said before it hung up, and fails where that was not all', async () => {
    await using server = await loopbackServer((socket) => void socket.write('hello\r\n-ERR closing\r\n', () => socket.destroySoon()))
    const sends = Array.from({ length: 20 }, () => ({ send: 'more\r\n' }))
    const at = { host, port: server.port, timeoutMs }
    const heard = [{ expect: 'hello\r\n' }, ...sends, { expect: '+OK', unless: '-ERR' }]
    expect(await scriptProbe({ ...at, steps: heard }).run()).toMatchObject({ reason: 'unexpected' })
    const missed = [{ expect: 'closing\r\n' }, ...sends, { expect: '+OK' }]
    expect(await scriptProbe({ ...at, steps: missed }).run()).toMatchObject({ reason: /^(?:closed|reset)$/ })
  })

  it('goes over to TLS where a step says so', async (context) => {
    const certificate = selfSigned()
    if (!certificate) return context.skip('not installed: openssl')
    const secureContext = createSecureContext({ key: certificate.key, cert: certificate.cert })
    await using server = await loopbackServer((socket) => {
      socket.once('data', () => {
        socket.write('GO\r\n')
        const secure = new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {})
        secure.once('data', () => secure.write('secret things\r\n'))
      })
    })
    const steps = [{ send: 'TLS\r\n' }, { expect: 'GO\r\n' }, { startTls: true as const }, { send: 'hi\r\n' }, { expect: 'things' }]
    const at = { host, port: server.port, timeoutMs, steps }
    expect(await scriptProbe({ ...at, tls: { ca: certificate.cert, servername: 'shop.example' } }).run()).toMatchObject({ outcome: 'pass' })
    expect(await scriptProbe(at).run()).toMatchObject({ reason: 'tls' })
  })
})
