import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findProgram, runProgram, temporaryFolder } from './dialogue/program.fixture.ts'
import { mysqlProbe } from './mysql.ts'
import { closedPort } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 10_000
const program = findProgram('mariadbd')

/** Without the tables of an installation, which take seconds to make: every user is let in. */
async function startMariaDb() {
  const port = await closedPort()
  const folder = temporaryFolder()
  const datadir = join(folder, 'data')
  mkdirSync(datadir)
  const settings = {
    user: userInfo().username,
    datadir,
    tmpdir: folder,
    socket: join(folder, 'socket'),
    'pid-file': join(folder, 'pid'),
    port,
    'bind-address': host,
    'max-connections': 10,
    'log-warnings': 4,
    'innodb-log-file-size': '4M',
    'innodb-buffer-pool-size': '8M',
    'innodb-data-file-path': 'ibdata1:5M:autoextend',
    'innodb-flush-method': 'nosync',
  }
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const server = await runProgram(program ?? '', ['--no-defaults', '--skip-grant-tables', ...args], port, { cwd: folder })
  return { ...server, port }
}

describe('mysqlProbe', () => {
  it.each([{ user: '' }, { user: 'a\0b' }, { user: 'a'.repeat(64) }, { password: 'x' }])('rejects %j', (options) => {
    expect(() => mysqlProbe({ host, ...options })).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
  })
})

describe('a real MariaDB', () => {
  it('tells its version, logs a user in, and is degraded at its limit of connections', async (context) => {
    if (program === undefined) return context.skip('not installed: mariadbd (apt-get install mariadb-server-core)')
    const server = await startMariaDb()
    const { port } = server
    const loggedIn = mysqlProbe({ host, port, timeoutMs, user: 'watch' })
    // The first connections only looked whether it is there.
    const broken = () => server.log().match(/Aborted connection/g)?.length ?? 0
    await expect.poll(broken, { timeout: 10_000 }).toBeGreaterThan(0)
    const before = broken()
    for (let count = 0; count < 3; count += 1) {
      expect(await loggedIn.run()).toMatchObject({ outcome: 'pass', detail: /^\d+\.\d+\.\d+-MariaDB\S*, logged in$/ })
    }
    const anonymous = mysqlProbe({ host, port, timeoutMs })
    expect(await anonymous.run()).toMatchObject({ outcome: 'pass', detail: /^\d+\.\d+\.\d+-MariaDB\S*$/ })
    // Only the one without a user leaves a handshake in the middle.
    await expect.poll(broken, { timeout: 10_000 }).toBe(before + 1)

    const guests = Array.from({ length: 11 }, () => connect({ host, port }).on('error', () => {}))
    onTestFinished(() => {
      for (const guest of guests) guest.destroy()
    })
    // Each has its greeting, or the refusal of it.
    await Promise.all(guests.map((guest) => once(guest, 'data')))
    expect(await loggedIn.run()).toMatchObject({ outcome: 'degraded', detail: 'error 1040: Too many connections' })
    await server.kill()
    expect(await anonymous.run()).toMatchObject({ reason: 'refused' })
  })
})
