import { createServer } from 'node:http'
import type { Status, TargetExplanation, TimelineEntry } from '@hotspare/api'
import { expect, it, onTestFinished } from 'vitest'
import { freePeerPort } from '../cluster/two-nodes.fixture.ts'
import { childrenOf, killIfThere, type RunningDaemon, startDaemon, temporaryFolder, until } from './processes.fixture.ts'

const TARGET = 'site/a'

/** A web server that hangs up on some of those who ask, as a network does that is broken on one way only. */
async function startOrigin(): Promise<{ readonly port: number; readonly unreachableFrom: Set<string> }> {
  const unreachableFrom = new Set<string>()
  const server = createServer((request, response) => {
    if (unreachableFrom.has(String(request.headers['x-from']))) request.socket.destroy()
    else response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, unreachableFrom }
}

function yamlOf(node: string, origin: number, peers: readonly [number, number]): string {
  return `
node: ${node}
api: { listen: "127.0.0.1:0" }
cluster:
  nodes: { web-1: { peer: "127.0.0.1:${peers[0]}" }, web-2: { peer: "127.0.0.1:${peers[1]}" } }
  secret: \${env:CLUSTER}
  arbiter: { type: none, acceptSplitBrain: true }
  state: ${temporaryFolder()}
health: { quorum: { voteLifetime: 6s } }
pools:
  site:
    targets: [ { name: a, url: "http://127.0.0.1:${origin}" } ]
    health: { type: http, path: /healthz, headers: { x-from: ${node} }, interval: 100ms, timeout: 5s, fall: 2, rise: 2 }
proxies: [ { name: web, listen: "127.0.0.1:0", pool: site } ]
`
}

async function answer<Answer>({ api }: RunningDaemon, path: string): Promise<Answer> {
  return (await (await fetch(`${api}/api/v1/${path}`)).json()) as Answer
}

async function target(daemon: RunningDaemon) {
  return (await answer<Status>(daemon, 'status')).pools[0]?.targets[0]
}

/** Each state that the target has had, in order. */
async function history(daemon: RunningDaemon): Promise<readonly string[]> {
  const { entries } = await answer<{ entries: readonly TimelineEntry[] }>(daemon, 'timeline')
  return entries.filter((entry) => entry['targetId'] === TARGET && 'from' in entry).map(({ type }) => type)
}

async function becomes(daemon: RunningDaemon, state: string): Promise<string> {
  await until(async () => (await target(daemon))?.state === state, `${TARGET} is ${state}`)
  return (await target(daemon))?.because ?? ''
}

/** Whether votes of the other node are counted here. */
async function hears(daemon: RunningDaemon): Promise<boolean> {
  const { text } = await answer<TargetExplanation>(daemon, `targets/${encodeURIComponent(TARGET)}`)
  return text.some((line) => line.includes('of 2 observers'))
}

it(
  'two daemons call down what neither reaches, degraded what one of them does not, and the last one goes by its own view',
  { timeout: 120_000 },
  async () => {
    const { port, unreachableFrom } = await startOrigin()
    const peers = [await freePeerPort(), await freePeerPort()] as const
    const env = { CLUSTER: 'sentinel-of-the-cluster-3f9a' }
    const [one, two] = await Promise.all([startDaemon(yamlOf('web-1', port, peers), env), startDaemon(yamlOf('web-2', port, peers), env)])
    await until(async () => (await hears(one)) && (await hears(two)), 'they hear of each other')

    unreachableFrom.add('web-1')
    expect(await becomes(one, 'degraded')).toMatch(
      /^1 of 2 observers say that it is down \(web-1\), and it takes 2; as this node sees it, it is down: /,
    )
    expect((await target(two))?.state).toBe('up')
    // It is the only one, and works: users are served through either node's proxy.
    unreachableFrom.add('web-2')
    expect(await becomes(one, 'down')).toContain('2 of 2 observers say that it is down')
    expect(await becomes(two, 'down')).toContain('2 of 2 observers say that it is down')
    unreachableFrom.clear()
    await Promise.all([becomes(one, 'up'), becomes(two, 'up')])
    expect((await history(one)).slice(0, 3)).toEqual(['target-up', 'target-degraded', 'target-down'])
    expect((await history(two)).slice(0, 2)).toEqual(['target-up', 'target-down'])

    unreachableFrom.add('web-1')
    await becomes(one, 'degraded')
    const processes = [two.child.pid ?? 0, ...childrenOf(two.child.pid ?? 0)]
    for (const pid of processes) killIfThere(pid)
    expect(await becomes(one, 'down')).toContain("this node's own view stands")
    expect(one.log() + JSON.stringify(await answer(one, 'status'))).not.toContain(env.CLUSTER)
  },
)
