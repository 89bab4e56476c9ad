import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AgentAnswer, agentServer } from './agent.ts'
import { closedPort, hostileBehaviours, loopbackServer } from './testing/index.ts'

const HAPROXY = '/usr/sbin/haproxy'

/** A real HAProxy that checks `serverPort` and asks the agent at `agentPort`, both ten times a second. */
async function startHaproxy(serverPort: number, agentPort: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-agent-'))
  const socket = join(folder, 'stats.sock')
  const config = `
global
  stats socket ${socket} mode 600 level admin
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend front
  bind 127.0.0.1:${await closedPort()}
  default_backend shop
backend shop
  server one 127.0.0.1:${serverPort} weight 100 check inter 100ms agent-check agent-addr 127.0.0.1 agent-port ${agentPort} agent-inter 100ms agent-send "shop\\n"
`
  writeFileSync(join(folder, 'haproxy.cfg'), config)
  const child: ChildProcess = spawn(HAPROXY, ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  })
  await expect.poll(() => existsSync(socket), { timeout: 15_000 }).toBe(true)
  return socket
}

/** The line of the server in `show stat`, by the names of the columns. */
async function serverState(socketPath: string): Promise<Record<string, string>> {
  const socket = connect(socketPath)
  socket.end('show stat\n')
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk)
  const [header = '', ...lines] = text.split('\n')
  const names = header.replace(/^# /, '').split(',')
  const line = lines.find((candidate) => candidate.startsWith('shop,one,')) ?? ''
  return Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value]))
}

describe('a real HAProxy', () => {
  it('does what the agent says, and changes nothing while the agent is silent', async (context) => {
    if (!existsSync(HAPROXY)) return context.skip(`${HAPROXY} is not installed`)
    await using target = await loopbackServer(hostileBehaviours.silence)
    let says: AgentAnswer = { weight: 0.75, state: 'up', admin: 'ready' }
    const questions: string[] = []
    const agent = agentServer({
      port: 0,
      readQuestion: true,
      answer: ({ text }) => {
        questions.push(text)
        return says
      },
    })
    await agent.start()
    onTestFinished(() => agent.stop())
    const socket = await startHaproxy(target.port, agent.port)
    const state = async () => {
      const { status, weight } = await serverState(socket)
      return `${status} ${weight}`
    }
    const becomes = (expected: string) => expect.poll(state, { timeout: 15_000 }).toBe(expected)

    await becomes('UP 75')
    expect(new Set(questions)).toEqual(new Set(['shop']))
    says = { weight: 0.5, state: 'up' }
    await becomes('UP 50')
    says = { admin: 'draining' }
    await becomes('DRAIN (agent) 50')
    says = { admin: 'maintenance' }
    await becomes('MAINT 50')
    says = { admin: 'ready', state: 'up' }
    await becomes('UP 50')
    says = { state: 'down', description: 'out for lunch' }
    await becomes('DOWN (agent) 50')
    expect((await serverState(socket))['last_agt']).toContain('out for lunch')
    says = { weight: 1 }
    // Only `up` ends a down: a weight alone does not.
    await expect.poll(async () => (await serverState(socket))['weight'], { timeout: 15_000 }).toBe('100')
    expect(await state()).toBe('DOWN (agent) 100')
    says = { state: 'up', maxConnections: 7 }
    await becomes('UP 100')
    await expect.poll(async () => (await serverState(socket))['slim'], { timeout: 15_000 }).toBe('7')
    const asked = questions.length
    await agent.stop()
    await expect.poll(async () => (await serverState(socket))['agent_status'], { timeout: 15_000 }).toMatch(/L4CON/)
    expect(await state()).toBe('UP 100')
    expect(asked).toBeGreaterThan(0)
  })
})
