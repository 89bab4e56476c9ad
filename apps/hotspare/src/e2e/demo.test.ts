import { describe, expect, it } from 'vitest'
import type { ScenarioReport } from '../scenario/report.ts'
import { hotspare } from './processes.fixture.ts'

describe('hotspare demo --once', () => {
  it(
    'kills, freezes and drains under load: no GET fails, everything is noticed and told, and it exits 0',
    { timeout: 120_000 },
    async () => {
      const { code, stdout, stderr } = await hotspare([
        'demo',
        '--once',
        '--json',
        '--proxy-port',
        '0',
        '--api-port',
        '0',
        '--dns-port',
        '0',
      ])
      const report = JSON.parse(stdout) as ScenarioReport
      expect(report.objectives.filter(({ met }) => !met)).toEqual([])
      expect(code).toBe(0)
      expect(report.load.total.failed).toBe(0)
      expect(report.load.total.sent).toBeGreaterThan(2_000)
      expect(report.load.retried).toBeGreaterThan(0)
      expect(report.steps.map(({ title }) => title)).toEqual([
        'SIGKILL to the busiest origin',
        'its return',
        'SIGSTOP to the next one',
        'its thaw',
        'a drain of the third',
        'the end of the drain',
      ])
      expect(stderr).not.toContain('\u001B')
    },
  )

  it('says so and exits 2 when a port is taken', async () => {
    const server = (await import('node:http')).createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { code, stderr } = await hotspare(['demo', '--once', '--proxy-port', String(port), '--api-port', '0', '--dns-port', '0'])
    server.close()
    expect(stderr).toMatch(new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: another process listens there`))
    expect(code).toBe(2)
  })
})
