import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { certificateFiles } from './certificates.fixture.ts'
import { findProgram, runProgram, temporaryFolder } from './dialogue/program.fixture.ts'
import { imapProbe } from './imap.ts'
import { pop3Probe } from './pop3.ts'
import { closedPort } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 10_000
const program = findProgram('dovecot')

describe('a real Dovecot', () => {
  it('greets for IMAP and POP3, in the clear and over TLS, and refuses when it is gone', async (context) => {
    if (program === undefined || !existsSync('/usr/lib/dovecot/pop3-login'))
      return context.skip('not installed: dovecot (apt-get install dovecot-imapd dovecot-pop3d)')
    if (process.getuid?.() !== 0) return context.skip('dovecot starts its processes as other users: needs root')
    const folder = temporaryFolder()
    const certificate = certificateFiles(folder)
    if (!certificate) return context.skip('not installed: openssl')
    const ports = { imap: await closedPort(), imaps: await closedPort(), pop3: await closedPort(), pop3s: await closedPort() }
    const run = join(folder, 'run')
    mkdirSync(run)
    const listener = (name: keyof typeof ports) =>
      `inet_listener ${name} {\n address = ${host}\n port = ${ports[name]}\n${name.endsWith('s') ? ' ssl = yes\n' : ''}}\n`
    const config = `
base_dir = ${run}
state_dir = ${run}
log_path = /dev/stderr
protocols = imap pop3
ssl = yes
ssl_cert = <${certificate.certFile}
ssl_key = <${certificate.keyFile}
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
passdb {
 driver = static
 args = nopassword=y
}
service imap-login {
 chroot =
 ${listener('imap')}${listener('imaps')}}
service pop3-login {
 chroot =
 ${listener('pop3')}${listener('pop3s')}}
service anvil {
 chroot =
}
service stats {
 chroot =
}
`
    const file = join(folder, 'dovecot.conf')
    writeFileSync(file, config)
    const { kill } = await runProgram(program, ['-F', '-c', file], ports.imap, { killSignal: 'SIGTERM' })
    const tls = { ca: certificate.ca, servername: 'shop.example' }
    for (const probe of [imapProbe, pop3Probe]) {
      const [plain, secure] = probe === imapProbe ? [ports.imap, ports.imaps] : [ports.pop3, ports.pop3s]
      const at = { host, port: plain, timeoutMs }
      expect(await probe(at).run()).toMatchObject({ outcome: 'pass', detail: /ready/ })
      expect(await probe({ ...at, security: 'starttls', tls }).run()).toMatchObject({ outcome: 'pass' })
      expect(await probe({ ...at, security: 'starttls' }).run()).toMatchObject({ reason: 'tls' })
      expect(await probe({ ...at, port: secure, security: 'tls', tls }).run()).toMatchObject({ outcome: 'pass', detail: /ready/ })
      expect(await probe({ ...at, security: 'tls', tls }).run()).toMatchObject({ reason: 'tls' })
    }
    await kill()
    expect(await imapProbe({ host, port: ports.imap, timeoutMs }).run()).toMatchObject({ reason: 'refused' })
  })
})
