import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import type { CheckStatus, Status } from '@hotspare/api'
import { expect, it, onTestFinished } from 'vitest'
import { startReceiver } from '../compose.fixture.ts'
import { childrenOf, freePort, hotspare, type RunningDaemon, startDaemon, temporaryFolder, until } from './processes.fixture.ts'

async function listen(server: Server | TcpServer, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
}

/** A server on a port of its own that can be gone and come back. */
async function standIn(
  make: () => Server | TcpServer,
): Promise<{ readonly port: number; readonly start: () => Promise<void>; readonly kill: () => void }> {
  const port = await freePort()
  let server: Server | TcpServer | undefined
  const kill = () => {
    if (server && 'closeAllConnections' in server) server.closeAllConnections()
    server?.close()
    server = undefined
  }
  const start = async () => listen((server ??= make()), port)
  onTestFinished(kill)
  await start()
  return { port, start, kill }
}

const tcp = () => createTcpServer((socket) => void socket.on('error', () => {}).end())
const http = () => createServer((_request, response) => response.end('fine'))

interface Running extends RunningDaemon {
  readonly check: (name: string) => Promise<CheckStatus>
  readonly becomes: (name: string, state: string) => Promise<void>
}

/** A daemon whose file has nothing but checks. */
async function startWith(checks: string, receiver: { readonly url: string }): Promise<Running> {
  const daemon = await startDaemon(`
api: { listen: "127.0.0.1:0" }
# Wide, so that a busy machine has the time to find the cause.
health: { dependencyWindow: 30s }
checks:
${checks}
alerts: { channels: { ops: { type: webhook, url: "${receiver.url}" } } }
`)
  const check = async (name: string) => {
    const { checks: all = [] } = (await (await fetch(`${daemon.api}/api/v1/status`)).json()) as Status
    return all.find((each) => each.name === name)!
  }
  const becomes = (name: string, state: string) => until(async () => (await check(name)).state === state, `${name} is ${state}`)
  return { ...daemon, check, becomes }
}

const soon = 'interval: 100ms, timeout: 10s, fall: 2, rise: 1'

it('checks of every kind: down, an alert, up, its end; a job reports by the command line, and a killed control forgets nothing', async () => {
  const [receiver, port, web] = [await startReceiver(), await standIn(tcp), await standIn(http)]
  const flag = join(temporaryFolder(), 'there')
  const { api, child, check, becomes } = await startWith(
    `  port: { type: tcp, address: "127.0.0.1:${port.port}", ${soon} }
  site: { type: http, url: "http://127.0.0.1:${web.port}/", body: fine, ${soon} }
  script: { type: exec, file: test, args: ["!", -e, "${flag}"], ${soon} }
  disk: { type: system, what: disk, path: /, ${soon} }
  all: { type: all, of: { port: { type: tcp, address: "127.0.0.1:${port.port}" }, site: { type: http, url: "http://127.0.0.1:${web.port}/" } }, ${soon} }
  backup: { type: push, ttl: 1h, interval: 100ms }`,
    receiver,
  )
  for (const name of ['port', 'site', 'script', 'all']) await becomes(name, 'up')
  // Whether this machine's disk is full is not ours to say; that it is looked at is.
  await until(async () => (await check('disk')).last?.measures !== undefined, 'the disk has been looked at')
  expect((await check('backup')).state).toBe('unknown')

  const told = (status: string, key: string) => receiver.alerts.some((alert) => alert['status'] === status && alert['key'] === key)
  port.kill()
  await becomes('port', 'down')
  await becomes('all', 'down')
  await until(() => told('firing', 'check/port') && told('firing', 'check/all'), 'people are alarmed')
  expect(told('firing', 'check/site')).toBe(false)
  await port.start()
  await until(() => told('resolved', 'check/port') && told('resolved', 'check/all'), 'people hear of the end')

  const reported = await hotspare(['report', 'backup', '--url', api, '--ok', '--detail', '312 rows', '--measure', 'rows-count=312'])
  expect(reported).toMatchObject({ code: 0, stdout: 'backup was told: pass, 312 rows; it was unknown before\n' })
  await becomes('backup', 'up')
  expect(await hotspare(['report', 'backup', '--url', api])).toMatchObject({ code: 2, stderr: expect.stringContaining('--ok') })
  expect(await hotspare(['report', 'port', '--url', api, '--fail'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it looks for itself'),
  })

  // What was reported outlives the control that was told.
  const [control] = childrenOf(child.pid ?? 0)
  process.kill(control!, 'SIGKILL')
  await until(async () => (await check('backup')).state === 'up', 'the next control knows of the backup')
  expect(await check('backup')).toMatchObject({ report: { outcome: 'pass', detail: '312 rows', measures: { 'rows-count': 312 } } })

  const status = await hotspare(['status', '--url', api])
  expect(status.stdout).toMatch(/^checks\n(?: {2}.*\n)* {2}backup +up .*push .*reported .* ago/m)
  const explained = await hotspare(['explain', 'site', '--url', api])
  expect(explained.stdout).toMatch(/^site \(http:.*\) is up since .*\n(?:.*\n)*.*passed after .*first-byte/m)
  const metrics = await (await fetch(`${api}/metrics`)).text()
  expect(metrics).toContain('hotspare_check_state{check="port",state="up"} 1')
  expect(metrics).toMatch(/hotspare_probe_phase_seconds\{check="site",phase="connect"\} \d/)
  expect(metrics).toContain('hotspare_probe_measure{check="backup",measure="rows-count"} 312')
}, 120_000)

it('three things behind one dead switch: exactly one alert, which names it', async () => {
  const [receiver, uplink, other] = [await startReceiver(), await standIn(tcp), await standIn(tcp)]
  const behind = ['web', 'mail', 'shop']
  const { api, becomes, check } = await startWith(
    `  uplink: { type: tcp, address: "127.0.0.1:${uplink.port}", interval: 1s, timeout: 10s, fall: 2, rise: 1 }
${behind.map((name) => `  ${name}: { type: tcp, address: "127.0.0.1:${other.port}", ${soon}, dependsOn: [uplink] }`).join('\n')}`,
    receiver,
  )
  for (const name of ['uplink', ...behind]) await becomes(name, 'up')
  // They go at the same moment, and what leans on it is noticed first: it is looked at more often.
  other.kill()
  uplink.kill()
  for (const name of behind) await becomes(name, 'down')
  for (const name of behind) await until(async () => (await check(name)).unreachable?.rootCause[0] === 'uplink', `${name} is unreachable`)
  await until(() => receiver.alerts.length > 0, 'somebody is told')
  expect((await hotspare(['status', '--url', api])).stdout).toMatch(/^ {2}mail +unreachable .*because of uplink/m)
  await other.start()
  await uplink.start()
  for (const name of ['uplink', ...behind]) await becomes(name, 'up')
  await until(() => receiver.alerts.length >= 2, 'somebody is told of the end')
  expect(receiver.alerts.map(({ status, key }) => `${String(status)} ${String(key)}`)).toEqual([
    'firing check/uplink',
    'resolved check/uplink',
  ])
}, 120_000)
