import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { overlaps, sharedMs } from '@hotspare/netlab'
import { describe, expect, it, type TestContext } from 'vitest'
import { type Machine, needLab } from './network.ts'
import { partitioned } from './takeover/faults.ts'
import { createHotspare, type Hotspare } from './takeover/hotspare.ts'
import type { Fault } from './takeover/scenario.ts'
import { createSite, type NodeName, nodeNames, type Site, sitePrograms } from './takeover/site.ts'

// A site that is to be kept, whatever happens: without fencing, two nodes have its address when one is cut off from the other
// but not from its clients. The agent takes the power of a machine, by the contract of the fence-agents.

const SHORT = process.env['HOTSPARE_LAB_SHORT'] === '1'
/** A lease that runs out, a verdict on the peer, and a fence. */
const LONG_ENOUGH_MS = 6_000

/** Everything of the machine stands still, its service too; and goes on when it is told to. */
const machinePaused: Fault = {
  name: 'the machine stands still',
  inject: ({ site, holder }) => signalAll(site.machines[holder], 'STOP'),
  heal: ({ site, holder }) => signalAll(site.machines[holder], 'CONT'),
}

describe('a service that is to be kept, whose active node is silent for its peer', () => {
  it.for(SHORT ? [] : [partitioned('both')])('has two holders without fencing: $name', { timeout: 180_000 }, async (fault, context) => {
    const { site, system } = await start(context, { fencing: false })
    const { sinceMs } = await strike(site, system, fault)
    expect(overlapsSince(site, sinceMs).length).toBeGreaterThan(0)
    expect(site.holders()).toEqual(['node1', 'node2'])
  })

  it.for(SHORT ? [partitioned('both')] : [partitioned('both'), machinePaused])(
    'has exactly one with fencing: $name',
    { timeout: 180_000 },
    async (fault, context) => {
      const { site, system } = await start(context, { fencing: true })
      const { sinceMs, holder, other, heal } = await strike(site, system, fault)
      expect(system.log(other)).toContain('"type":"fence-done"')
      expect(site.holders()).toEqual([other])
      expect(overlapsSince(site, sinceMs)).toEqual([])
      await heal()
      expect(site.holders()).toEqual([other])

      // It comes back as one that stands by, and is fenced no more.
      restorePower(site.machines[holder])
      await site.powerOn(holder)
      await system.startNode(site, holder, { asItIs: true })
      await expect.poll(() => system.log(other), { timeout: 30_000 }).toContain('"type":"fence-ended"')
      await sleep(3_000)
      expect(await site.settled()).toBe(other)
      expect(system.log(other).split('"type":"fence-done"')).toHaveLength(2)
      expect(overlapsSince(site, sinceMs)).toEqual([])
    },
  )
})

async function start(
  context: TestContext,
  { fencing }: { readonly fencing: boolean },
): Promise<{ readonly site: Site; readonly system: Hotspare }> {
  needLab(context, ...sitePrograms)
  const site = await createSite()
  const system = createHotspare({ policy: 'keep', arbiter: 'witness' })
  await system.start(site)
  await site.settled()
  if (fencing) {
    for (const node of nodeNames.toReversed()) await system.stop(node)
    for (const node of nodeNames) writeFileSync(system.file(node), withFencing(readFileSync(system.file(node), 'utf8'), site))
    for (const node of nodeNames) await system.startNode(site, node, { asItIs: true })
    await site.settled()
    // Both know that the other one has nothing.
    await sleep(1_000)
  }
  return { site, system }
}

function withFencing(file: string, { machines }: Site): string {
  const devices = nodeNames.map((node) => `    ${node}: [ { agent: ${powerAgent(machines[node])}, options: { plug: ${node} } } ]`)
  return `${file.replace('onControlLoss: keep', 'onControlLoss: keep\n    fencing: required')}fencing:\n  nodes:\n${devices.join('\n')}\n`
}

/** Takes the power of a machine: all that runs there is gone, and so is what was added to its network. */
function powerAgent(machine: Machine): string {
  const namespace = namespaceOf(machine)
  const agent = join(machine.folder, 'fence_lab')
  writeFileSync(
    agent,
    `#!/bin/sh
while IFS= read -r line; do case "$line" in action=*) action="\${line#action=}";; esac; done
case "$action" in
off)
  ip -n ${namespace} link set eth0 down
  for round in 1 2; do for pid in $(ip netns pids ${namespace}); do kill -9 "$pid"; done; done
  ip -n ${namespace} address flush dev eth0
  ;;
status) [ -z "$(ip netns pids ${namespace})" ] && exit 2 ;;
esac
exit 0
`,
  )
  chmodSync(agent, 0o755)
  return agent
}

function restorePower(machine: Machine): void {
  machine.execute('ip', ['address', 'add', `${machine.address}/24`, 'dev', 'eth0'])
  machine.execute('ip', ['link', 'set', 'eth0', 'up'])
}

function namespaceOf(machine: Machine): string {
  return machine.execute('sh', ['-c', 'ip netns identify $$']).trim()
}

function signalAll(machine: Machine, signal: 'STOP' | 'CONT'): void {
  const namespace = namespaceOf(machine)
  // The shell itself is there too, and must not stop before it is done.
  machine.execute('sh', [
    '-c',
    `for pid in $(ip netns pids ${namespace}); do [ "$pid" = $$ ] || kill -${signal} "$pid" 2>/dev/null; done; true`,
  ])
}

interface Struck {
  readonly sinceMs: number
  readonly holder: NodeName
  readonly other: NodeName
  readonly heal: () => Promise<void>
}

async function strike(site: Site, system: Hotspare, fault: Fault): Promise<Struck> {
  const holder = await site.settled()
  const other: NodeName = holder === 'node1' ? 'node2' : 'node1'
  const scene = { system, site, holder, other }
  const sinceMs = sharedMs()
  await fault.inject(scene)
  await sleep(LONG_ENOUGH_MS)
  return {
    sinceMs,
    holder,
    other,
    async heal() {
      await fault.heal(scene)
      await sleep(2_000)
    },
  }
}

function overlapsSince(site: Site, sinceMs: number) {
  const [one, two] = nodeNames.map((node) => site.probes(node).filter(({ startMs }) => startMs >= sinceMs))
  return overlaps(one ?? [], two ?? [])
}
