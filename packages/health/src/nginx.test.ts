import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { httpProbe } from './http.ts'
import { createHealthMonitor } from './monitor.ts'
import type { HealthEvent } from './target-health.ts'
import { tcpProbe } from './tcp.ts'
import { closedPort } from './testing/index.ts'

const NGINX = '/usr/sbin/nginx'

/** A real nginx on a loopback port: one process, so that its end is the end of the server. */
function startNginx(port: number): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-nginx-'))
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')
  const config = `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 64; }
    http { access_log off; ${paths} server { listen 127.0.0.1:${port}; location / { return 200 'ready\\n'; } } }`
  writeFileSync(join(folder, 'nginx.conf'), config)
  const child = spawn(NGINX, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  })
  return child
}

describe('a real nginx', () => {
  it('is up for HTTP and TCP, down after SIGKILL, and up again after its return', async (context) => {
    if (!existsSync(NGINX)) return context.skip(`${NGINX} is not installed`)
    const port = await closedPort()
    const first = startNginx(port)
    await using monitor = createHealthMonitor()
    const events: HealthEvent[] = []
    monitor.subscribe((event) => events.push(event))
    const url = `http://127.0.0.1:${port}/`
    monitor.add({ id: 'http', probe: httpProbe({ url, expectBody: 'ready', timeoutMs: 5_000 }), intervalMs: 50 })
    monitor.add({ id: 'tcp', probe: tcpProbe({ host: '127.0.0.1', port, timeoutMs: 5_000 }), intervalMs: 50 })
    await monitor.start()
    const states = () => monitor.list().map(({ verdict }) => verdict.state)
    await expect.poll(states, { timeout: 15_000 }).toEqual(['up', 'up'])
    first.kill('SIGKILL')
    await expect.poll(states, { timeout: 15_000 }).toEqual(['down', 'down'])
    for (const health of monitor.list()) {
      expect(health.verdict.because).toMatch(/^3 probes in a row failed: connection (?:refused|reset|closed)/)
    }
    startNginx(port)
    await expect.poll(states, { timeout: 15_000 }).toEqual(['up', 'up'])
    const ofHttp = events.flatMap((event) => (event.targetId === 'http' && event.type !== 'probe-finished' ? [event.type] : []))
    expect(ofHttp.slice(-3)).toEqual(['target-up', 'target-down', 'target-up'])
  })
})
