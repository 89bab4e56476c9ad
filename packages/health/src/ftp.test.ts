import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { certificateFiles } from './certificates.fixture.ts'
import { findProgram, runProgram, temporaryFolder } from './dialogue/program.fixture.ts'
import { ftpProbe } from './ftp.ts'
import { closedPort } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 10_000
const program = findProgram('vsftpd')

describe('a real vsftpd', () => {
  it('greets in the clear and over TLS, and refuses when it is gone', async (context) => {
    if (program === undefined) return context.skip('not installed: vsftpd (apt-get install vsftpd)')
    if (process.getuid?.() !== 0) return context.skip('vsftpd checks who owns its files: needs root')
    const port = await closedPort()
    const folder = temporaryFolder()
    const certificate = certificateFiles(folder)
    if (!certificate) return context.skip('not installed: openssl')
    const settings = {
      listen: 'YES',
      background: 'NO',
      listen_address: host,
      listen_port: port,
      anonymous_enable: 'YES',
      anon_root: folder,
      secure_chroot_dir: folder,
      seccomp_sandbox: 'NO',
      ssl_enable: 'YES',
      allow_anon_ssl: 'YES',
      force_anon_logins_ssl: 'NO',
      rsa_cert_file: certificate.certFile,
      rsa_private_key_file: certificate.keyFile,
      xferlog_enable: 'NO',
    }
    const file = join(folder, 'vsftpd.conf')
    writeFileSync(
      file,
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    const { kill } = await runProgram(program, [file], port)
    const probe = ftpProbe({ host, port, timeoutMs })
    expect(await probe.run()).toMatchObject({ outcome: 'pass', detail: /^220 / })
    const tls = { ca: certificate.ca, servername: 'shop.example' }
    expect(await ftpProbe({ host, port, timeoutMs, security: 'starttls', tls }).run()).toMatchObject({ outcome: 'pass' })
    expect(await ftpProbe({ host, port, timeoutMs, security: 'starttls' }).run()).toMatchObject({ reason: 'tls' })
    await kill()
    expect(await probe.run()).toMatchObject({ reason: 'refused' })
  })
})
