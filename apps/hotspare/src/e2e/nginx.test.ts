import { describe, expect, it } from 'vitest'
import { need, runProgram, startDaemon, startNginx, until } from './processes.fixture.ts'

const LOAD_SECONDS = 4

interface LoadResult {
  readonly good: number
  readonly failed: number
  readonly output: string
}

/** hey says `[200]	1234 responses` and lists errors below `Error distribution`. */
async function hey(url: string, keepAlive: boolean): Promise<LoadResult> {
  const { stdout } = await runProgram('hey', ['-c', '16', '-z', `${LOAD_SECONDS}s`, ...(keepAlive ? [] : ['-disable-keepalive']), url])
  const counts = [...stdout.matchAll(/\[(\d{3})\]\s+(\d+) responses/g)].map(([, status, count]) => ({ status, count: Number(count) }))
  const errors = [...(stdout.split('Error distribution:')[1] ?? '').matchAll(/\[(\d+)\]/g)].map(([, count]) => Number(count))
  const good = counts.filter(({ status }) => status === '200').reduce((total, { count }) => total + count, 0)
  const bad = counts.filter(({ status }) => status !== '200').reduce((total, { count }) => total + count, 0)
  return { good, failed: bad + errors.reduce((total, count) => total + count, 0), output: stdout }
}

/** wrk says `1234 requests in 4.00s`, and only where there were some `Socket errors: ...` and `Non-2xx or 3xx responses: 5`. */
async function wrk(url: string, keepAlive: boolean): Promise<LoadResult> {
  const { stdout } = await runProgram('wrk', [
    '-t1',
    '-c16',
    `-d${LOAD_SECONDS}s`,
    '--timeout',
    '10s',
    ...(keepAlive ? [] : ['-H', 'Connection: close']),
    url,
  ])
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1).map(Number) ?? []
  const bad = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0)
  return {
    good: Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0),
    failed: bad + socketErrors.reduce((total, count) => total + count, 0),
    output: stdout,
  }
}

describe('in front of two nginx, with a file of its own', () => {
  it.for([
    ['hey', true],
    ['hey', false],
    ['wrk', true],
    ['wrk', false],
  ] as const)(
    'killing one under %s (keep-alive %s) fails no request, and it gets traffic again when it is back',
    async ([tool, keepAlive], context) => {
      need(context, 'nginx', tool)
      const [one, two] = [await startNginx('one'), await startNginx('two')]
      const daemon = await startDaemon(`
api: { listen: "127.0.0.1:0" }
pools:
  site:
    targets: [ "http://127.0.0.1:${one.port}", "http://127.0.0.1:${two.port}" ]
    health: { type: http, path: /healthz, interval: 200ms, timeout: 200ms }
proxies: [ { name: web, listen: "127.0.0.1:0", pool: site } ]
`)
      const load = (tool === 'hey' ? hey : wrk)(`${daemon.url}/`, keepAlive)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      one.kill()
      const { good, failed, output } = await load
      expect({ failed, output: failed === 0 ? '' : output }).toEqual({ failed: 0, output: '' })
      expect(good).toBeGreaterThan(1_000)
      expect(daemon.log()).toMatch(new RegExp(`"type":"target-down"[^}]*"targetId":"site/127.0.0.1:${one.port}"`))
      await one.start()
      await until(
        () => new RegExp(`"type":"target-up","from":"down"[^}]*"targetId":"site/127.0.0.1:${one.port}"`).test(daemon.log()),
        'the return of the killed nginx',
      )
    },
  )
})
