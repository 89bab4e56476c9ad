import { connect } from 'node:net'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentProbe, agentServer, formatAgentLine, parseAgentLine } from './agent.ts'
import type { AgentAnswer } from './agent.ts'
import { closedPort, type HostileBehaviour, hostileBehaviours, loopbackServer, probeContract } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 15_000

async function agent(answer: () => AgentAnswer | Promise<AgentAnswer>, more: object = {}) {
  const server = agentServer({ port: 0, answer, ...more })
  await server.start()
  return server
}

probeContract({
  runner: { describe, it },
  name: 'agentProbe',
  healthy: async () => {
    const server = await agent(() => ({ state: 'up', weight: 0.75 }))
    return { probe: agentProbe({ host, port: server.port, timeoutMs }), close: () => server.stop() }
  },
  dead: async () => ({
    probe: agentProbe({ host, port: await closedPort(), timeoutMs, unreachable: 'fail' }),
    close: () => Promise.resolve(),
  }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: agentProbe({ host, port: server.port, timeoutMs: 60, unreachable: 'fail' }) }
  },
})

describe('the line of an agent', () => {
  it.each<{ line: string; answer: AgentAnswer | undefined; unknown?: string[] }>([
    { line: '', answer: undefined },
    { line: '\n', answer: undefined },
    { line: '#up', answer: undefined },
    { line: 'HTTP/1.1 400 Bad Request', answer: undefined },
    { line: '-5%', answer: undefined },
    { line: '7.5%', answer: undefined },
    { line: '75%\n', answer: { weight: 0.75 } },
    { line: '0%', answer: { weight: 0 } },
    { line: '99999%', answer: { weight: 256 } },
    { line: 'drain\r\n', answer: { admin: 'draining' } },
    { line: 'MAINT', answer: { admin: 'maintenance' } },
    { line: 'ready up 50%', answer: { admin: 'ready', state: 'up', weight: 0.5 } },
    { line: 'up,ready\t100%', answer: { admin: 'ready', state: 'up', weight: 1 } },
    { line: 'down#disk # full\nup', answer: { state: 'down', description: 'disk # full' } },
    { line: 'fail #', answer: { state: 'failed' } },
    { line: 'stopped', answer: { state: 'stopped' } },
    { line: 'down up', answer: { state: 'up' } },
    { line: 'maxconn:30', answer: { maxConnections: 30 } },
    { line: 'maxconn:x up', answer: { state: 'up' }, unknown: ['maxconn:x'] },
  ])('$line', ({ line, answer, unknown = [] }) => {
    expect(parseAgentLine(line)).toEqual(answer && { answer, unknown })
  })

  it('never throws, whatever comes', () => {
    const words = fc.array(fc.oneof(fc.string(), fc.constantFrom('up', '75%', ' ', ',', '#', '\n', 'maxconn:5', 'drain')))
    fc.assert(
      fc.property(words, (parts) => {
        const parsed = parseAgentLine(parts.join(''))
        expect(parsed?.answer.weight ?? 0).toBeLessThanOrEqual(256)
      }),
    )
  })

  it('is read as it was written', () => {
    const answers = fc.record(
      {
        weight: fc.nat(25_600).map((percent) => percent / 100),
        admin: fc.constantFrom('ready', 'draining', 'maintenance'),
        state: fc.constantFrom('up', 'down', 'failed', 'stopped'),
        maxConnections: fc.nat(999_999_999),
        description: fc
          .string({ minLength: 1, maxLength: 150 })
          .map((text) => text.trim())
          .filter((text) => text !== ''),
      },
      { requiredKeys: ['state'] },
    )
    fc.assert(
      fc.property(answers, (answer: AgentAnswer) => {
        const line = formatAgentLine(answer)
        expect(line).toMatch(/^[\x20-\x7e]+\n$/)
        expect(parseAgentLine(line)).toEqual({ answer, unknown: [] })
      }),
    )
  })

  it('has one line, whatever the description is', () => {
    expect(formatAgentLine({ state: 'down', description: 'a\r\nup #ü' })).toBe('down #a up #\n')
    expect(formatAgentLine({ weight: -1, maxConnections: -1 })).toBe('0% maxconn:0\n')
    expect(formatAgentLine({})).toBe('\n')
  })

  it('holds numbers that can be read back, and leaves out what is none', () => {
    // `NaN%` and `maxconn:Infinity` went to the load balancer, which reported an agent that it could not understand.
    expect(formatAgentLine({ weight: Number.NaN, maxConnections: Number.NaN, state: 'up' })).toBe('up\n')
    expect(formatAgentLine({ weight: Infinity, maxConnections: Infinity })).toBe('25600% maxconn:999999999\n')
  })
})

describe('agentProbe', () => {
  it.each([
    { options: { host: '', port: 1 }, says: 'host' },
    { options: { host, port: 0 }, says: 'port' },
    { options: { host, port: 1, unreachable: 'down' as never }, says: 'unreachable' },
    { options: { host, port: 1, inter: 5 }, says: 'inter' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    expect(() => agentProbe(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  const halfLine = Buffer.from('75% up drain #half of a li')
  const rows: readonly { name: string; behaviour: HostileBehaviour; reason: string; detail: RegExp; timeoutMs?: number }[] = [
    { name: 'silence', behaviour: hostileBehaviours.silence, reason: 'timeout', detail: /waiting for the answer$/, timeoutMs: 100 },
    {
      name: 'garbage',
      behaviour: (socket) => socket.end('\u0000\u0001\u0002 nothing\n'),
      reason: 'protocol',
      detail: /^not the line of an agent/,
    },
    { name: 'another protocol', behaviour: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), reason: 'protocol', detail: /SSH-2\.0/ },
    { name: 'an empty line', behaviour: (socket) => socket.end('\n'), reason: 'protocol', detail: /not the line/ },
    { name: 'a hang-up', behaviour: (socket) => socket.end(), reason: 'closed', detail: /before an answer$/ },
    { name: 'a reset', behaviour: (socket) => socket.resetAndDestroy(), reason: 'reset', detail: /reset/ },
    { name: 'no line break', behaviour: (socket) => socket.end('75%'), reason: 'closed', detail: /after 3 bytes, without a line break$/ },
    { name: 'an endless line', behaviour: hostileBehaviours.endlessInterim, reason: 'protocol', detail: /^not the line/ },
    {
      name: 'an endless line without a break',
      behaviour: (socket) => {
        const more = () => void (!socket.destroyed && socket.write(Buffer.alloc(4_096, 'a'), more))
        more()
      },
      reason: 'protocol',
      detail: /^no line break within 16384 bytes$/,
    },
    {
      name: 'a slow drip',
      behaviour: (socket) => {
        const timer = setInterval(() => socket.write('u'), 20)
        socket.once('close', () => clearInterval(timer))
      },
      reason: 'timeout',
      detail: /waiting for the answer$/,
      timeoutMs: 150,
    },
  ]
  it.each(rows)('$name fails as $reason, or is ignored', async ({ behaviour, reason, detail, timeoutMs: soonMs = timeoutMs }) => {
    await using server = await loopbackServer(behaviour)
    const strict = await agentProbe({ host, port: server.port, timeoutMs: soonMs, unreachable: 'fail' }).run()
    expect(strict).toMatchObject({ outcome: 'fail', reason })
    expect(strict.detail).toMatch(detail)
    const lenient = await agentProbe({ host, port: server.port, timeoutMs: soonMs }).run()
    expect(lenient).toMatchObject({
      outcome: 'inconclusive',
      detail: expect.stringMatching(/^the agent gave no answer, which is ignored: /),
    })
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('a connection that breaks at any byte has a reason', async () => {
    for (let length = 0; length <= halfLine.length; length += 5) {
      await using server = await loopbackServer((socket) => {
        socket.write(halfLine.subarray(0, length), () => socket.resetAndDestroy())
      })
      const result = await agentProbe({ host, port: server.port, timeoutMs, unreachable: 'fail' }).run()
      expect(result).toMatchObject({ outcome: 'fail', reason: 'reset' })
    }
  })

  it('a closed port is no error of the target', async () => {
    expect(await agentProbe({ host, port: await closedPort(), timeoutMs }).run()).toMatchObject({
      outcome: 'inconclusive',
      detail: 'the agent gave no answer, which is ignored: connection refused',
    })
  })

  it('hands on what the agent asks for', async () => {
    await using server = await agent(() => ({ weight: 0.75, admin: 'draining', state: 'up', maxConnections: 30 }))
    expect(await agentProbe({ host, port: server.port, timeoutMs }).run()).toMatchObject({
      outcome: 'pass',
      detail: 'up, draining, weight 75 %, at most 30 connections',
      advice: { weight: 0.75, admin: 'draining' },
      measures: { 'max-connections': 30 },
    })
  })

  it('what an agent does not mention stays as it said before', async () => {
    const answers: AgentAnswer[] = [
      { state: 'down', description: 'backup' },
      { weight: 0.5 },
      { state: 'up', admin: 'maintenance' },
      {},
      { admin: 'ready' },
    ]
    await using server = await agent(() => answers.shift() ?? {})
    const probe = agentProbe({ host, port: server.port, timeoutMs })
    expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'unwell', immediate: true, detail: 'down: backup' })
    expect(await probe.run()).toMatchObject({ outcome: 'fail', detail: 'down, weight 50 %', advice: { weight: 0.5 } })
    expect(await probe.run()).toMatchObject({ outcome: 'pass', advice: { weight: 0.5, admin: 'maintenance' } })
    expect(await probe.run()).toMatchObject({ outcome: 'inconclusive' })
    expect(await probe.run()).toMatchObject({ outcome: 'pass', advice: { weight: 0.5, admin: 'ready' } })
  })

  it('passes over words that nobody knows, with a warning', async () => {
    await using server = await loopbackServer((socket) => socket.end('up tired\n'))
    expect(await agentProbe({ host, port: server.port, timeoutMs }).run()).toMatchObject({
      outcome: 'pass',
      warning: expect.stringContaining('tired'),
    })
  })
})

describe('agentServer', () => {
  it('says that it cannot listen, and may be started again', async () => {
    await using other = await agent(() => ({}))
    const server = agentServer({ port: other.port, answer: () => ({}) })
    await expect(server.start()).rejects.toMatchObject({ code: 'HOTSPARE_HEALTH_AGENT_LISTEN' })
    await other.stop()
    await server.start()
    await server.start()
    expect(server.port).toBeGreaterThan(0)
    await server.stop()
    await server.stop()
    expect(server.port).toBe(0)
  })

  it('an answer that throws closes the connection and says so in the log', async () => {
    const logger = recordingLogger()
    await using server = await agent(() => Promise.reject(new Error('no idea')), { logger })
    expect(await agentProbe({ host, port: server.port, timeoutMs, unreachable: 'fail' }).run()).toMatchObject({
      reason: expect.stringMatching(/closed|reset/),
    })
    expect(JSON.stringify(logger.records)).toContain('no idea')
  })

  it('an answer that never comes ends at the deadline', async () => {
    const clock = new TestClock()
    await using server = await agent(() => new Promise<never>(() => {}), { clock, timeoutMs: 1_000 })
    const run = agentProbe({ host, port: server.port, timeoutMs, unreachable: 'fail' }).run()
    await expect.poll(() => clock.pendingTimers, { timeout: 10_000 }).toBe(1)
    await clock.advance(1_000)
    expect(await run).toMatchObject({ reason: expect.stringMatching(/closed|reset/) })
  })

  it('answers a question, and only a short one', async () => {
    await using server = agentServer({ port: 0, readQuestion: true, answer: ({ text }) => ({ state: text === 'shop' ? 'up' : 'down' }) })
    await server.start()
    const ask = (send: string) => agentProbe({ host, port: server.port, timeoutMs, send, unreachable: 'fail' }).run()
    expect(await ask('shop\n')).toMatchObject({ outcome: 'pass' })
    expect(await ask('other\n')).toMatchObject({ outcome: 'fail', reason: 'unwell' })
    const socket = connect(server.port, host)
    socket.on('error', () => {})
    let said = ''
    socket.on('data', (chunk) => (said += chunk.toString()))
    socket.write('a'.repeat(2_000))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(said).toBe('')
  })

  it('stops with a connection open', async () => {
    const server = await agent(() => new Promise<never>(() => {}))
    const run = agentProbe({ host, port: server.port, timeoutMs, unreachable: 'fail' }).run()
    await server.stop()
    expect(await run).toMatchObject({ outcome: 'fail' })
  })
})
