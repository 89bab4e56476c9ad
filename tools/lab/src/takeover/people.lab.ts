import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { answersOf, failedCount, sharedMs } from '@hotspare/netlab'
import { describe, expect, it, type TestContext } from 'vitest'
import { HOTSPARE_CLI } from '../hotspare-cli.ts'
import { needLab } from '../network.ts'
import { createHotspare, type Hotspare } from './hotspare.ts'
import { createSite, type NodeName, sitePrograms, type Site, VIP } from './site.ts'

/** Well beyond the time in which automation would have acted. */
const LONG_ENOUGH_MS = 5_000

/** The short form has the stricter policy alone. */
const policies = process.env['HOTSPARE_LAB_SHORT'] === '1' ? (['release'] as const) : (['keep', 'release'] as const)

describe.for(policies)('man before machine, with the policy "%s"', (policy) => {
  it('nodes with different files do not automate, and say so, until they agree', { timeout: 180_000 }, async (context) => {
    const { site, system } = await start(context, policy)
    await site.settled()
    await system.stop('node2')
    writeFileSync(system.file('node2'), readFileSync(system.file('node2'), 'utf8').replace('fall: 2', 'fall: 3'))
    await system.startNode(site, 'node2', { asItIs: true })
    expect(await statusOf(system, 'node1')).toContain('AUTOMATION IS OFF: node2 has another configuration')
    await site.killService('node1')
    await sleep(LONG_ENOUGH_MS)
    expect(site.holders()).toEqual(['node1'])

    await system.stop('node2')
    await system.startNode(site, 'node2')
    await expect.poll(() => site.holders(), { timeout: 30_000 }).toEqual(['node2'])
    expect(await statusOf(system, 'node1')).not.toContain('AUTOMATION IS OFF')
  })

  it('a hold from before a crash counts from the first moment, on every node', { timeout: 180_000 }, async (context) => {
    const { site, system } = await start(context, policy)
    await site.settled()
    expect(await system.cli('node2', 'hold', 'set', '--because', 'the switch is replaced', '-c', system.file('node2'))).toContain(
      'hold on node2',
    )
    await expect
      .poll(() => statusOf(system, 'node1'), { timeout: 30_000 })
      .toContain('AUTOMATION IS OFF: people hold it on node2: the switch is replaced')
    system.signal('node2', 'all', 'SIGKILL')
    await sleep(500)
    await system.startNode(site, 'node2')
    await site.killService('node1')
    await sleep(LONG_ENOUGH_MS)
    expect(site.holders()).toEqual(['node1'])
    for (const node of ['node1', 'node2'] as const)
      expect(await statusOf(system, node)).toContain('AUTOMATION IS OFF: people hold it on node2')

    await system.cli('node2', 'hold', 'lift', '-c', system.file('node2'))
    await expect.poll(() => site.holders(), { timeout: 30_000 }).toEqual(['node2'])
  })

  it(
    'what people have done by the printed runbook, with every daemon dead, stays as it is until the hold is lifted',
    { timeout: 180_000 },
    async (context) => {
      const { site, system } = await start(context, policy)
      await site.settled()
      const runbook = await system.cli('node2', 'runbook', 'site', '--from', 'node1', '--to', 'node2', '-c', system.file('node2'))
      system.signal('node2', 'all', 'SIGKILL')
      site.powerOff('node1')
      await sleep(500)
      follow(site, runbook, 'node2')
      await expect.poll(() => site.holders(), { timeout: 30_000 }).toEqual(['node2'])

      const servedFromMs = sharedMs() + 200
      await system.startNode(site, 'node2')
      await site.powerOn('node1')
      await system.startNode(site, 'node1')
      await sleep(LONG_ENOUGH_MS)
      const served = site.attempts().filter(({ startMs }) => startMs > servedFromMs)
      expect(failedCount(served)).toBe(0)
      expect(answersOf(served).map(({ node }) => node)).toEqual(['node2'])
      for (const node of ['node1', 'node2'] as const)
        expect(await statusOf(system, node)).toContain('AUTOMATION IS OFF: people hold it on node2: ')

      await system.cli('node2', 'hold', 'lift', '-c', system.file('node2'))
      // Both are well and neither has the right: either may be active from here on, one alone.
      const statuses = async () => (await Promise.all([statusOf(system, 'node1'), statusOf(system, 'node2')])).join('\n')
      await expect.poll(statuses, { timeout: 30_000 }).toMatch(/service site: active here/)
      const holder = await site.settled()
      expect(await statusOf(system, holder)).toContain('service site: active here')
    },
  )
})

async function start(context: TestContext, policy: 'keep' | 'release'): Promise<{ readonly site: Site; readonly system: Hotspare }> {
  needLab(context, ...sitePrograms, 'arping')
  const site = await createSite()
  const system = createHotspare({ policy, arbiter: 'witness' })
  await system.start(site)
  return { site, system }
}

function statusOf(system: Hotspare, node: NodeName): Promise<string> {
  return system.cli(node, 'status')
}

/** Types what the page says for that node, as somebody would whose daemons are all dead: from the top to the end of the steps. */
function follow(site: Site, page: string, node: NodeName): void {
  const machine = site.machines[node]
  const programs = join(machine.folder, 'bin')
  mkdirSync(programs, { recursive: true })
  writeFileSync(join(programs, 'hotspare'), `#!/bin/sh\nexec ${process.execPath} ${HOTSPARE_CLI.join(' ')} "$@"\n`)
  chmodSync(join(programs, 'hotspare'), 0o755)
  const typed = blocksFor(page, node)
  expect(typed.some((block) => block.includes(VIP))).toBe(true)
  for (const block of typed) machine.execute('sh', ['-c', `PATH=${programs}:$PATH; ${block}`])
}

/** The commands that are to be typed there: each block stands below the paragraph that names its machine. */
function blocksFor(page: string, node: NodeName): readonly string[] {
  const lines = page.slice(0, page.indexOf('## Part D')).split('\n')
  const blocks: string[] = []
  lines.forEach((line, index) => {
    if (line !== '```sh') return
    const above = lines.slice(0, index).findLastIndex((each, at) => each !== '' && lines[at - 1] === '')
    const words = lines.slice(above, index).join(' ').toLowerCase()
    const commands = lines.slice(index + 1, lines.indexOf('```', index)).join('\n')
    const isForUs = words.includes(`on \`${node}\``) && !/^(check|to take)/.test(words)
    // Of the two ways to set the hold, the one that works while Hotspare is dead; of the proofs, none: its cable is out.
    const isOther = /ipmitool|systemctl/.test(commands) || (commands.startsWith('hotspare hold') && !words.includes('is dead there'))
    if (isForUs && !isOther) blocks.push(commands)
  })
  return blocks
}
