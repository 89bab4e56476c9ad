import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { describe, expect, it } from 'vitest'
import { HOTSPARE_CLI } from './hotspare-cli.ts'
import { createNetwork, type Machine, needLab, until } from './network.ts'

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

describe('an origin loses its power, and nothing answers for it: no reset, no refusal', () => {
  it.for([true, false])(
    'under load from another machine (keep-alive %s) no request fails, and it serves again when it is back',
    async (keepAlive, context) => {
      needLab(context, 'nginx', 'hey')
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
    health: { type: http, interval: 200ms, timeout: 200ms, fall: 3, rise: 2 }
proxies: [ { name: web, listen: "0.0.0.0:8080", pool: site } ]`,
      )
      const daemon = front.run(process.execPath, [...HOTSPARE_CLI, 'run', '-c', file])
      await until(() => daemon.output().includes('"type":"daemon-ready"'), `the daemon is ready: ${daemon.output()}`)

      const load = client.run('hey', [
        '-c',
        '16',
        '-z',
        '6s',
        ...(keepAlive ? [] : ['-disable-keepalive']),
        `http://${front.address}:8080/`,
      ])
      await sleep(2_000)
      const unpluggedAt = Date.now()
      one.unplug()
      const output = await load.ended

      expect(output).not.toContain('Error distribution')
      expect([...output.matchAll(/\[(\d{3})\]\t\d+ responses/g)].map(([, status]) => status)).toEqual(['200'])
      const downAt = Number(/"type":"target-down"[^}]*?"at":(\d+),"targetId":"site\/one"/.exec(daemon.output())?.[1])
      await context.annotate(`declared down ${downAt - unpluggedAt} ms after the power was gone`)
      expect(downAt).toBeGreaterThanOrEqual(unpluggedAt)

      one.plug()
      await until(() => /"type":"target-up","from":"down"[^}]*"targetId":"site\/one"/.test(daemon.output()), 'its return')
    },
  )
})
