import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '@hotspare/core'
import type { Instruction, Right } from '@hotspare/core/plan'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ownerName } from './owner.ts'
import { rfc2136Zone } from './providers/rfc2136.ts'
import { serverKinds, SharedServer, ZONE } from './providers/rfc2136.fixture.ts'
import { type DnsResource, dnsResource, nsupdateByHand, type ServedCheck } from './resource.ts'
import { recordSet } from './value.ts'
import { verifyServed } from './verify.ts'

const run = promisify(execFile)
const SHOP = { name: `shop.${ZONE}`, type: 'A' } as const
const OWNER = { name: ownerName(SHOP.name), type: 'TXT' } as const
const [bind] = serverKinds

function rightOf(token: number): Right {
  const { signal } = new AbortController()
  return { token, deadlineMs: systemClock.monotonicMs() + 60_000, signal, isValid: () => true, confirm: () => Promise.resolve(true) }
}

describe('dnsResource at a real server', () => {
  const server = bind ? new SharedServer(bind) : undefined
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotspare-dns-'))
    if (bind?.isThere) await server?.start()
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach((context) => {
    if (!bind?.isThere) context.skip('BIND is not installed')
  })

  function shared(): SharedServer {
    if (!server) throw new Error('there is no BIND')
    return server
  }

  function resourceOf(node: string, keyFile = 'none', served?: ServedCheck): DnsResource {
    const { address, key } = shared()
    const provider = rfc2136Zone({ zone: ZONE, server: address, key })
    const resource = dnsResource({
      provider,
      node,
      ...SHOP,
      follows: { 'web-1': ['192.0.2.1'], 'web-2': ['192.0.2.2', '192.0.2.3'] },
      ttlSeconds: 30,
      served,
      nameServer: address.address,
      byHand: nsupdateByHand({ server: address.address, port: address.port, keyFile }),
    })
    onTestFinished(async () => {
      await resource.close()
      await provider.close()
    })
    return resource
  }

  async function shown(): Promise<readonly (readonly string[] | undefined)[]> {
    const now = shared().behind()
    try {
      return [(await now.peek(SHOP))?.values, (await now.peek(OWNER))?.values]
    } finally {
      await now.close()
    }
  }

  it('refuses an old token, and moves, repairs and gives up under a newer one', async () => {
    const [one, two] = [resourceOf('web-1'), resourceOf('web-2')]
    expect(await one.acquire(rightOf(7))).toMatchObject({ ok: true })
    expect(await two.acquire(rightOf(8))).toMatchObject({ ok: true })
    expect(await one.acquire(rightOf(7))).toMatchObject({
      ok: false,
      retryable: false,
      because: expect.stringContaining('token 8 of web-2'),
    })
    expect(await shown()).toEqual([['192.0.2.2', '192.0.2.3'], ['hotspare node=web-2 token=8']])
    const now = shared().behind()
    await now.put(recordSet({ ...SHOP, ttlSeconds: 30, values: ['203.0.113.9'] }))
    await now.close()
    expect(await two.acquire(rightOf(8))).toMatchObject({ ok: true })
    expect(await two.release()).toMatchObject({ ok: true })
    expect(await shown()).toEqual([['192.0.2.2', '192.0.2.3'], ['hotspare token=8']])
  })

  it('tells when the server answers with what it has accepted', async () => {
    const { address, port } = shared().address
    const servers = [`${address}:${port}`]
    const events: string[] = []
    const resource = resourceOf('web-1', 'none', (set, call) => verifyServed({ zone: ZONE, set, servers, budgetMs: 15_000 }, call))
    resource.subscribe(({ type }) => void events.push(type))
    const now = shared().behind()
    await now.put(recordSet({ ...SHOP, ttlSeconds: 30, values: ['192.0.2.2', '192.0.2.3'] }))
    await now.close()
    expect(await resource.acquire(rightOf(20))).toMatchObject({ ok: true })
    await expect.poll(() => events, { timeout: 20_000 }).toEqual(['record-changed', 'record-served'])
  })

  /** As people would: typed into a shell, and checked by the expression. */
  async function typed({ manual, verification }: Instruction): Promise<string> {
    for (const command of manual) await run('/bin/sh', ['-c', command])
    const command = verification.command.replace('dig +short', `dig +short -p ${shared().address.port}`)
    const { stdout } = await run('/bin/sh', ['-c', command])
    expect(stdout).toMatch(new RegExp(verification.expect, 'mu'))
    return stdout
  }

  it('does for people who type its instructions what it would do itself', async (context) => {
    if (!['/usr/bin/nsupdate', '/usr/bin/dig'].every((program) => existsSync(program))) context.skip('nsupdate and dig are not installed')
    const { name, algorithm, secret } = shared().key
    const keyFile = join(folder, 'update.key')
    await writeFile(keyFile, `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };\n`, { mode: 0o600 })
    const resource = resourceOf('web-1', keyFile)
    await typed(resource.instruction('acquire', 'web-2'))
    expect((await shown())[0]).toEqual(['192.0.2.2', '192.0.2.3'])
    await typed(resource.instruction('acquire', 'web-1'))
    expect((await shown())[0]).toEqual(['192.0.2.1'])
    expect(await typed(resource.instruction('release', 'web-1'))).toBe('')
    expect(await shown()).toEqual([['192.0.2.1'], undefined])
    // Whoever has the right takes over what people have left.
    expect(await resource.acquire(rightOf(30))).toMatchObject({ ok: true })
    expect(await shown()).toEqual([['192.0.2.1'], ['hotspare node=web-1 token=30']])
  })
})
