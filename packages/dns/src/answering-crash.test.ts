import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createAnswering } from './answering.ts'
import type { NodeOrder } from './answering/answering-node.process.fixture.ts'
import { rfc2136Zone } from './providers/rfc2136.ts'
import { serverKinds, SharedServer, ZONE } from './providers/rfc2136.fixture.ts'
import type { RecordSet } from './record-set.ts'
import { recordSet } from './value.ts'

const NODE = fileURLToPath(new URL('answering/answering-node.process.fixture.ts', import.meta.url))
const WWW = { name: `www.${ZONE}`, type: 'A' } as const
const TARGETS = { t1: '192.0.2.1', t2: '192.0.2.2', t3: '192.0.2.3' }
const OLD = recordSet({ ...WWW, ttlSeconds: 30, values: [TARGETS.t1, TARGETS.t2] })
const NEW = recordSet({ ...WWW, ttlSeconds: 30, values: [TARGETS.t2, TARGETS.t3] })

type StepName = 'is read' | 'is about to be changed' | 'is being changed' | 'was changed'

/** Where a node dies: at a step of one server, while the other has not begun to change, or goes on. */
interface Death {
  readonly label: 'one' | 'two'
  readonly step: StepName
  readonly other: 'waits' | 'goes on'
}

const DEATHS: readonly Death[] = [
  { label: 'one', step: 'is read', other: 'goes on' },
  ...(['one', 'two'] as const).flatMap((label) =>
    (['is about to be changed', 'is being changed', 'was changed'] as const).map((step) => ({ label, step, other: 'waits' as const })),
  ),
  { label: 'two', step: 'was changed', other: 'goes on' },
]

/** What may be there at that moment, at the one where it dies. */
const LEAVES: Readonly<Record<StepName, readonly RecordSet[]>> = {
  'is read': [OLD],
  'is about to be changed': [OLD],
  'is being changed': [OLD, NEW],
  'was changed': [NEW],
}

const [bind] = serverKinds

describe('a node that dies between two providers', () => {
  const servers = Object.fromEntries(['one', 'two'].flatMap((label) => (bind ? [[label, new SharedServer(bind)]] : [])))
  beforeAll(async () => {
    if (bind?.isThere) await Promise.all(Object.values(servers).map((server) => server.start()))
  }, 60_000)
  afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())))
  beforeEach((context) => {
    if (!bind?.isThere) context.skip('BIND is not installed')
  })

  async function shown(): Promise<readonly unknown[]> {
    return Promise.all(
      Object.values(servers).map(async (server) => {
        const now = server.behind()
        try {
          return await now.peek(WWW)
        } finally {
          await now.close()
        }
      }),
    )
  }

  async function reset(): Promise<void> {
    for (const server of Object.values(servers)) {
      const now = server.behind()
      await now.put(OLD)
      await now.close()
    }
  }

  /** Runs a node, and kills it where that is said. @returns whether it came to its end */
  async function runNode(death: Death | undefined): Promise<boolean> {
    const order: NodeOrder = {
      zone: ZONE,
      name: WWW.name,
      servers: Object.fromEntries(Object.entries(servers).map(([label, { address, key }]) => [label, { ...address, key }])),
      targets: TARGETS,
      up: ['t2', 't3'],
    }
    const child = spawn(process.execPath, ['--conditions=@hotspare/source', NODE, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdin.on('error', () => {})
    for await (const line of createInterface(child.stdout)) {
      const { label, step } = JSON.parse(line) as { readonly label?: string; readonly step?: StepName }
      if (label === undefined) break
      if (label === death?.label && step === death.step) {
        child.kill('SIGKILL')
        await ended
        return false
      }
      const waits = death?.other === 'waits' && label !== death.label && step === 'is about to be changed'
      if (!waits) child.stdin.write(`${label}\n`)
    }
    await ended
    return true
  }

  it.for(DEATHS.map((death) => [death.label, death.step, death.other, death] as const))(
    'at server %s when that %s, while the other %s, is mended by the next start',
    { timeout: 60_000 },
    async ([label, step, , death]) => {
      await reset()
      expect(await runNode(death)).toBe(false)
      const [one, two] = await shown()
      const [dying, other] = label === 'one' ? [one, two] : [two, one]
      expect(LEAVES[step]).toContainEqual(dying)
      expect(death.other === 'waits' ? [OLD] : [OLD, NEW]).toContainEqual(other)
      const providers = Object.fromEntries(
        Object.entries(servers).map(([name, { address, key }]) => [name, rfc2136Zone({ zone: ZONE, server: address, key })]),
      )
      const targets = Object.entries(TARGETS).map(([id, value]) => ({ id, values: [value] }))
      const answering = createAnswering({ ...WWW, ttlSeconds: 30, targets, providers })
      await answering.start()
      for (const id of Object.keys(TARGETS)) answering.report(id, id === 't1' ? 'down' : 'up')
      await answering.reconcile()
      // What the dead one had sent may arrive now, and is then met as a conflict.
      await expect.poll(() => answering.snapshot().records[0]?.isSameEverywhere, { timeout: 20_000 }).toBe(true)
      expect(await shown()).toEqual([NEW, NEW])
      await answering.stop()
      await Promise.all(Object.values(providers).map((provider) => provider.close()))
    },
  )

  it('brings both there by itself, where it is left alive', async () => {
    await reset()
    expect(await runNode(undefined)).toBe(true)
    expect(await shown()).toEqual([NEW, NEW])
  }, 60_000)
})
