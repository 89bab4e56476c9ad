import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFenceAgent } from '../agent.ts'
import type { FenceAgentOptions } from '../options.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspare-fence-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SECRET = 'correct horse battery'
let made = 0

/** An agent that is strict about the contract, and otherwise does what the script says: `$action` is what it was asked. */
function scripted(script: string, more: Partial<FenceAgentOptions> = {}): ReturnType<typeof createFenceAgent> {
  const agent = join(folder, `agent-${made++}`)
  writeFileSync(
    agent,
    `#!/bin/sh
while IFS= read -r line; do
  case "$line" in action=*) action="\${line#action=}";; *) echo "$line" >>${agent}.options;; esac
done
[ $# -eq 0 ] || exit 9
echo "$action" >>${agent}.actions
${script}
`,
  )
  chmodSync(agent, 0o755)
  return createFenceAgent({ agent, retryMs: 10, ...more })
}

const actionsOf = (name: string) => readFileSync(`${name}.actions`, 'utf8').trim().split('\n')

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function pidIn(file: string): Promise<number> {
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { timeout: 10_000 }).toBe(true)
  return Number(readFileSync(file, 'utf8'))
}

describe('createFenceAgent', () => {
  it.each([
    [{ agent: 'rm -rf /' }, 'agent'],
    [{ agent: '../fence_evil' }, 'agent'],
    [{ agent: 'fence_dummy', options: { action: 'on' } }, 'options'],
    [{ agent: 'fence_dummy', options: { ip: '10.0.0.1\naction=on' } }, 'options'],
    [{ agent: 'fence_dummy', secrets: { password: ' blank' } }, 'secrets'],
    [{ agent: 'fence_dummy', options: { ip: 'a' }, secrets: { ip: 'b' } }, 'secrets'],
    [{ agent: 'fence_dummy', attempts: 0 }, 'attempts'],
    [{ agent: 'fence_dummy', timeoutMs: 5 }, 'timeoutMs'],
  ])('refuses %j', (options, says) => {
    expect(() => createFenceAgent(options)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_FENCE_OPTIONS', message: expect.stringContaining(says) }),
    )
  })

  it('an agent that is not there has switched nothing off, and is not tried again', async () => {
    const outcome = await createFenceAgent({ agent: '/nowhere/fence_x', retryMs: 60_000 }).off()
    expect(outcome).toMatchObject({ ok: false, because: expect.stringContaining('there is no such program') })
  })

  it('an agent that says that it is done has not switched off what is still on', async () => {
    const agent = scripted('[ "$action" = status ] && exit 0; exit 0')
    expect(await agent.off()).toMatchObject({ ok: false, because: 'the agent says that it is done, and that it is on all the same' })
    expect(actionsOf(agent.name)).toEqual(['off', 'status', 'off', 'status'])
  })

  it('an agent that cannot be asked afterwards proves nothing, unless its word is enough', async () => {
    const script = '[ "$action" = off ] && exit 0; echo lost the session >&2; exit 1'
    expect(await scripted(script).off()).toMatchObject({
      ok: false,
      because: expect.stringMatching(/whether it is off is not known: the agent ended with 1: lost the session$/),
    })
    expect(await scripted(script, { proof: 'word' }).off()).toMatchObject({ ok: true })
  })

  it('an order that failed may have been carried out all the same: what is off is off', async () => {
    const agent = scripted('[ "$action" = status ] && exit 2; echo timed out >&2; exit 1')
    expect(await agent.off()).toEqual({ ok: true, detail: 'the agent says that it is off' })
  })

  it('a second attempt may succeed', async () => {
    const agent = scripted('[ "$action" = status ] && { [ $(grep -c off "$0.actions") -ge 2 ] && exit 2; exit 0; }; exit 0')
    expect(await agent.off()).toMatchObject({ ok: true })
  })

  it('exit codes that mean nothing are no answer', async () => {
    for (const code of [1, 3, 127]) expect(await scripted(`exit ${code}`).status()).toMatchObject({ state: 'unknown' })
    expect(await scripted('kill -SEGV $$').status()).toMatchObject({ state: 'unknown', because: expect.stringContaining('SIGSEGV') })
    expect(await scripted('exit 0').status()).toMatchObject({ state: 'on' })
    expect(await scripted('exit 2').status()).toMatchObject({ state: 'off' })
  })

  it('an agent that hangs is ended with its children, what ignores SIGTERM too, and nothing is proven', async () => {
    const file = join(folder, 'stubborn')
    const agent = scripted(
      `trap '' TERM; sh -c 'trap "" TERM; echo $$ >${file}; while :; do sleep 0.1; done' & while :; do sleep 0.1; done`,
      { askTimeoutMs: 600 },
    )
    expect(await agent.status()).toMatchObject({ state: 'unknown', because: 'the agent failed: it did not end within 600 ms' })
    const pid = await pidIn(file)
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })

  it('what an agent leaves running in its group is ended with it, and its pipes are not waited for', async () => {
    const file = join(folder, 'left')
    const agent = scripted(`sh -c 'echo $$ >${file}; exec sleep 60' & while [ ! -s ${file} ]; do sleep 0.02; done; exit 2`)
    expect(await agent.status()).toMatchObject({ state: 'off' })
    const pid = await pidIn(file)
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })

  it('an agent that writes without end is ended', async () => {
    expect(await scripted('yes').status()).toMatchObject({ state: 'unknown', because: expect.stringContaining('more than 1048576 bytes') })
  })

  it('whoever gives up leaves nothing behind', async () => {
    const file = join(folder, 'given-up')
    const controller = new AbortController()
    const off = scripted(`echo $$ >${file}; exec sleep 60`).off({ signal: controller.signal })
    const pid = await pidIn(file)
    controller.abort()
    expect(await off).toMatchObject({ ok: false })
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })

  it('secrets go over standard input alone, and into no message, command or name', async () => {
    const agent = scripted(
      'cat /proc/$$/cmdline >$0.cmdline; env >$0.env; echo "login of admin with $(cat $0.options) failed" >&2; exit 1',
      {
        options: { ip: '10.0.9.1', username: 'admin', passwd: 'hunter2 too', community: 'hunter2-of-snmp' },
        secrets: { password: SECRET },
        attempts: 1,
      },
    )
    const seen = JSON.stringify([await agent.off(), await agent.status(), await agent.monitor(), agent.manual, agent.name])
    for (const file of ['cmdline', 'env']) expect(readFileSync(`${agent.name}.${file}`, 'utf8')).not.toContain(SECRET)
    expect(readFileSync(`${agent.name}.options`, 'utf8')).toContain(`password=${SECRET}`)
    expect(seen).not.toContain(SECRET)
    expect(seen).not.toContain('hunter2')
    expect(agent.manual[0]).toContain('"password=$FENCE_PASSWORD"')
    expect(agent.manual[0]).toContain('ip=10.0.9.1')
  })

  it('nothing of the environment of this process reaches it, and its language is C', async () => {
    process.env['HOTSPARE_TEST_SECRET'] = 'hush'
    const agent = scripted('env >$0.env; exit 2')
    await agent.status()
    delete process.env['HOTSPARE_TEST_SECRET']
    const env = readFileSync(`${agent.name}.env`, 'utf8')
    expect(env).not.toContain('hush')
    expect(env).toContain('LC_ALL=C')
  })

  it('an option that the agent does not know is told, since the agent passes it over', async () => {
    const xml = '<resource-agent name="x"><parameters><parameter name="plug"/><parameter name="ip"/></parameters></resource-agent>'
    const script = `[ "$action" = metadata ] && echo '${xml}'; exit 0`
    expect(await scripted(script, { options: { prot: '3', ip: '10.0.0.9' } }).monitor()).toEqual({
      ok: false,
      because: 'the agent does not know prot, and would pass that over',
      retryable: false,
    })
    expect(await scripted(script, { options: { port: '3', ip: '10.0.0.9' } }).monitor()).toMatchObject({ ok: true })
  })
})
