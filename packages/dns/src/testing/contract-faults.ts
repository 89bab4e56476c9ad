import assert from 'node:assert/strict'
import type { StandInFault } from '@hotspare/cloud/testing'
import type { RecordSetName } from '../record-set.ts'
import type { ContractWorld } from './contract-world.ts'
import type { ContractTest } from './provider-contract.ts'

/** The longest that any call may take, in milliseconds of the contract's clock. */
const BOUND_MS = 60_000

const BROKEN: readonly StandInFault[] = ['500', 'hang', 'reset', 'garbage', 'huge']

/** What a provider that fails does to a call. */
export function describeFaults(test: ContractTest): void {
  for (const fault of BROKEN) {
    test(`a question that meets "${fault}" fails within its time, and can be asked again`, async (world) => {
      if (!world.hasFault(fault)) return
      const there = world.set('www', 'A', [0])
      await world.fixture.seed(there)
      world.standIn.fail(fault)
      const startMs = world.clock.monotonicMs()
      await world.expectFault(world.read(there), ['unavailable'])
      assert.ok(world.clock.monotonicMs() - startMs <= BOUND_MS)
      await world.expectThere(there)
    })

    test(`a change that meets "${fault}" fails within its time, changes nothing, and can be made again`, async (world) => {
      if (!world.hasFault(fault)) return
      const [before, next] = [world.set('www', 'A', [0]), world.set('www', 'A', [1])]
      await world.fixture.seed(before)
      const expected = await world.read(before)
      world.standIn.fail(fault, { changes: true })
      const startMs = world.clock.monotonicMs()
      await world.expectFault(world.change([{ expected, next }]), ['unavailable'])
      assert.ok(world.clock.monotonicMs() - startMs <= BOUND_MS)
      await world.expectThere(before)
      await world.put(next)
      await world.expectThere(next)
    })
  }

  test('a change whose answer is lost is no success, and the next look shows what has become of it', async (world) => {
    if (!world.hasFault('late-reset')) return
    const [before, next] = [world.set('www', 'A', [0]), world.set('www', 'A', [1])]
    await world.fixture.seed(before)
    const expected = await world.read(before)
    world.standIn.fail('late-reset', { changes: true })
    await world.expectFault(world.change([{ expected, next }]), ['unavailable'])
    await world.put(next)
    await world.expectThere(next)
  })

  for (const changes of [false, true]) {
    test(`after a limit was met by ${changes ? 'a change' : 'a question'}, nothing is asked until its time is over`, async (world) => {
      if (!world.hasFault('limited')) return
      const there = world.set('www', 'A', [0])
      await world.fixture.seed(there)
      const expected = await world.read(there)
      world.standIn.fail('limited', { changes })
      const limited = changes ? world.change([{ expected, next: world.set('www', 'A', [1]) }]) : world.read(there)
      await world.expectFault(limited, ['limited'])
      await expectPause(world, there)
      await world.expectThere(there)
    })
  }

  test('credentials that are not believed are no secret in a message, and are not shown in a row', async (world) => {
    if (!world.fixture.standIn) return
    const there = world.set('www', 'A', [0])
    await world.fixture.seed(there)
    const expected = await world.read(there)
    world.standIn.refuseCredentials()
    const refused = world.change([{ expected, next: world.set('www', 'A', [1]) }])
    if (world.fixture.tellsCredentials === false) {
      await world.expectFault(refused, ['unavailable'])
    } else {
      const error = await world.expectFault(refused, ['credentials'])
      assert.equal(error.retryable, false)
      await expectPause(world, there)
      // It is told, and not waited for: for as long as that nobody waits.
      const atMs = world.clock.monotonicMs()
      await world.expectFault(world.provider.read(there, { signal: new AbortController().signal }), ['credentials'])
      assert.equal(world.clock.monotonicMs(), atMs)
    }
    assert.ok(await world.isThere(there))
  })

  test('a call that is given up ends at once, and can be made again', async (world) => {
    if (!world.hasFault('hang')) return
    const next = world.set('www', 'A', [0])
    const expected = await world.read(next)
    for (const changes of [false, true]) {
      world.standIn.fail('hang', { changes })
      const { hung } = world.standIn
      const giveUp = new AbortController()
      const { signal } = giveUp
      const call = changes ? world.provider.change([{ expected, next }], { signal }) : world.provider.read(next, { signal })
      call.catch(() => {})
      while (world.standIn.hung === hung) await new Promise((resolve) => void setImmediate(resolve))
      const atMs = world.clock.monotonicMs()
      giveUp.abort(new Error('given up'))
      await assert.rejects(call, /given up/)
      assert.equal(world.clock.monotonicMs(), atMs)
    }
    await world.put(next)
    await world.expectThere(next)
  })
}

/** A call during a pause waits for its end, or fails at once; it is not sent. */
async function expectPause(world: ContractWorld, question: RecordSetName): Promise<void> {
  const waitMs = world.provider.waitMs()
  assert.ok(waitMs > 0, 'a pause was asked for')
  const { asked } = world
  const startMs = world.clock.monotonicMs()
  await world.provider.read(question, { signal: new AbortController().signal }).catch(() => {})
  const wasSent = world.asked > asked
  assert.ok(!wasSent || world.clock.monotonicMs() - startMs >= waitMs, 'a call went out during the pause')
}
