import assert from 'node:assert/strict'
import { HotspareError } from '@hotspare/core'
import type { Replacement } from '../provider.ts'
import type { RecordSet } from '../record-set.ts'
import type { ContractWorld } from './contract-world.ts'
import type { ContractTest } from './provider-contract.ts'

/** What is never done, and never even asked for. */
export function describeRefusals(test: ContractTest): void {
  test('a change that it cannot express is refused before anybody is asked', async (world) => {
    const www = world.set('www', 'A', [0])
    const { minimumTtlSeconds, mostValues, types, ttlSteps } = world.provider.capabilities
    const elsewhere = { ...www, name: 'www.example.invalid' }
    const refused: (readonly Replacement[])[] = [
      [],
      [absent(elsewhere)],
      [absent({ ...www, values: [] })],
      [absent(www), absent(www)],
      [{ expected: { ...world.absent('other', 'A'), set: undefined }, next: www }],
    ]
    if (minimumTtlSeconds > 0) refused.push([absent({ ...www, ttlSeconds: minimumTtlSeconds - 1 })])
    if (ttlSteps) refused.push([absent({ ...www, ttlSeconds: world.ttl('short') + 1 })])
    if (mostValues !== undefined) {
      refused.push([absent({ ...www, values: Array.from({ length: mostValues + 1 }, (_, index) => `192.0.2.${index}`) })])
    }
    const missing = (['SRV', 'HTTPS', 'ALIAS'] as const).find((type) => !types.includes(type))
    if (missing) refused.push([absent({ ...www, type: missing })])
    for (const replacements of refused) await expectUnsupported(world, world.change(replacements))
    await expectUnsupported(world, world.read(elsewhere))
    assert.equal(world.asked, 0)
  })

  test('several sets at once are refused where they cannot change in one step', async (world) => {
    if (world.provider.capabilities.atomicBatch) return
    await expectUnsupported(world, world.change([absent(world.set('www', 'A', [0])), absent(world.set('api', 'A', [1]))]))
    assert.equal(world.asked, 0)
  })

  test('a call that was given up before it began asks nobody', async (world) => {
    const gone = AbortSignal.abort(new Error('given up'))
    await assert.rejects(world.provider.read(world.absent('www', 'A'), { signal: gone }), /given up/)
    await assert.rejects(world.provider.change([absent(world.set('www', 'A', [0]))], { signal: gone }), /given up/)
    assert.equal(world.asked, 0)
    await world.expectAbsent(world.absent('www', 'A'))
  })

  test('closing it twice is closing it once, and afterwards nobody is asked', async (world) => {
    await world.put(world.set('www', 'A', [0]))
    const { asked } = world
    await Promise.all([world.provider.close(), world.provider.close()])
    await world.provider.close()
    await assert.rejects(world.read(world.absent('www', 'A')), { code: 'HOTSPARE_DNS_STOPPED' })
    await assert.rejects(world.change([absent(world.set('www', 'A', [1]))]), { code: 'HOTSPARE_DNS_STOPPED' })
    assert.equal(world.asked, asked)
  })

  test('what it says of itself fits together', async (world) => {
    const { zone, capabilities } = world.provider
    assert.equal(zone, zone.toLowerCase())
    assert.ok(!zone.endsWith('.'))
    assert.ok(capabilities.types.includes('A') && capabilities.types.includes('TXT'))
    assert.ok(capabilities.ttlSteps?.every((step) => step >= capabilities.minimumTtlSeconds) ?? true)
    assert.ok(capabilities.rate.perSecond > 0 && capabilities.rate.burst >= 1 && capabilities.rate.source !== '')
    assert.match(capabilities.source, /^https:\/\/|^RFC \d+|^@hotspare\//)
    assert.equal(world.provider.waitMs(), 0)
  })
}

function absent(next: RecordSet): Replacement {
  return { expected: { name: next.name, type: next.type, set: undefined }, next }
}

async function expectUnsupported(world: ContractWorld, call: Promise<unknown>): Promise<void> {
  const thrown: unknown = await call.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  )
  if (!HotspareError.is(thrown)) throw thrown
  assert.equal(thrown.code, 'HOTSPARE_DNS_UNSUPPORTED', thrown.message)
  world.said.push(thrown.message)
}
