import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../certificates.fixture.ts'
import {
  childrenOf,
  freePort,
  hotspare,
  isAlive,
  killIfThere,
  need,
  type RunningDaemon,
  startDaemonFrom,
  temporaryFolder,
  until,
} from './processes.fixture.ts'
import {
  killed,
  type ReloadOrigin,
  pidsOf,
  reloadOf,
  startClients,
  startProgram,
  startReloadOrigin,
  startTalk,
  statusOf,
  timelineOf,
  workerOf,
} from './reload.fixture.ts'
import { clientAtWork, SECURE_NAME } from './secure-client.fixture.ts'

const patient = { timeout: 120_000 }

interface File {
  readonly targets: readonly string[]
  readonly balance?: string
  readonly more?: string
  readonly proxies?: string
  readonly drain?: string
}

interface Site {
  readonly file: string
  readonly origins: readonly ReloadOrigin[]
  readonly daemon: RunningDaemon
  readonly write: (changes: File | string) => void
  /** Where TLS is spoken, and with it HTTP/2. */
  readonly secureUrl: string
}

/** Three origins, of which the file may name some, and a daemon in front. */
async function startSite(first: File = { targets: ['one', 'two'] }): Promise<Site> {
  const origins = await Promise.all([startReloadOrigin(), startReloadOrigin(), startReloadOrigin()])
  const names = ['one', 'two', 'three']
  const folder = temporaryFolder()
  const file = join(folder, 'hotspare.yaml')
  const secure = `127.0.0.1:${await freePort()}`
  const certificate = selfSigned(SECURE_NAME)
  if (!certificate) throw new Error('openssl is not installed: no certificate to test with')
  for (const [name, text] of Object.entries(certificate)) writeFileSync(join(folder, `${name}.pem`), text)
  const write = (changes: File | string) => writeFileSync(file, typeof changes === 'string' ? changes : yamlOf(changes))
  const yamlOf = ({ targets, balance = 'round-robin', more = '', proxies = '', drain = '6s' }: File) => `
node: web-1
api: { listen: "127.0.0.1:0" }
pools:
  site:
    targets: [ ${targets.map((name) => `{ name: ${name}, url: "http://127.0.0.1:${origins[names.indexOf(name)]?.port}" }`).join(', ')} ]
    health: { type: http, path: /healthz, interval: 200ms, timeout: 5s }
    balance: ${balance}
proxies:
  - { name: web, listen: "127.0.0.1:0", pool: site, timeouts: { drain: ${drain} } }
  - { name: secure, listen: "${secure}", pool: site, tls: { certificates: [{ cert: ${folder}/cert.pem, key: ${folder}/key.pem }] } }
${proxies}
${more}
`
  write(first)
  return { file, origins, write, secureUrl: `https://${secure}/`, daemon: await startDaemonFrom(file) }
}

describe('a reload under load', () => {
  it(
    'adds a target and changes the algorithm, and no request fails; with curl, hey, undici, HTTP/2 and fresh connections',
    patient,
    async (context) => {
      need(context, 'curl', 'hey')
      const { daemon, origins, write, secureUrl } = await startSite()
      const { url } = daemon
      const clients = startClients(url)
      const secure = clientAtWork(secureUrl, true)
      const curl = startProgram('curl', ['-sS', '-w', '%{http_code}\n', '-o', '/dev/null', '--rate', '20/s', `${url}/?[1-90]`])
      const keeping = startProgram('hey', ['-z', '5s', '-c', '4', '-q', '10', `${url}/`])
      const fresh = startProgram('hey', ['-z', '5s', '-c', '4', '-q', '10', '-disable-keepalive', `${url}/`])
      await until(() => clients.sent() > 100, 'some load')
      await fetch(`${daemon.api}/api/v1/targets/site%2Ftwo/drain`, { method: 'POST' })
      const worker = await workerOf(daemon)
      let drained = 0
      await until(async () => {
        const before = origins[1]?.served() ?? 0
        const others = origins[0]?.served() ?? 0
        await until(() => (origins[0]?.served() ?? 0) > others + 20, 'requests elsewhere')
        drained = origins[1]?.served() ?? 0
        return drained === before
      }, 'no more requests at what is drained')

      // Whoever asks whether this node can be sent requests is never told that it cannot.
      const readiness = new Set<string>()
      const asking = setInterval(() => {
        fetch(`${daemon.api}/readyz`, { headers: { connection: 'close' } }).then(
          async (answer) => readiness.add(`${answer.status} ${await answer.text()}`),
          () => {},
        )
      }, 20)
      onTestFinished(() => clearInterval(asking))
      write({ targets: ['one', 'two', 'three'], balance: 'least-request' })
      expect(await reloadOf(daemon)).toEqual({
        ok: true,
        because: 'pool site: target three added, balance least-request (was round-robin)',
        changes: ['pool site: target three added, balance least-request (was round-robin)'],
        problems: [],
      })
      expect(await workerOf(daemon, worker)).not.toBe(worker)
      await until(() => (origins[2]?.served() ?? 0) > 20, 'requests at the target that is new')
      // What people have decided holds.
      await until(async () => (await statusOf(daemon)).pools[0]?.targets[0]?.state === 'up', 'a look of the new control')
      expect(origins[1]?.served()).toBe(drained)
      expect((await statusOf(daemon)).pools[0]).toMatchObject({
        balance: 'least-request',
        targets: [{ state: 'up' }, { state: 'draining' }, {}],
      })
      const types = (await timelineOf(daemon)).map(({ type }) => type)
      // The timeline goes on from where the last control left it.
      expect(types.slice(0, 1)).toEqual(['daemon-started'])
      expect(types.indexOf('reload-finished')).toBeGreaterThan(types.indexOf('target-drained'))

      await Promise.all([clients.stop(), secure.stop()])
      expect([...readiness]).toEqual(['200 {"ready":true,"notReady":[]}'])
      expect(clients.failures()).toEqual({ unexplained: [], lost: 0 })
      expect(secure.heard.failed).toEqual([])
      expect(secure.heard.answered).toBeGreaterThan(100)
      expect(new Set((await curl.ended).trim().split('\n'))).toEqual(new Set(['200']))
      for (const text of [await keeping.ended, await fresh.ended]) {
        expect(text).toMatch(/\[200\]\t\d+ responses/)
        expect(text).not.toMatch(/Error distribution|\[[3-5]\d\d\]\t/)
      }
    },
  )

  it('follows no file with errors, and says what is wrong as `check` does; nothing that cannot be had, either', patient, async () => {
    const { daemon, file, write } = await startSite()
    const clients = startClients(daemon.url)
    const before = await statusOf(daemon)

    write('pools: { site: { targets: ["10.0.0.1"] } }\nprxies: []\n')
    const [checked, reloaded] = [await hotspare(['check', '-c', file]), await hotspare(['reload', '--url', daemon.api])]
    expect(reloaded).toMatchObject({ code: 1, stdout: '' })
    expect(reloaded.stderr.replaceAll(/^hotspare: /gm, '')).toBe(checked.stderr.replaceAll(/^hotspare: /gm, ''))
    expect(reloaded.stderr).toContain('hotspare.yaml:2:1: unknown key "prxies"')

    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    write({ targets: ['one'], proxies: `  - { name: more, listen: "127.0.0.1:${port}", pool: site }` })
    expect(await reloadOf(daemon)).toMatchObject({
      ok: false,
      because: `proxy: cannot listen on 127.0.0.1:${port}: another process listens there; stop it or choose another port`,
    })
    const own = new URL(daemon.url).port
    write({ targets: ['one'], proxies: `  - { name: more, listen: ":${own}", pool: site }` })
    expect((await reloadOf(daemon)).because).toContain(`this daemon itself has that port, on 127.0.0.1:${own}`)

    write({
      targets: ['one'],
      more: 'cluster: { nodes: { web-1: { peer: 127.0.0.1:7401 }, web-2: { peer: 127.0.0.1:7402 } }, secret: a-secret-of-16-bytes, arbiter: { type: none, acceptSplitBrain: true } }',
    })
    expect(await reloadOf(daemon)).toMatchObject({
      ok: false,
      because: 'only a restart of the whole daemon can follow these keys, so nothing was done: cluster',
    })

    // A new control that does not come up, and a new worker.
    const guard = daemon.child.pid ?? 0
    const children = childrenOf(guard)
    write({ targets: ['one'] })
    for (const [nth, role] of ['control', 'worker'].entries()) {
      const asked = reloadOf(daemon)
      let more: number[] = []
      await until(() => {
        more = childrenOf(guard).filter((pid) => !children.includes(pid))
        return more.length > nth
      }, `a new ${role}`)
      killIfThere(Math.max(...more))
      expect(await asked).toMatchObject({ ok: false, because: `${role}: the process ended before it was at work: killed by SIGKILL` })
      await until(() => childrenOf(guard).length === children.length, 'nothing new left')
    }

    write({ targets: ['one', 'two'] })
    expect(await reloadOf(daemon)).toEqual({
      ok: true,
      because: 'nothing in the file has changed, and nothing was done',
      changes: [],
      problems: [],
    })
    expect(await statusOf(daemon)).toMatchObject({ processes: before.processes?.map(({ name, pid }) => ({ name, pid })) })
    await until(
      async () => (await timelineOf(daemon)).filter(({ type }) => type === 'reload-failed').length === 6,
      'six failures in the timeline',
    )
    expect(daemon.log()).toContain('the configuration was read anew and is not followed: ')
    await clients.stop()
    expect(clients.failures()).toEqual({ unexplained: [], lost: 0 })

    // Whoever ends the daemon meanwhile leaves nobody behind.
    daemon.child.kill('SIGHUP')
    await until(() => childrenOf(guard).length > children.length, 'a new process')
    const all = childrenOf(guard)
    daemon.child.kill('SIGTERM')
    await until(() => daemon.child.exitCode !== null, 'the end')
    expect(daemon.child.exitCode).toBe(0)
    await until(() => !all.some(isAlive), 'the end of its children')
  })
})

describe('a rolling restart', () => {
  it('three times in a row, by SIGHUP and by the command, costs no request, and what drains is told 1001 at its end', patient, async () => {
    const { daemon, secureUrl } = await startSite({ targets: ['one', 'two'], drain: '2s' })
    const clients = startClients(daemon.url)
    const secure = clientAtWork(secureUrl, true)
    const talk = await startTalk(daemon.url)
    await until(() => clients.sent() > 100 && talk.heard() > 10, 'some load')
    const first = await workerOf(daemon)
    daemon.child.kill('SIGHUP')
    const second = await workerOf(daemon, first)
    expect(await pidsOf(daemon, 'worker-retiring-')).toEqual([first])
    const heard = talk.heard()
    const said = await hotspare(['reload', '--restart', '--url', daemon.api])
    expect(said).toMatchObject({ code: 0, stdout: 'nothing in it has changed; control and worker were replaced\n' })
    const third = await workerOf(daemon, second)
    daemon.child.kill('SIGHUP')
    await workerOf(daemon, third)
    await until(() => talk.code() !== undefined, 'the end of the WebSocket')
    expect(talk.heard()).toBeGreaterThan(heard)
    expect(talk.code()).toBe(1001)
    await until(
      async () => (await timelineOf(daemon)).some(({ type, pid }) => type === 'worker-retired' && pid === first),
      'the end of the first',
    )
    expect(isAlive(first)).toBe(false)
    await Promise.all([clients.stop(), secure.stop()])
    expect(clients.failures()).toEqual({ unexplained: [], lost: 0 })
    expect(secure.heard.failed).toEqual([])
    const { processes } = await statusOf(daemon)
    expect(processes?.map(({ name, restarts }) => `${name} ${restarts}`).slice(0, 3)).toEqual(['guard 0', 'control 0', 'worker 0'])
  })
})

describe('what is killed around a reload', () => {
  it('is the guard: the worker that serves does so on, and the one before finishes what it has', patient, async () => {
    const { daemon } = await startSite({ targets: ['one', 'two'], drain: '3s' })
    const talk = await startTalk(daemon.url)
    const first = await workerOf(daemon)
    daemon.child.kill('SIGHUP')
    const second = await workerOf(daemon, first)
    onTestFinished(() => [first, second].forEach(killIfThere))
    const slow = fetch(`${daemon.url}/slow`).then((answer) => answer.text())
    const heard = talk.heard()
    daemon.child.kill('SIGKILL')
    await until(() => talk.heard() > heard + 10, 'the echo through the worker before')
    expect(await slow).toBe('slow')
    await until(() => talk.code() !== undefined, 'the end of the drain')
    expect(talk.code()).toBe(1001)
    await until(() => !isAlive(first), 'the end of the worker before')
    expect((await fetch(daemon.url)).status).toBe(200)
  })

  it('costs the requests that a killed worker had itself, and no other; control costs none', patient, async () => {
    const { daemon, origins, write, secureUrl } = await startSite()
    const clients = startClients(daemon.url)
    const secure = clientAtWork(secureUrl, true)
    await until(() => clients.sent() > 50, 'some load')
    const [control = 0] = await pidsOf(daemon, 'control')
    await killed(control)
    const first = await workerOf(daemon)
    write({ targets: ['one', 'three'] })
    expect(await reloadOf(daemon)).toMatchObject({ ok: true, because: 'pool site: target three added, target two removed' })
    expect(clients.failures()).toEqual({ unexplained: [], lost: 0 })
    await secure.stop()
    expect(secure.heard.failed).toEqual([])

    // The worker before in mid-drain, and the new one right after it.
    const fromMs = performance.now()
    await killed(first)
    const [second = 0] = await pidsOf(daemon, 'worker')
    await killed(second)
    // What a client sends until it has seen the end of its connection was under way as well.
    const kills = [{ fromMs, toMs: performance.now() + 100 }]
    await workerOf(daemon, second)
    const served = origins[2]?.served() ?? 0
    await until(() => (origins[2]?.served() ?? 0) > served + 20, 'requests at the new target')
    await clients.stop()
    const { unexplained, lost } = clients.failures(kills)
    expect(unexplained).toEqual([])
    expect(lost).toBeGreaterThan(0)
    // Nobody started the worker again that had been followed by another one.
    const { processes } = await statusOf(daemon)
    expect(processes?.map(({ name, restarts }) => `${name} ${restarts}`)).toEqual(['guard 0', 'control 0', 'worker 1'])
  })
})
