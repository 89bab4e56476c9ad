import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificateChain, CERTIFIED_NAME, type ServerCertificate } from './certificates.fixture.ts'
import { httpProbe } from './http.ts'
import { createHealthMonitor } from './monitor.ts'
import type { HealthEvent } from './target-health.ts'
import { tcpProbe } from './tcp.ts'
import { closedPort } from './testing/index.ts'
import { tlsProbe } from './tls.ts'

const NGINX = '/usr/sbin/nginx'

/** A real nginx on a loopback port: one process, so that its end is the end of the server. */
function startNginx(port: number, secure?: SecurePort): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-nginx-'))
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')
  const config = `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 64; }
    http { access_log off; ${paths}
      server { listen 127.0.0.1:${port}; location / { return 200 'ready\\n'; } }
      ${secure === undefined ? '' : secureServer(folder, secure)}
    }`
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

interface SecurePort extends ServerCertificate {
  readonly port: number
}

/** What redirects, limits, answers in JSON and in chunks, over TLS and HTTP/2. */
function secureServer(folder: string, { port, key, cert }: SecurePort): string {
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'cert.pem'), cert)
  return `server {
    listen 127.0.0.1:${port} ssl http2; server_name ${CERTIFIED_NAME};
    ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    location = / { return 302 https://${CERTIFIED_NAME}/health; }
    location = /health { default_type application/json; return 200 '{"status":"UP","protocol":"$server_protocol","name":"$ssl_server_name"}'; }
    location = /busy { add_header Retry-After 7 always; return 429; }
  }`
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
    const ofHttp = events.flatMap((event) =>
      'targetId' in event && event.targetId === 'http' && event.type !== 'probe-finished' ? [event.type] : [],
    )
    expect(ofHttp.slice(-3)).toEqual(['target-up', 'target-down', 'target-up'])
  })

  it('over TLS is asked in each version of HTTP, under its own name, and where it redirects to', async (context) => {
    const certificate = certificateChain(60, 10)
    if (!existsSync(NGINX) || !certificate) return context.skip(`${NGINX} or openssl is not installed`)
    const { ca } = certificate
    const port = await closedPort()
    startNginx(await closedPort(), { port, ...certificate })
    const connectTo = { host: '127.0.0.1', port }
    const timeoutMs = 15_000
    const up = httpProbe({ url: `https://${CERTIFIED_NAME}/busy`, connectTo, tls: { ca }, timeoutMs })
    await expect.poll(() => up.run(), { timeout: 15_000 }).toMatchObject({ outcome: 'degraded', measures: { 'retry-after-seconds': 7 } })
    for (const [httpVersion, protocol] of [
      ['1.1', 'HTTP/1.1'],
      ['2', 'HTTP/2.0'],
      ['auto', 'HTTP/2.0'],
    ] as const) {
      const expectJson = { '/status': 'UP', '/protocol': protocol, '/name': CERTIFIED_NAME }
      const url = `https://${CERTIFIED_NAME}/`
      const probe = httpProbe({ url, connectTo, httpVersion, followRedirects: 1, expectStatus: 200, expectJson, tls: { ca }, timeoutMs })
      expect(await probe.run()).toMatchObject({ outcome: 'pass', warning: expect.stringContaining('middle') })
    }
    const tls = tlsProbe({ host: '127.0.0.1', port, servername: CERTIFIED_NAME, ca, alpn: ['h2'], timeoutMs })
    expect(await tls.run()).toMatchObject({ outcome: 'pass', measures: { 'certificate-days': expect.closeTo(60, 0) } })
  })
})
