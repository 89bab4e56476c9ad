import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { attemptsDuring, failedCount, longestGapMs, sharedMs } from '@hotspare/netlab'
import { expect, it, type TestContext } from 'vitest'
import { type Daemon, startDaemon } from './daemon.ts'
import { needLab, type RunningProgram, until } from './network.ts'
import { startStore } from './lock-set/stores.ts'
import { createSite, type NodeName, nodeNames, SERVICE_PORT, type Site, sitePrograms, VIP } from './takeover/site.ts'

it('a real keepalived has the address where Hotspare says so', { timeout: 300_000 }, async (context) => {
  const { site, daemons, keepaliveds } = await start(context)
  const told: string[] = []
  const first = await site.settled()
  const other = first === 'node1' ? 'node2' : 'node1'
  const during = async (what: string, action: () => unknown, holder: NodeName) => {
    // What failed before fails within the second that it is given, and so does what fails of this.
    await sleep(1_500)
    const fromMs = sharedMs()
    await action()
    await until(
      () => site.holders().join() === holder,
      () => `${what}: ${holder} has it: ${site.holders().join(' and ')}`,
    )
    expect(await site.settled()).toBe(holder)
    const untilMs = sharedMs()
    await sleep(1_100)
    const seen = site.attempts().filter(({ startMs }) => startMs >= fromMs && startMs < untilMs)
    const gapMs = longestGapMs(site.attempts(), fromMs, untilMs)
    told.push(`${what}: ${Math.round(gapMs)} ms without a success, ${failedCount(seen)} of ${seen.length} connections failed`)
  }

  await during('switchover', async () => expect(await daemons[first].cli('switchover', 'site')).toContain('\ndone: '), other)
  await during('service killed', () => site.killService(other), first)
  await site.startService(other)

  // keepalived serves on without us.
  const killedMs = sharedMs()
  await daemons[first].kill()
  await sleep(5_000)
  expect(site.holders()).toEqual([first])
  expect(failedCount(attemptsDuring(site.attempts(), killedMs, sharedMs()))).toBe(0)
  told.push('all of Hotspare killed: keepalived keeps it, none failed')
  daemons[first] = await daemonOn(site, first, storeOf(site))
  await expect.poll(() => daemons[first].cli('status'), { timeout: 30_000 }).toContain(`active on ${first}`)

  // And we act without keepalived: what it has left behind is taken away.
  await during('keepalived killed', () => killAll(keepaliveds[first]), other)
  await expect.poll(() => hasAddress(site, first), { timeout: 10_000 }).toBe(false)
  keepaliveds[first] = runKeepalived(site, first)
  await expect.poll(() => daemons[other].cli('status'), { timeout: 30_000 }).toContain(`${first} could be active`)

  await during(
    'power lost',
    async () => {
      site.powerOff(other)
      await daemons[other].kill().catch(() => {})
    },
    first,
  )
  await context.annotate(told.join('; '))
})

interface Lab {
  readonly site: Site
  readonly daemons: Record<NodeName, Daemon>
  readonly keepaliveds: Record<NodeName, RunningProgram>
}

async function start(context: TestContext): Promise<Lab> {
  needLab(context, 'keepalived', 'etcd', ...sitePrograms)
  const site = await createSite()
  await startStore('etcd', site.machines.arbiter)
  const keepaliveds = { node1: runKeepalived(site, 'node1'), node2: runKeepalived(site, 'node2') }
  const [node1, node2] = await Promise.all(nodeNames.map((node) => daemonOn(site, node, storeOf(site))))
  if (!node1 || !node2) throw new Error('two nodes were started')
  return { site, daemons: { node1, node2 }, keepaliveds }
}

function storeOf({ machines }: Site): string {
  return `http://${machines.arbiter.address}:2379`
}

function folderOf({ machines }: Site, node: NodeName): string {
  return join(machines[node].folder, 'for-keepalived')
}

/** With what the guide has people write into `keepalived.conf`, and nothing else. */
function runKeepalived(site: Site, node: NodeName): RunningProgram {
  const machine = site.machines[node]
  const { folder } = machine
  const ours = folderOf(site, node)
  const file = join(folder, 'keepalived.conf')
  writeFileSync(
    file,
    `global_defs {
  router_id ${node}
  vrrp_notify_fifo ${ours}/notify.fifo
  fifo_write_vrrp_states_on_reload
}
include ${ours}/hotspare_*.conf
`,
  )
  const own = `--pid=${join(folder, `keepalived.pid`)} --vrrp_pid=${join(folder, `vrrp${Math.round(sharedMs())}.pid`)}`
  return machine.run('keepalived', `--dont-fork --log-console --log-detail --vrrp --use-file=${file} ${own}`.split(' '))
}

/** Parent and child at once: the child would take the address away when it lost its parent. */
function killAll({ child }: RunningProgram): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
}

function hasAddress(site: Site, node: NodeName): boolean {
  return site.machines[node].execute('ip', ['address', 'show', 'dev', 'eth0']).includes(`${VIP}/`)
}

function daemonOn(site: Site, node: NodeName, endpoint: string): Promise<Daemon> {
  const { machines } = site
  return startDaemon(
    machines[node],
    `node: ${node}
log: { format: json }
cluster:
  nodes: { ${nodeNames.map((name) => `${name}: { peer: "${machines[name].address}:7401" }`).join(', ')} }
  secret: a secret of this laboratory
  arbiter: { type: etcd, endpoints: [ "${endpoint}" ], ttl: 1s }
  state: ${machines[node].folder}/state
services:
  site:
    members: [${nodeNames.join(', ')}]
    onControlLoss: keep
    check: { type: http, url: "http://127.0.0.1:${SERVICE_PORT}/healthz", interval: 200ms, timeout: 200ms, fall: 2, rise: 2 }
    resources:
      - type: keepalived
        address: ${VIP}/32
        interface: eth0
        routerId: 77
        folder: ${folderOf(site, node)}
        pidFile: ${machines[node].folder}/keepalived.pid
    maxFailoversPerHour: 100
`,
  )
}
