import { type ChildProcess, spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import type { Status } from '@hotspare/api'
import { expect, it, onTestFinished } from 'vitest'
import { freePort, need, startDaemon, temporaryFolder, until } from './processes.fixture.ts'

const REDIS = 'redis-server'

interface Redis {
  readonly port: number
  readonly child: ChildProcess
}

/** A real Redis that knows its name. */
async function startRedis(name: string): Promise<Redis> {
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', temporaryFolder(), '--save', '']
  const child = spawn(REDIS, settings, { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await until(async () => {
    const client = redisClient(port)
    const answer = await client.ask(`SET name ${name}`)
    client.socket.destroy()
    return answer === '+OK\r\n'
  }, `redis ${name} answers`)
  return { port, child }
}

interface RedisClient {
  readonly socket: Socket
  /** The answer, or how the connection ended. */
  readonly ask: (command: string) => Promise<string>
}

function redisClient(port: number): RedisClient {
  const socket = connect(port, '127.0.0.1')
  let ended: string | undefined
  let settle: (answer: string) => void = () => {}
  const end = (how: string) => {
    ended ??= how
    settle(ended)
  }
  socket.on('data', (data) => settle(data.toString()))
  socket.on('error', () => end('reset'))
  socket.on('close', () => end('closed'))
  onTestFinished(() => void socket.destroy())
  const ask = (command: string) =>
    new Promise<string>((resolve) => {
      settle = resolve
      if (ended === undefined) socket.write(`${command}\r\n`)
      else resolve(ended)
    })
  return { socket, ask }
}

it('a Redis behind it is killed, and another one stands still: clients are cut off, and come to the one that is left', async (context) => {
  need(context, REDIS)
  const [first, second, third] = [await startRedis('first'), await startRedis('second'), await startRedis('third')]
  const targets = [first, second, third].map(({ port }, tier) => `{ url: "tcp://127.0.0.1:${port}", tier: ${tier} }`)
  const daemon = await startDaemon(`api: { listen: "127.0.0.1:0" }
pools:
  cache: { targets: [${targets.join(', ')}], health: { type: redis, interval: 500ms, timeout: 500ms, rise: 1, fall: 2 } }
proxies:
  - { listen: "127.0.0.1:0", mode: tcp, pool: cache, closeOnDown: true }
`)
  const port = Number(new URL(daemon.url).port)
  const status = async () => (await (await fetch(`${daemon.api}/api/v1/status`)).json()) as Status
  const nameOf = (client: RedisClient) => client.ask('GET name')
  const reached = async () => {
    const client = redisClient(port)
    const answer = await nameOf(client)
    client.socket.destroy()
    return answer
  }

  const client = redisClient(port)
  expect(await nameOf(client)).toBe('$5\r\nfirst\r\n')
  expect((await status()).proxies).toMatchObject([{ pool: 'cache', active: 1 }])
  first.child.kill('SIGKILL')
  expect(await nameOf(client)).toMatch(/^(?:reset|closed)$/)
  // At once: what cannot be connected to is left for another one, long before a probe has said anything.
  expect(await reached()).toBe('$6\r\nsecond\r\n')

  const patient = redisClient(port)
  expect(await nameOf(patient)).toBe('$6\r\nsecond\r\n')
  second.child.kill('SIGSTOP')
  // It accepts connections, and says nothing: only a probe finds that out.
  expect(await nameOf(patient)).toMatch(/^(?:reset|closed)$/)
  expect(await reached()).toBe('$5\r\nthird\r\n')

  await until(async () => (await status()).proxies[0]?.active === 0, 'nothing is open any more')
  expect((await status()).pools[0]?.targets.map(({ active }) => active)).toEqual([0, 0, 0])
  const metrics = await (await fetch(`${daemon.api}/metrics`)).text()
  expect(metrics).toMatch(/hotspare_connections_total\{[^}]*outcome="cut",ended_by="proxy"[^}]*\} 1/)
  expect(metrics).toMatch(/hotspare_attempts_total\{[^}]*result="refused"[^}]*\} \d/)
  const timeline = async () => (await fetch(`${daemon.api}/api/v1/timeline`)).text()
  await until(async () => (await timeline()).includes('"requests-failed"'), 'people are told')
})
