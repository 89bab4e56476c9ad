import assert from 'node:assert/strict'
import type { ContractTest } from './provider-contract.ts'

/** How many write at once. */
const WRITERS = 8

/** What happens where something else is there than what was read. */
export function describeSwaps(test: ContractTest): void {
  test('another value than the one that was read is a conflict, and stays', async (world) => {
    if (world.provider.capabilities.compareAndSwap === 'none') return
    const [ours, theirs] = [world.set('www', 'A', [0]), world.set('www', 'A', [1])]
    await world.fixture.seed(ours)
    const expected = await world.read(ours)
    await world.fixture.seed(theirs)
    world.expectConflict(await world.change([{ expected, next: world.set('www', 'A', [2]) }]), [theirs])
    world.expectConflict(await world.change([{ expected, next: undefined }]), [theirs])
    await world.expectThere(theirs)
  })

  test('a value more or less than what was read is a conflict, and stays', async (world) => {
    const { compareAndSwap, mostValues = Infinity } = world.provider.capabilities
    if (compareAndSwap === 'none' || mostValues < 3) return
    const read = world.set('www', 'A', [0, 1])
    for (const theirs of [world.set('www', 'A', [0]), world.set('www', 'A', [0, 1, 2])]) {
      await world.fixture.seed(read)
      const expected = await world.read(read)
      await world.fixture.seed(theirs)
      world.expectConflict(await world.change([{ expected, next: world.set('www', 'A', [3]) }]), [theirs])
      await world.expectThere(theirs)
    }
  })

  test('another TTL than the one that was read is a conflict, and stays', async (world) => {
    if (world.provider.capabilities.compareAndSwap === 'none' || world.fixture.comparesTtl === false) return
    const [ours, theirs] = [world.set('www', 'A', [0], 'short'), world.set('www', 'A', [0], 'long')]
    await world.fixture.seed(ours)
    const expected = await world.read(ours)
    await world.fixture.seed(theirs)
    world.expectConflict(await world.change([{ expected, next: world.set('www', 'A', [1]) }]), [theirs])
    await world.expectThere(theirs)
  })

  test('what has come or gone since it was read is a conflict', async (world) => {
    if (world.provider.capabilities.compareAndSwap === 'none') return
    const theirs = world.set('www', 'A', [0])
    const missing = await world.read(theirs)
    await world.fixture.seed(theirs)
    world.expectConflict(await world.change([{ expected: missing, next: world.set('www', 'A', [1]) }]), [theirs])
    await world.expectThere(theirs)

    const expected = await world.read(theirs)
    await world.fixture.remove(theirs)
    world.expectConflict(await world.change([{ expected, next: world.set('www', 'A', [1]) }]), [undefined])
    await world.expectAbsent(theirs)
  })

  test('somebody who comes in between, at the last moment, is a conflict', async (world) => {
    if (world.provider.capabilities.compareAndSwap === 'none' || !world.fixture.standIn) return
    const [ours, theirs] = [world.set('www', 'A', [0]), world.set('www', 'A', [1])]
    await world.fixture.seed(ours)
    const expected = await world.read(ours)
    world.standIn.onChange(async () => {
      world.standIn.onChange(undefined)
      await world.fixture.seed(theirs)
    })
    world.expectConflict(await world.change([{ expected, next: world.set('www', 'A', [2]) }]), [theirs])
    await world.expectThere(theirs)
  })

  test('of several who write at once one wins, and the others are told what is there', async (world) => {
    const { compareAndSwap } = world.provider.capabilities
    if (compareAndSwap === 'none') return
    const before = world.set('www', 'A', [0])
    await world.fixture.seed(before)
    const writers = Array.from({ length: WRITERS }, () => world.open())
    const readings = await Promise.all(writers.map(async (writer) => ({ writer, expected: await world.read(before, writer) })))
    const outcomes = await Promise.all(
      readings.map(({ writer, expected }, index) =>
        world.change([{ expected, next: { ...before, values: [`198.51.100.${index + 1}`] } }], writer),
      ),
    )
    assert.equal(outcomes.filter(({ kind }) => kind === 'applied').length, 1)
    const winner = await world.fixture.peek(before)
    assert.deepEqual(winner?.values, [`198.51.100.${outcomes.findIndex(({ kind }) => kind === 'applied') + 1}`])
    for (const outcome of outcomes) if (outcome.kind === 'conflict') world.expectConflict(outcome, [winner])
  })

  test('of several sets none changes where one is not what was read, and all of them are told', async (world) => {
    const { compareAndSwap, atomicBatch } = world.provider.capabilities
    if (compareAndSwap === 'none' || !atomicBatch) return
    const [www, owner, theirs] = [world.set('www', 'A', [0]), world.set('_owner', 'TXT', [0]), world.set('_owner', 'TXT', [1])]
    await world.fixture.seed(www)
    await world.fixture.seed(owner)
    const readings = [await world.read(www), await world.read(owner)] as const
    await world.fixture.seed(theirs)
    const outcome = await world.change([
      { expected: readings[0], next: world.set('www', 'A', [1]) },
      { expected: readings[1], next: world.set('_owner', 'TXT', [2]) },
    ])
    world.expectConflict(outcome, [www, theirs])
    await world.expectThere(www)
    await world.expectThere(theirs)
  })

  test('a set that is only compared stays as it is, and is compared all the same', async (world) => {
    const { compareAndSwap, atomicBatch } = world.provider.capabilities
    if (compareAndSwap === 'none' || !atomicBatch) return
    const [www, next, owner, theirs] = [
      world.set('www', 'A', [0]),
      world.set('www', 'A', [1]),
      world.set('_owner', 'TXT', [0]),
      world.set('_owner', 'TXT', [1]),
    ]
    await world.fixture.seed(www)
    await world.fixture.seed(owner)
    const guard = { expected: await world.read(owner), next: owner }
    assert.equal((await world.change([guard, { expected: await world.read(www), next }])).kind, 'applied')
    await world.expectThere(next)
    await world.expectThere(owner)
    await world.fixture.seed(theirs)
    const stale = await world.change([guard, { expected: await world.read(next), next: www }])
    world.expectConflict(stale, [theirs, next])
    await world.expectThere(next)
  })

  test('without a comparison, a change that was prepared too long ago is made whole or not at all', async (world) => {
    if (world.provider.capabilities.compareAndSwap !== 'none') return
    const [ours, theirs, next] = [world.set('www', 'A', [0, 1]), world.set('www', 'A', [2]), world.set('www', 'A', [3])]
    await world.fixture.seed(ours)
    const expected = await world.read(ours)
    await world.fixture.seed(theirs)
    const outcome = await world.change([{ expected, next }])
    if (outcome.kind === 'conflict') world.expectConflict(outcome, [theirs])
    await world.expectThere(outcome.kind === 'applied' ? next : theirs)
  })
}
