import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { contextOf } from './commands.fixture.ts'
import { fence } from './fence.ts'

const folder = mkdtempSync(join(tmpdir(), 'hotspare-fence-command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SECRET = 'a secret of the board'

/** @param power what the status of the device of web-2 says; it also writes its secret where it should not */
function fileWith(power: number, extra = 'fencing: required'): string {
  const agent = join(folder, `agent-${power}`)
  writeFileSync(
    agent,
    `#!/bin/sh\ninput=$(cat)\necho "$input" >&2\ncase "$input" in *action=monitor*) exit 0;; *action=status*) exit ${power};; *) exit 1;; esac\n`,
  )
  chmodSync(agent, 0o755)
  const file = join(folder, `hotspare-${power}.yaml`)
  writeFileSync(
    file,
    `node: web-1
cluster:
  nodes: { web-1: { peer: "10.0.0.1:7401" }, web-2: { peer: "10.0.0.2:7401" } }
  secret: 0123456789abcdef0123
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 10s }
  state: ${folder}
fencing:
  nodes:
    web-1: [ { agent: /nowhere/agent } ]
    web-2: [ { agent: ${agent}, secrets: { password: "${SECRET}" } } ]
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    ${extra}
    check: { type: tcp, address: "127.0.0.1:8080" }
    resources: [ { type: vip, address: 10.0.0.100/32, interface: eth0 } ]
`,
  )
  return file
}

describe('hotspare fence', () => {
  it.each([
    ['confirm', undefined, 'x', 'which node is off?'],
    ['confirm', 'web-1', 'x', 'web-1 is this node'],
    ['confirm', 'web-9', 'x', 'there is no node "web-9"'],
    ['confirm', 'web-2', ' ', 'how do you know that it is off?'],
    ['status', 'web-9', undefined, 'there is no node "web-9"'],
  ] as const)('%s %s because %j is refused', async (action, node, because, says) => {
    const context = contextOf()
    await expect(fence(action, node, { config: fileWith(0), because }, context)).rejects.toMatchObject({
      code: 'HOTSPARE_APP_USAGE',
      message: expect.stringContaining(says),
    })
  })

  it('a word that nobody would heed is refused', async () => {
    const context = contextOf()
    await expect(fence('confirm', 'web-2', { config: fileWith(0, ''), because: 'x' }, context)).rejects.toThrow(
      'no service of the file asks for fencing',
    )
  })

  it('status asks every device, and fails where one cannot be used', async () => {
    const context = contextOf()
    expect(await fence('status', undefined, { config: fileWith(1) }, context)).toBe(1)
    expect(context.out()).toContain('web-1, level 1, /nowhere/agent: CANNOT BE USED: the agent failed: there is no such program')
    expect(context.out()).toMatch(/web-2, level 1, .*: can be used; the power is unknown: the agent ended with 1/)
    expect(context.out()).not.toContain(SECRET)
  })

  it.each([
    [0, 'on'],
    [2, 'off'],
  ])('a status of %i is %s', async (code, state) => {
    const context = contextOf()
    expect(await fence('status', 'web-2', { config: fileWith(code), json: true }, context)).toBe(0)
    expect(JSON.parse(context.out())).toMatchObject([{ node: 'web-2', devices: [{ level: 1, monitor: { ok: true }, power: { state } }] }])
  })

  it('confirm is written down with its reason', async () => {
    const context = contextOf()
    expect(await fence('confirm', 'web-2', { config: fileWith(0), because: 'both cables are out' }, context)).toBe(0)
    expect(context.out()).toContain('web-2 counts as off on web-1, until it is heard: both cables are out')
    expect(readFileSync(join(folder, 'fenced.web-2'), 'utf8')).toBe('both cables are out\n')
  })
})
