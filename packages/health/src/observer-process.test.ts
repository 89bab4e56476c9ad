import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

type Told = { readonly type: string; readonly targetId?: string; readonly because?: string }

/** What was seen for a stop of 30 s holds for a shorter one: what matters is that it is longer than a probe may take. */
const STOP_MS = Number(process.env['HOTSPARE_TEST_STOP_MS'] ?? 1_500)

async function listen(): Promise<Server> {
  // Slow, so that at every moment many probes are under way.
  const server = createServer((_, response) => void setTimeout(() => response.end('ready'), 300))
  server.listen({ port: 0, host: '127.0.0.1', backlog: 511 })
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** A monitor in a process of its own, looking at 200 targets. */
async function observe(port: number): Promise<{ child: ChildProcessByStdio<Writable, Readable, null>; told: Told[] }> {
  const script = fileURLToPath(new URL('observer-process.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@hotspare/source', script, String(port), '200', '1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const told: Told[] = []
  createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line)))
  await expect.poll(() => told.some(({ type }) => type === 'ready'), { timeout: 20_000 }).toBe(true)
  told.length = 0
  return { child, told }
}

const changes = (told: readonly Told[]) => told.filter(({ type }) => type.startsWith('target-'))

it('a monitor of 200 targets that is stopped with SIGSTOP, and then blocks its own loop, marks nothing down, and a death afterwards is found', async () => {
  const server = await listen()
  const { child, told } = await observe(portOf(server))
  child.kill('SIGSTOP')
  await sleep(STOP_MS)
  child.kill('SIGCONT')
  await sleep(1_000)
  expect(changes(told)).toEqual([])
  child.stdin.write(`${STOP_MS}\n`)
  await expect.poll(() => told.some(({ type }) => type === 'blocked'), { timeout: STOP_MS + 20_000 }).toBe(true)
  await sleep(1_000)
  expect(changes(told)).toEqual([])
  server.close()
  server.closeAllConnections()
  await expect.poll(() => changes(told).length, { timeout: 20_000 }).toBe(200)
}, 120_000)
