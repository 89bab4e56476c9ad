import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { HOTSPARE_CLI } from './hotspare-cli.ts'
import { createNetwork, type Machine, needLab, until } from './network.ts'

const root = resolve(import.meta.dirname, '../../..')
const load = join(root, 'packages/proxy/src/faults/load.process.fixture.ts')

/** Requests in a second, and how long. */
const RATE = 500
const SECONDS = process.env['HOTSPARE_LAB_SHORT'] === '1' ? 6 : 30
const LOST_PERCENT = 30

/** A real nginx on port 80 of that machine. */
function startNginx(machine: Machine): void {
  const { folder } = machine
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; user root; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events {}
     http { access_log off; keepalive_requests 1000000; ${temporary} server { listen 80; location / { return 200 "from ${machine.name}"; } } }`,
  )
  machine.run('nginx', ['-c', join(folder, 'nginx.conf')])
}

function metrics(front: Machine): string {
  const ask = "fetch('http://127.0.0.1:7400/metrics').then(async (answer) => console.log(await answer.text()))"
  return front.execute(process.execPath, ['-e', ask])
}

/** How many segments that machine has sent once more. */
function retransmitted(machine: Machine): number {
  const [names = '', values = ''] = machine.execute('grep', ['^Tcp:', '/proc/net/snmp']).split('\n')
  return Number(values.split(' ')[names.split(' ').indexOf('RetransSegs')])
}

/** How the proxy says that requests have ended. */
function told(front: Machine): Record<string, number> {
  const ended: Record<string, number> = {}
  for (const [, labels = '', count] of metrics(front).matchAll(/^hotspare_requests_total\{([^}]*)\} (\d+)$/gm)) {
    const way = `${/outcome="([^"]*)"/.exec(labels)?.[1]} ${/status="([^"]*)"/.exec(labels)?.[1]}`
    ended[way] = (ended[way] ?? 0) + Number(count)
  }
  return ended
}

it(
  'of 500 requests a second none fails while 30 percent of the packets to one of two targets are lost',
  { timeout: 90_000 },
  async (context) => {
    needLab(context, 'nginx')
    const { client, front, one, two } = createNetwork(['client', 'front', 'one', 'two'])
    startNginx(one)
    startNginx(two)
    const file = join(front.folder, 'hotspare.yaml')
    writeFileSync(
      file,
      `api: { listen: "127.0.0.1:7400" }
pools:
  site:
    targets: [ { name: one, url: "http://${one.address}" }, { name: two, url: "http://${two.address}" } ]
    health: { type: http, interval: 500ms, timeout: 400ms, fall: 3, rise: 2 }
proxies: [ { name: web, listen: "0.0.0.0:8080", pool: site } ]`,
    )
    const daemon = front.run(process.execPath, [...HOTSPARE_CLI, 'run', '-c', file])
    await until(
      () => daemon.output().includes('"type":"daemon-ready"'),
      () => `the daemon is ready: ${daemon.output()}`,
    )

    const loading = client.run(process.execPath, [load, `http://${front.address}:8080`, String(RATE), String(SECONDS)])
    await new Promise((done) => setTimeout(done, 1_000))
    const before = retransmitted(front)
    one.losePercent(LOST_PERCENT)
    const output = await loading.ended
    // The loss was there.
    expect(retransmitted(front) - before).toBeGreaterThan(10)
    one.mend()

    const report = JSON.parse(output) as { readonly sent: number; readonly failed: Readonly<Record<string, number>> }
    expect(report.sent).toBe(RATE * SECONDS)
    expect(report.failed).toEqual({})
    await until(
      () => told(front)['answered 2xx'] === report.sent,
      () => `as many told as were sent: ${JSON.stringify(told(front))}`,
    )
    expect(told(front)).toEqual({ 'answered 2xx': report.sent })
    const repeated = metrics(front).match(/^hotspare_retries_total\{.*$/gm)
    await context.annotate(`retried: ${repeated?.join(' ') ?? 'nothing'}`)
  },
)
