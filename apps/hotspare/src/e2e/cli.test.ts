import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hotspare, startDaemon, temporaryFolder, until } from './processes.fixture.ts'

/** A free port that something listens on, with whatever it answers. */
async function origin(
  listener: Parameters<typeof createServer>[1] = (_request, response) => response.end('ok'),
): Promise<{ port: number; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

/** A port whose connections are treated by `behave` once they have asked. */
async function rawOrigin(behave: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => behave(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Writes for as long as the other side takes it. */
function flood(socket: Socket, start: string, piece: string): void {
  const pump = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', pump)
  socket.write(start)
  pump()
}

function file(text: string): string {
  const path = join(temporaryFolder(), 'hotspare.yaml')
  writeFileSync(path, text)
  return path
}

const good = 'pools: { site: { targets: ["http://127.0.0.1:9"] } }\n'

describe('a configuration that cannot be used', () => {
  it.each([
    [
      'an unknown key',
      'pools: { site: { targets: ["http://127.0.0.1:9"], health: { type: tcp, intervall: 1s } } }',
      /:1:\d+: pools\.site\.health.*intervall.*did you mean "interval"\?/,
    ],
    [
      'a bad duration',
      'pools: { site: { targets: ["http://127.0.0.1:9"], health: { type: tcp, interval: 1000 } } }',
      /:1:\d+: pools\.site\.health\.interval: .*1000ms/,
    ],
    ['duplicate ids', 'pools: { site: { targets: ["http://127.0.0.1:9", "http://127.0.0.1:9"] } }', /:1:\d+: pools\.site\.targets\[1\]/],
    ['a missing secret', `${good}api: { token: "\${env:NOT_SET_ANYWHERE}" }`, /:2:\d+: api\.token: .*NOT_SET_ANYWHERE/],
    ['a file cut short', 'pools:\n  site:\n    targets: [ "http://127.0.0.1:9', /:3:\d+: /],
    ['an open API without a token', `${good}api: { listen: "0.0.0.0:7400" }`, /:2:\d+: api.*token/],
  ])('%s: one clear error with its place, exit 2, by `check` and by `run` alike', async (_what, text, message) => {
    const path = file(text)
    for (const command of ['check', 'run']) {
      const { code, stdout, stderr } = await hotspare([command, '-c', path])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toMatch(message)
    }
  })

  it('says which file it could not read', async () => {
    const { code, stderr } = await hotspare(['check', '-c', '/nowhere/hotspare.yaml'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'hotspare: /nowhere/hotspare.yaml:1:1: the file cannot be read: no such file\n' })
  })
})

describe('a port in use', () => {
  it.each([
    [
      'the proxy',
      (port: number) => `${good}api: { listen: "127.0.0.1:0" }\nproxies: [ { listen: "127.0.0.1:${port}", pool: site } ]`,
      /proxy: cannot listen on 127\.0\.0\.1:\d+: another process listens there/,
    ],
    [
      'the API',
      (port: number) => `${good}api: { listen: "127.0.0.1:${port}" }\nproxies: [ { listen: "127.0.0.1:0", pool: site } ]`,
      /api: cannot listen on 127\.0\.0\.1:\d+: another process listens there/,
    ],
  ])('by %s: one clear error, exit 2, and the process is gone', async (_who, yaml, message) => {
    const { port } = await origin()
    const { code, stderr } = await hotspare(['run', '-c', file(yaml(port))])
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('a running daemon', () => {
  it('drains at SIGTERM: what is under way is answered, and the exit code is 0', async () => {
    const { port } = await origin(
      (request, response) => void setTimeout(() => response.end('late but whole'), request.url === '/slow' ? 1_000 : 0),
    )
    const daemon = await startDaemon(
      `api: { listen: "127.0.0.1:0" }\npools: { site: { targets: ["http://127.0.0.1:${port}"] } }\nproxies: [ { listen: "127.0.0.1:0", pool: site } ]`,
    )
    const slow = fetch(`${daemon.url}/slow`).then((answer) => answer.text())
    await until(
      async () =>
        ((await (await fetch(`${daemon.api}/api/v1/status`)).json()) as { proxies: { active: number }[] }).proxies[0]?.active === 1,
      'the request under way',
    )
    daemon.child.kill('SIGTERM')
    expect(await slow).toBe('late but whole')
    await until(() => daemon.child.exitCode !== null, 'the end')
    expect(daemon.child.exitCode).toBe(0)
    expect(daemon.log()).toContain('stopping: SIGTERM')
  })

  it('answers status, explain and drain, as text and as data', async () => {
    const [one, two] = [await origin(), await origin()]
    const daemon = await startDaemon(
      `api: { listen: "127.0.0.1:0", token: "\${env:DAEMON_TOKEN}" }\npools: { site: { targets: [ { name: one, url: "http://127.0.0.1:${one.port}" }, { name: two, url: "http://127.0.0.1:${two.port}" } ] } }\nproxies: [ { name: web, listen: "127.0.0.1:0", pool: site } ]`,
      { DAEMON_TOKEN: 'a-token-of-some-length' },
    )
    const remote = (...parameters: string[]) => hotspare([...parameters, '--url', daemon.api], { HOTSPARE_TOKEN: 'a-token-of-some-length' })

    const status = await remote('status')
    expect(status.stdout).toMatch(/ready\n[\s\S]*pool site \(least-request\): [\s\S]*site\/one +up[\s\S]*proxy web on 127/)
    expect(status.code).toBe(0)
    expect(JSON.parse((await remote('status', '--json')).stdout)).toMatchObject({
      ready: true,
      pools: [
        {
          name: 'site',
          targets: [
            { id: 'site/one', state: 'up' },
            { id: 'site/two', state: 'up' },
          ],
        },
      ],
    })

    expect((await remote('drain', 'site/one')).stdout).toMatch(/^site\/one is draining: drained through the API; 0 requests under way\n$/)
    for (let turn = 0; turn < 5; turn++) expect((await fetch(daemon.url)).status).toBe(200)
    expect((await remote('explain', 'site/one')).stdout).toMatch(
      /^site\/one is draining since [\s\S]*site\/one \(127\.0\.0\.1:\d+\) is up since/,
    )
    expect(JSON.parse((await remote('drain', 'site/one', '--undo', '--json')).stdout)).toMatchObject({ id: 'site/one', state: 'up' })

    expect(await remote('explain', 'site/onne')).toMatchObject({
      code: 1,
      stderr: `hotspare: ${daemon.api}: there is no target "site/onne": did you mean "site/one"?\n`,
    })
    expect(await hotspare(['status', '--url', daemon.api])).toMatchObject({ code: 1, stderr: expect.stringContaining('a token is needed') })
    expect(daemon.log()).not.toContain('a-token-of-some-length')
  })

  it('says what is wrong with each hostile origin, keeps its memory, and serves from the good one', async () => {
    const hostile = await Promise.all([
      rawOrigin((socket) => socket.end('this is not HTTP\r\n\r\n')),
      rawOrigin((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')),
      rawOrigin((socket) => flood(socket, 'HTTP/1.1 200 OK\r\n', 'X-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n')),
      rawOrigin((socket) => flood(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n', 'x'.repeat(65_536))),
      rawOrigin(() => {}),
    ])
    const nice = await origin()
    const names = ['garbage', 'half', 'header', 'huge', 'silent']
    const targets = [
      ...hostile.map(
        (port, index) => `{ name: ${names[index]}, tier: ${names[index] === 'huge' ? 1 : 0}, url: "http://127.0.0.1:${port}" }`,
      ),
      `{ name: nice, url: "http://127.0.0.1:${nice.port}" }`,
    ]
    const daemon = await startDaemon(
      `api: { listen: "127.0.0.1:0" }\npools: { site: { targets: [${targets.join(', ')}], health: { type: http, interval: 100ms, timeout: 100ms } } }\nproxies: [ { listen: "127.0.0.1:0", pool: site } ]`,
    )
    for (let turn = 0; turn < 50; turn++) expect(await (await fetch(daemon.url)).text()).toBe('ok')
    const { stdout } = await hotspare(['status', '--url', daemon.api])
    expect(stdout).toMatch(/site\/garbage +down .*not HTTP|site\/garbage +down .*[Pp]arse/)
    expect(stdout).toMatch(/site\/half +down .*4 of 100/)
    expect(stdout).toMatch(/site\/header +down .*header/)
    expect(stdout).toMatch(/site\/huge +up .*65,?536/)
    expect(stdout).toMatch(/site\/silent +down .*100 ms/)
    expect(stdout).toMatch(/site\/nice +up /)
    const metrics = await (await fetch(`${daemon.api}/metrics`)).text()
    for (const process of ['guard', 'control', 'worker']) {
      const memory = new RegExp(`^hotspare_process_resident_memory_bytes\\{process="${process}"\\} (\\d+)`, 'm').exec(metrics)?.[1]
      expect([process, Number(memory)]).toEqual([process, expect.toSatisfy((bytes: number) => bytes < 250 * 1024 * 1024)])
    }
  })
})

describe('the command line', () => {
  it.each([
    ['an unknown command', ['statuss'], 2, /unknown command 'statuss'[\s\S]*Did you mean status\?/],
    ['an unknown option', ['check', '--confg', 'x'], 2, /unknown option '--confg'/],
    ['a missing argument', ['switchover'], 2, /missing required argument 'service'/],
    ['neither a target nor a site', ['drain'], 2, /name a target, like .*, or a site: --site/],
    ['a URL that is none', ['status', '--url', 'localhost'], 2, /--url: "localhost" is no URL/],
    ['nobody there', ['status', '--url', 'http://127.0.0.1:1'], 1, /no answer: .*ECONNREFUSED/],
  ])('%s: exit %s', async (_what, parameters, expected, message) => {
    const { code, stderr } = await hotspare(parameters)
    expect(code).toBe(expected)
    expect(stderr).toMatch(message)
  })

  it('prints its version, help for each command, and a schema that is one', async () => {
    expect((await hotspare(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    for (const command of ['run', 'check', 'status', 'explain', 'schema', 'drain', 'demo'])
      expect((await hotspare([command, '--help'])).stdout).toContain('Example:')
    expect(JSON.parse((await hotspare(['schema'])).stdout)).toMatchObject({ $schema: expect.stringContaining('2020-12'), type: 'object' })
  })
})
