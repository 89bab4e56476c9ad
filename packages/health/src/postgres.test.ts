import { chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { postgresStartup } from './dialogue/postgres-messages.ts'
import { certificateFiles } from './certificates.fixture.ts'
import { findProgram, runProgram, temporaryFolder } from './dialogue/program.fixture.ts'
import { postgresProbe } from './postgres.ts'
import { closedPort } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 10_000

/** Debian keeps the programs off PATH. */
function binaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).filter((version) => existsSync(join(root, version, 'bin/postgres'))) : []
  const newest = versions.toSorted((left, right) => Number(right) - Number(left))[0]
  if (newest !== undefined) return join(root, newest, 'bin')
  const found = findProgram('postgres')
  return found === undefined ? undefined : dirname(found)
}

/** PostgreSQL refuses to be root. */
function owner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const [, , uid, gid] = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

async function startPostgres(bin: string) {
  const port = await closedPort()
  const folder = temporaryFolder()
  const who = owner()
  const certificate = certificateFiles(folder)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'p4ss')
  for (const path of [folder, passwordFile, certificate?.keyFile, certificate?.certFile])
    if (path !== undefined && who) chownSync(path, who.uid, who.gid)
  const data = join(folder, 'data')
  const made = ['-D', data, '-U', 'admin', '-A', 'scram-sha-256', '--pwfile', passwordFile, '--no-sync', '--no-locale', '-E', 'UTF8']
  execFileSync(join(bin, 'initdb'), made, { ...who, cwd: '/', stdio: 'pipe' })
  const tls = certificate ? ['ssl=on', `ssl_cert_file=${certificate.certFile}`, `ssl_key_file=${certificate.keyFile}`] : []
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=5',
    'fsync=off',
    'shared_buffers=16MB',
    ...tls,
  ]
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  return { ...(await runProgram(join(bin, 'postgres'), args, port, { ...who, cwd: '/', killSignal: 'SIGQUIT' })), port, certificate }
}

describe('postgresProbe', () => {
  it.each([{ database: 'x' }, { user: 'a\0b' }, { security: 'tls' }, { password: 'x' }])('rejects %j', (options) => {
    expect(() => postgresProbe({ host, ...options } as never)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })
})

describe('a real PostgreSQL', () => {
  it('answers in the clear and over TLS, asks a user for a password, and refuses when it is gone', async (context) => {
    const bin = binaries()
    if (bin === undefined) return context.skip('not installed: postgres (apt-get install postgresql)')
    if (process.getuid?.() === 0 && !owner()) return context.skip('postgres does not run as root, and there is no user postgres')
    const { port, certificate, child, kill } = await startPostgres(bin)
    expect(await postgresProbe({ host, port, timeoutMs }).run()).toMatchObject({ outcome: 'pass', detail: /^answers/ })
    // Until it has started, it says so in its own words: 57P03.
    const asAdmin = postgresProbe({ host, port, timeoutMs, user: 'admin', database: 'postgres' })
    await expect.poll(() => asAdmin.run(), { timeout: 15_000 }).toMatchObject({ outcome: 'pass', detail: 'asks for SCRAM' })
    expect(await postgresProbe({ host, port, timeoutMs, user: 'nobody' }).run()).toMatchObject({
      outcome: 'pass',
      detail: 'asks for SCRAM',
    })
    if (!certificate) return context.skip('not installed: openssl')
    const overTls = { host, port, timeoutMs, security: 'starttls', user: 'admin' } as const
    const trusted = { ca: certificate.ca, servername: 'shop.example' }
    expect(await postgresProbe({ ...overTls, tls: trusted }).run()).toMatchObject({ outcome: 'pass', detail: 'asks for SCRAM' })
    expect(await postgresProbe({ ...overTls, tls: { ...trusted, servername: 'bank.example' } }).run()).toMatchObject({ reason: 'tls' })
    expect(await postgresProbe(overTls).run()).toMatchObject({ reason: 'tls' })
    // Sessions in the middle of their beginning take places too.
    const guests = Array.from({ length: 6 }, () => connect({ host, port }).on('error', () => {}))
    onTestFinished(() => {
      for (const guest of guests) guest.destroy()
    })
    for (const guest of guests) guest.write(postgresStartup('admin', 'postgres'))
    await Promise.all(guests.map((guest) => once(guest, 'data')))
    expect(await asAdmin.run()).toMatchObject({ outcome: 'degraded', detail: /^error 53300/ })
    // A smart shutdown waits for them, and takes nobody else; the main process alone still answers.
    child.kill('SIGTERM')
    await expect.poll(() => asAdmin.run(), { timeout: 15_000 }).toMatchObject({ reason: 'unwell', detail: /^error 57P03/ })
    expect(await postgresProbe({ host, port, timeoutMs }).run()).toMatchObject({ outcome: 'pass' })
    await kill()
    expect(await asAdmin.run()).toMatchObject({ reason: 'refused' })
  })
})
