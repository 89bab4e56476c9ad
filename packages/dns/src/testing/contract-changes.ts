import assert from 'node:assert/strict'
import { recordSet } from '../value.ts'
import type { ContractWorld } from './contract-world.ts'
import type { ContractTest } from './provider-contract.ts'

/** Reading and changing as it goes well. */
export function describeChanges(test: ContractTest): void {
  test('what is not there is read as absent, also beside names and types that are', async (world) => {
    await world.expectAbsent(world.absent('www', 'A'))
    await world.fixture.seed(world.set('www2', 'A', [0]))
    await world.fixture.seed(world.set('a.www', 'A', [1]))
    if (world.provider.capabilities.types.includes('AAAA')) await world.fixture.seed(world.set('www', 'AAAA', [0]))
    await world.expectAbsent(world.absent('www', 'A'))
    assert.equal((await world.read(world.set('www2', 'A', [0]))).set?.values[0], '192.0.2.1')
  })

  test('a name may be asked for in any case and with a dot at its end', async (world) => {
    const there = world.set('www', 'A', [0, 1])
    await world.fixture.seed(there)
    const reading = await world.read({ name: `${there.name.toUpperCase()}.`, type: 'A' })
    assert.deepEqual(reading.set, there)
    assert.equal(reading.name, there.name)
  })

  test('a set is created, changed, given another TTL and removed, and its neighbours stay', async (world) => {
    const neighbours = [world.set('www2', 'A', [3]), world.set('www', 'TXT', [0])]
    for (const each of neighbours) await world.fixture.seed(each)
    const steps = [
      world.set('www', 'A', [0]),
      world.set('www', 'A', [0]),
      world.set('www', 'A', [1, 2]),
      world.set('www', 'A', [2], 'long'),
      world.set('www', 'A', [2]),
      world.set('www', 'A', [0, 1, 2, 3]),
      world.set('www', 'A', [3]),
    ]
    for (const next of steps) {
      await world.put(next)
      await world.expectThere(next)
    }
    assert.equal((await world.change([{ expected: await world.read(world.absent('www', 'A')), next: undefined }])).kind, 'applied')
    await world.expectAbsent(world.absent('www', 'A'))
    for (const each of neighbours) await world.expectThere(each)
  })

  test('what an outcome or a reading tells of is good for the next change', async (world) => {
    const first = world.set('www', 'A', [0])
    await world.put(first)
    for (const index of [1, 2, 0]) {
      const next = world.set('www', 'A', [index])
      assert.equal((await world.change([{ expected: await world.read(next), next }])).kind, 'applied')
    }
    await world.expectThere(first)
  })

  test('every type that it names can be written and read', async (world) => {
    for (const type of world.provider.capabilities.types) {
      const label = `type-${type.toLowerCase()}`
      for (const next of [world.set(label, type, [0]), world.set(label, type, [1, 2])]) {
        await world.put(next)
        await world.expectThere(next)
      }
    }
  })

  test('names in values are read in lower case and without a dot at their end', async (world) => {
    if (!world.provider.capabilities.types.includes('CNAME')) return
    const next = recordSet({ name: world.name('alias'), type: 'CNAME', ttlSeconds: world.ttl('short'), values: ['WWW.Example.NET.'] })
    assert.deepEqual(next.values, ['www.example.net'])
    await world.put(next)
    await world.expectThere(next)
  })

  test('a TXT record may hold blanks, quotation marks, backslashes and more than 255 octets', async (world) => {
    const texts = [
      'hotspare node=web-1 token=7',
      'a "quoted" word; and a semicolon',
      String.raw`back\slash and \065 and \"both\"`,
      'two  blanks',
      `${'long '.repeat(60)}end`,
    ]
    for (const text of texts) {
      const next = recordSet({ name: world.name('_txt'), type: 'TXT', ttlSeconds: world.ttl('short'), values: [text] })
      await world.put(next)
      await world.expectThere(next)
    }
  })

  test('the name of the zone itself can have a set', async (world) => {
    const next = world.set('@', 'TXT', [0])
    await world.put(next)
    await world.expectThere(next)
    await world.put(world.set('@', 'TXT', [1]))
    await world.expectThere(world.set('@', 'TXT', [1]))
  })

  test('several sets change in one step', async (world) => {
    if (!world.provider.capabilities.atomicBatch) return
    const [www, owner] = [world.set('www', 'A', [0]), world.set('_owner', 'TXT', [0])]
    await changeBoth(world, [www, owner])
    await world.expectThere(www)
    await world.expectThere(owner)
    const [www2, owner2] = [world.set('www', 'A', [1]), world.set('_owner', 'TXT', [1])]
    await changeBoth(world, [www2, owner2])
    await world.expectThere(www2)
    await world.expectThere(owner2)
  })
}

async function changeBoth(world: ContractWorld, sets: readonly ReturnType<ContractWorld['set']>[]): Promise<void> {
  const replacements = await Promise.all(sets.map(async (next) => ({ expected: await world.read(next), next })))
  assert.equal((await world.change(replacements)).kind, 'applied')
}
