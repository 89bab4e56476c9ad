import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { metricProbe } from './metric.ts'
import { closedPort } from './testing/index.ts'

const PROMETHEUS = '/usr/bin/prometheus'

/** A real Prometheus, for the page that it serves about itself. */
async function startPrometheus(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-prometheus-'))
  writeFileSync(join(folder, 'prometheus.yml'), 'scrape_configs: []\n')
  const port = await closedPort()
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`]
  const child = spawn(PROMETHEUS, args, { stdio: 'ignore', cwd: folder })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  })
  return `http://127.0.0.1:${port}/metrics`
}

describe('a real exporter', () => {
  it('is read whole, and judged', async (context) => {
    if (!existsSync(PROMETHEUS)) return context.skip(`${PROMETHEUS} is not installed`)
    const url = await startPrometheus()
    const run = (options: Omit<Parameters<typeof metricProbe>[0], 'url'>) => metricProbe({ url, timeoutMs: 15_000, ...options }).run()
    await expect.poll(async () => (await run({ series: 'prometheus_ready', failBelow: 1 })).outcome, { timeout: 15_000 }).toBe('pass')
    expect(await run({ series: 'prometheus_build_info{goversion=~"go.+"}', failBelow: 1 })).toMatchObject({
      outcome: 'pass',
      measures: { 'series-count': 1 },
    })
    expect(await run({ series: 'process_open_fds', dividedBy: 'process_max_fds', failAbove: 0.9 })).toMatchObject({ outcome: 'pass' })
    expect(await run({ series: 'go_goroutines', failAbove: 1 })).toMatchObject({ outcome: 'fail', reason: 'limit' })
    expect(await run({ series: 'go_gc_duration_seconds{quantile="2"}', failAbove: 1 })).toMatchObject({
      outcome: 'fail',
      reason: 'unexpected',
    })
  })
})
