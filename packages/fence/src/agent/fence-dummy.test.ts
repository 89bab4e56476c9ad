import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, type TestContext } from 'vitest'
import { createFenceAgent } from '../agent.ts'
import { fenceLevels } from '../levels.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspare-fence-dummy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

function needAgents(context: TestContext): void {
  if (spawnSync('which', ['fence_dummy'], { env: { PATH } }).status !== 0) context.skip('not installed: fence-agents')
}

/** One plug of a machine: a file that says `on` or `off`. */
function plug(name: string, type: 'file' | 'fail' = 'file') {
  const file = join(folder, name)
  writeFileSync(file, 'on')
  const agent = createFenceAgent({
    agent: 'fence_dummy',
    options: { status_file: file, type, power_timeout: '1', ...(type === 'fail' ? { plug: 'one' } : {}) },
    attempts: 1,
    askTimeoutMs: 15_000,
  })
  return { agent, state: () => readFileSync(file, 'utf8') }
}

describe('the real fence_dummy of fence-agents', () => {
  it('an option that it does not know is found before it matters', async (context) => {
    needAgents(context)
    const agent = createFenceAgent({ agent: 'fence_dummy', options: { status_fil: '/tmp/x' } })
    expect(await agent.monitor()).toMatchObject({ ok: false, because: expect.stringContaining('does not know status_fil') })
  })

  it('switches off, is asked, and switches on again', async (context) => {
    needAgents(context)
    const { agent, state } = plug('machine')
    expect(await agent.status()).toMatchObject({ state: 'on' })
    expect(await agent.monitor()).toMatchObject({ ok: true })
    expect(await agent.off()).toMatchObject({ ok: true })
    expect(state()).toBe('off')
    expect(await agent.status()).toMatchObject({ state: 'off' })
    expect(await agent.off()).toMatchObject({ ok: true })
    expect(await agent.on()).toMatchObject({ ok: true })
    expect(state()).toBe('on')
  })

  it('tells what it can do', async (context) => {
    needAgents(context)
    const metadata = await plug('described').agent.metadata()
    expect(metadata).toMatchObject({ name: 'fence_dummy', description: 'Dummy fence agent' })
    expect(metadata?.actions).toEqual(expect.arrayContaining(['on', 'off', 'reboot', 'status', 'monitor', 'metadata']))
    expect(metadata?.parameters.map(({ name }) => name)).toContain('status_file')
  })

  it('both power supplies have to be off: a level whose second plug fails is followed by the next level', async (context) => {
    needAgents(context)
    const [left, broken, last] = [plug('left'), plug('broken', 'fail'), plug('last')]
    const outcome = await fenceLevels([[left.agent, broken.agent], [last.agent]]).off()
    expect(outcome).toMatchObject({ ok: true })
    expect([left.state(), last.state()]).toEqual(['off', 'off'])
    expect(await fenceLevels([[left.agent, broken.agent]]).off()).toMatchObject({ ok: false })
  })
})
