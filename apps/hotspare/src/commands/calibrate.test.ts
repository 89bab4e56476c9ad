import type { BeatMeasurement, ClusterStatus } from '@hotspare/api'
import { LATENESS_BOUNDS_MS } from '@hotspare/heartbeat'
import { describe, expect, it } from 'vitest'
import { FakeBackend, startApi } from '../api-server.fixture.ts'
import { parseConfig } from '../config/load.ts'
import { calibrateHeartbeat } from './calibrate.ts'
import { contextOf } from './commands.fixture.ts'
import { exitCodeOf } from './context.ts'

/** A day of a quiet network. */
const QUIET: BeatMeasurement = {
  intervalMs: 100,
  received: 864_000,
  lost: 9,
  lostRows: 9,
  later: LATENESS_BOUNDS_MS.map((boundMs) => Math.floor(864_000 * Math.exp(-boundMs))),
  worstMs: 13.2,
}

const clusterOf = (beats: readonly BeatMeasurement[] | undefined): ClusterStatus => ({
  arbiter: 'none',
  peers: [
    {
      name: 'web-2',
      address: '10.0.0.2:7401',
      alive: { state: 'up', since: 1, because: 'heard' },
      connected: true,
      ...(beats ? { beats } : {}),
    },
  ],
  services: [],
})

async function run(beats: readonly BeatMeasurement[] | undefined, detect: string, rate: string, json = false) {
  const backend = new FakeBackend()
  const before = backend.status()
  backend.status = () => ({ ...before, cluster: clusterOf(beats) })
  const { url } = await startApi({ backend })
  const context = contextOf()
  const code = await calibrateHeartbeat({ url, detect, falseAlarms: rate, json }, context)
  return { code, said: context.out() }
}

describe('hotspare calibrate', () => {
  it.each([
    ['1', '1/year', '--detect'],
    ['1s', '', '--false-alarms'],
    ['1s', '0/year', '--false-alarms'],
    ['1s', '1/hour', '--false-alarms'],
  ])('does not understand --detect %s --false-alarms %s', async (detect, rate, says) => {
    const failure = await run([QUIET], detect, rate).catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: expect.stringContaining(says) })
    expect(exitCodeOf(failure)).toBe(2)
  })

  it('promises nothing without a measurement, and says so', async () => {
    for (const beats of [undefined, [], [{ ...QUIET, received: 10 }], [{ ...QUIET, later: [1, 2] }]]) {
      const { code, said } = await run(beats, '1s', '1/year')
      expect(code).toBe(1)
      expect(said).toContain('this cannot be promised')
    }
  })

  it('says what can be promised instead', async () => {
    const { code, said } = await run([QUIET], '100ms', '0.001/year')
    expect(code).toBe(1)
    expect(said).toMatch(/what can: 0\.001 false alarms a year with \d+\w+, or 100ms with [\d.]+ false alarms a year/)
  })

  it('prints lines that the file takes, with the promise that they keep', async () => {
    const { code, said } = await run([QUIET], '1s', '2/month')
    expect(code).toBe(0)
    expect(said).toContain('measured of web-2: 864000 beats in 1d, 0.001 % lost, the latest 14 ms late')
    const [, lines = ''] = /all nodes:\ncluster:\n([^]*)$/.exec(said) ?? []
    const file = `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: none, acceptSplitBrain: true }
${lines}
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:5432" }
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
`
    const { config } = await parseConfig(file, { file: 'h.yaml', env: {}, hostname: 'web-1' })
    const { intervalMs = 0, detector, promise } = config.cluster?.heartbeat ?? {}
    expect(promise).toEqual({ detectMs: 1_000, falseAlarmsPerYear: 24 })
    expect(intervalMs + (detector?.timeoutMs ?? 0)).toBeLessThanOrEqual(1_000)
  })

  it('prints data with --json', async () => {
    const { said } = await run([QUIET], '1s', '1/year', true)
    expect(JSON.parse(said)).toMatchObject({ kept: true, detectMs: 1_000, falseAlarmsPerYear: 1 })
  })
})
