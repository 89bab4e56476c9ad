import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { etcdMissing, startEtcd, until } from './server.fixture.ts'
import { etcdRegister } from '../etcd.ts'
import { createLease, type Lease } from '../lease.ts'

const TTL_MS = 1_500

async function realEtcd(context: TestContext) {
  const missing = etcdMissing()
  if (missing) context.skip(missing)
  const etcd = await startEtcd()
  onTestFinished(() => etcd.close())
  return etcd
}

function contender(holder: string, endpoints: readonly string[]) {
  const register = etcdRegister({ endpoints })
  const lease = createLease({ register, name: 'shop', holder, ttlMs: TTL_MS })
  const tokens: number[] = []
  lease.subscribe((event) => event.type === 'lease-granted' && tokens.push(event.token))
  onTestFinished(async () => {
    await lease.stop()
    await register.close()
  })
  return { lease, tokens, register }
}

/** Wants the lease, time and again, until it is called off. */
async function compete(lease: Lease, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const right = await lease.acquire({ signal }).catch(() => undefined)
    if (right) await new Promise<void>((resolve) => AbortSignal.any([right.signal, signal]).addEventListener('abort', () => resolve()))
  }
}

describe('the program of the README, as three processes over a real etcd', () => {
  const packageFolder = join(import.meta.dirname, '../..')
  const program = /```ts no-run\n(?<code>.+?)```/su.exec(readFileSync(join(packageFolder, 'README.md'), 'utf8'))?.groups?.['code'] ?? ''

  function run(holder: string, endpoint: string) {
    const child: ChildProcess = spawn(process.execPath, ['--conditions=@hotspare/source', '--input-type=module', '-', holder, endpoint], {
      cwd: packageFolder,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin?.end(program)
    const lines: string[] = []
    child.stdout?.on('data', (text) => lines.push(...String(text).trim().split('\n')))
    onTestFinished(() => void child.kill('SIGKILL'))
    return { holder, child, tokens: () => lines.flatMap((line) => /leading with token (\d+)/u.exec(line)?.[1] ?? []).map(Number) }
  }

  it('has one leader, and another after the leader was killed, with a greater token', { timeout: 120_000 }, async (context) => {
    const { endpoints } = await realEtcd(context)
    const processes = ['one', 'two', 'three'].map((holder) => run(holder, endpoints[0] ?? ''))
    const leaders = () => processes.filter(({ tokens }) => tokens().length > 0)
    await until(() => leaders().length > 0, 'a first leader')
    const [first] = leaders()
    first?.child.kill('SIGKILL')
    await until(() => leaders().length === 2, 'a second leader')
    const second = leaders().find((leader) => leader !== first)
    second?.child.kill('SIGTERM')
    await once(second?.child ?? first!.child, 'exit')
    await until(() => leaders().length === 3, 'a third leader')
    const [firstToken, secondToken, thirdToken] = [first, second, leaders().find((leader) => leader !== first && leader !== second)].map(
      (leader) => new Set(leader?.tokens()),
    )
    // Each led under one token, and each token was greater than the one before.
    expect([firstToken?.size, secondToken?.size, thirdToken?.size]).toEqual([1, 1, 1])
    const tokens = [firstToken, secondToken, thirdToken].flatMap((each) => [...(each ?? [])])
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b))
  })
})

describe('a restart of etcd', () => {
  it(
    'elects no second leader (microsoft/etcd3#158): the record is still there, and the leader goes on with it',
    { timeout: 120_000 },
    async (context) => {
      const { endpoints, members, ready } = await realEtcd(context)
      const one = contender('one', endpoints)
      const two = contender('two', endpoints)
      const over = new AbortController()
      const competing = [one, two].map(({ lease }) => compete(lease, over.signal))
      const held = () => [one, two].filter(({ lease }) => lease.verdict().state === 'held').length
      for (let round = 0; round < 3; round++) {
        await until(() => held() > 0, 'one of them has it')
        await members[0]?.kill()
        members[0]?.start()
        const restarted = ready()
        // A restart that takes longer than the ttl ends the right; then the other may have it, and never both.
        for (let look = 0; look < 50; look++) {
          expect(held()).toBeLessThan(2)
          await sleep(20)
        }
        await restarted
      }
      over.abort()
      await Promise.all(competing)
      expect(new Set([...one.tokens, ...two.tokens]).size).toBe(one.tokens.length + two.tokens.length)
    },
  )

  it('that has lost its data ends the right first, and the next token is greater', { timeout: 120_000 }, async (context) => {
    const { endpoints, call } = await realEtcd(context)
    const one = contender('one', endpoints)
    const two = contender('two', endpoints)
    const right = await one.lease.acquire()
    const rival = two.lease.acquire()
    await until(() => two.lease.verdict().state === 'elsewhere', 'the rival has seen it')
    await call('/v3/kv/deleterange', { key: Buffer.from('hotspare/lease/shop').toString('base64') })
    const overlapped = rival.then(() => right.isValid())
    await until(() => right.signal.aborted, 'the end of the right')
    expect([await overlapped, (await rival).token > right.token]).toEqual([false, true])
  })
})
