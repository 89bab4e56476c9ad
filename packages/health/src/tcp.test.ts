import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { tcpProbe } from './tcp.ts'
import { closedPort, hostileBehaviours, loopbackServer, probeContract } from './testing/index.ts'

const host = '127.0.0.1'
const timeoutMs = 5_000

probeContract({
  runner: { describe, it },
  name: 'tcpProbe',
  healthy: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: tcpProbe({ host, port: server.port, timeoutMs }) }
  },
  dead: async () => ({ probe: tcpProbe({ host, port: await closedPort(), timeoutMs }), close: () => Promise.resolve() }),
})

describe('tcpProbe', () => {
  it.each([
    { options: { host: '', port: 80 }, says: 'host' },
    { options: { host, port: 0 }, says: 'port' },
    { options: { host, port: 80, timeoutMs: 0 }, says: 'timeoutMs' },
    { options: { host, port: 80, timeout: 5 }, says: 'timeout' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    expect(() => tcpProbe(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it('says that a port refuses', async () => {
    expect(await tcpProbe({ host, port: await closedPort(), timeoutMs }).run()).toMatchObject({
      outcome: 'fail',
      reason: 'refused',
      detail: 'connection refused',
    })
  })

  it('says that a name cannot be looked up', async () => {
    // A label of 64 characters is one too many for DNS: the answer needs no name server.
    const result = await tcpProbe({ host: `${'a'.repeat(64)}.invalid`, port: 80, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'dns' })
  })

  it('fails at its deadline and names the phase', async () => {
    // The clock, not the network, decides: the deadline passes before the connection can be there.
    await using server = await loopbackServer(hostileBehaviours.silence)
    const clock = new TestClock()
    const run = tcpProbe({ host, port: server.port, timeoutMs: 300, clock }).run()
    await clock.advance(300)
    expect(await run).toEqual({
      outcome: 'fail',
      reason: 'timeout',
      durationMs: 300,
      detail: 'nothing more within 300 ms while connecting',
    })
    expect(clock.pendingTimers).toBe(0)
  })

  it('shows an IPv6 address in brackets', () => {
    expect(tcpProbe({ host: '::1', port: 80 }).address).toBe('[::1]:80')
  })
})
