import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HotspareError, sleep, systemClock } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { describe, expect, it } from 'vitest'
import { until } from '../../api-server.fixture.ts'
import { formatCluster } from '../../commands/status-cluster.ts'
import { setWord } from '../people-files.ts'
import { ADDRESS, configOf, freePeerPort, makeNode, startWitness, temporaryFolder } from '../two-nodes.fixture.ts'

const patient = { timeout: 60_000 }

/** web-2 alone, with what the file says more; web-1 is never heard. */
async function secondNode(more: string) {
  const folder = await temporaryFolder()
  const file = {
    ports: [await freePeerPort(), await freePeerPort()] as const,
    arbiter: await startWitness(),
    policy: 'keep' as const,
    more,
  }
  const segment = memorySegment(systemClock)
  const node = makeNode(await configOf('web-2', file, folder), segment, '02:00:00:00:00:02')
  return { folder, node, holders: () => segment.holders(ADDRESS) }
}

/** A device whose node has power until it is switched off, if it can be. */
async function device(works: boolean): Promise<{ readonly agent: string; readonly calls: () => string }> {
  const agent = join(await temporaryFolder(), 'agent')
  writeFileSync(
    agent,
    `#!/bin/sh
while IFS= read -r line; do case "$line" in action=*) action="\${line#action=}";; esac; done
echo "$action" >>${agent}.calls
case "$action" in
off) ${works ? `touch ${agent}.off` : 'echo no session >&2; exit 1'} ;;
status) [ -e ${agent}.off ] && exit 2 ;;
esac
exit 0
`,
  )
  chmodSync(agent, 0o755)
  return { agent, calls: () => (existsSync(`${agent}.calls`) ? readFileSync(`${agent}.calls`, 'utf8') : '') }
}

const fencing = (agent: string) => `    fencing: required
fencing: { startDelay: 0s, nodes: { web-1: [ { agent: ${agent} } ], web-2: [ { agent: ${agent} } ] } }
`

describe('a node with fencing', () => {
  it('takes nothing while the other one may have it and cannot be switched off; people can say that it is', patient, async () => {
    const { agent, calls } = await device(false)
    const { folder, node, holders } = await secondNode(fencing(agent))
    await node.part.start()
    await until(() => node.events.some(({ type }) => type === 'fence-failed'), 'the device was tried')
    await until(() => node.events.some(({ type }) => type === 'service-concern'), 'people were told')
    expect(holders()).toEqual([])
    expect(calls()).toContain('off')
    expect(node.said()).toContain('no session')

    await setWord(folder, 'fenced.web-1', 'both cables are out')
    await until(() => node.role() === 'active', 'it has it once people have confirmed')
    expect(holders()).toEqual([node.mac])
    expect(node.events.map(({ type }) => type)).toContain('fence-confirmed')
    const status = node.control.status()
    expect(status && formatCluster(status, 'web-2', () => '1s').join('\n')).toContain(
      'web-1 is OFF for 1s: people have confirmed it: both cables are out',
    )
  })

  it('takes it once the other one is off', patient, async () => {
    const { agent, calls } = await device(true)
    const { node, holders } = await secondNode(fencing(agent))
    await node.part.start()
    await until(() => node.role() === 'active', 'it is active')
    expect(holders()).toEqual([node.mac])
    expect(calls()).toBe('off\nstatus\n')
    const steps = node.events.flatMap((event) => (event.type === 'step-finished' ? [event.step] : []))
    expect(steps.map((step) => step.split(' ')[1])).toEqual(['take-lease', 'fence', 'acquire'])
  })
})

describe('a node with a watchdog', () => {
  it('never becomes active without the one that it needs, and says so', patient, async () => {
    const { node, holders } = await secondNode('watchdog: { path: /nowhere/watchdog }\n')
    await node.part.start()
    await until(() => node.events.some(({ type }) => type === 'watchdog-missing'), 'it is told')
    await sleep(3_000)
    expect([node.role(), holders()]).toEqual(['standby', []])
    expect(node.said()).toContain('the watchdog is required')
  })

  it('pets it as long as it lives, and disarms it at an orderly end alone', patient, async () => {
    const path = join(await temporaryFolder(), 'watchdog')
    writeFileSync(path, '')
    const { node } = await secondNode(`watchdog: { path: ${path}, timeout: 1s }\n`)
    await node.part.start()
    await until(() => node.role() === 'active', 'it is active')
    expect(readFileSync(path, 'latin1')).toMatch(/^\.+$/)
    await node.part.stop('the test ends')
    expect(readFileSync(path, 'latin1')).toMatch(/^\.+V$/)
  })

  // It was disarmed as long as the right lasted: what could not be let go of was then nobody's to end.
  it('leaves it armed where something could not be let go of', patient, async () => {
    const path = join(await temporaryFolder(), 'watchdog')
    writeFileSync(path, '')
    const segment = memorySegment(systemClock)
    const mac = '02:00:00:00:00:02'
    const host = segment.host(mac)
    const config = await configOf(
      'web-2',
      {
        ports: [await freePeerPort(), await freePeerPort()],
        arbiter: (await startWitness()).replace('ttl: 2s', 'ttl: 6s'),
        policy: 'release',
        more: `watchdog: { path: ${path}, timeout: 1s }\n`,
      },
      await temporaryFolder(),
    )
    const node = makeNode(config, { ...segment, host: () => host }, mac)
    await node.part.start()
    await until(() => node.role() === 'active', 'it is active')
    host.failWith(new HotspareError({ code: 'HOTSPARE_TEST', message: 'the kernel says no' }))
    await node.part.stop('the test ends')
    expect(readFileSync(path, 'latin1')).toMatch(/^\.+$/)
  })
})
