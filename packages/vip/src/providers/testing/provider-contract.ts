import assert from 'node:assert/strict'
import { ContractWorld } from './contract-world.ts'
import type { ProviderFixture } from './provider-fixture.ts'

/** The two functions of a test runner that the suite needs; those of vitest, jest and node:test fit. */
export interface ProviderContractRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

export interface ProviderContract {
  /** `aws-elastic-ip` */
  readonly title: string
  open(): Promise<ProviderFixture>
}

/** What every `AddressProvider` promises, as tests through the one resource that drives it. */
export function describeProviderContract({ describe, it }: ProviderContractRunner, contract: ProviderContract): void {
  const test = (name: string, body: (world: ContractWorld) => Promise<void>) =>
    it(name, async () => {
      const world = new ContractWorld(await contract.open())
      try {
        await body(world)
        assert.deepEqual(world.standIn.objections, [], 'what was asked is what the published API takes')
        for (const text of world.said) {
          for (const secret of world.fixture.secrets) assert.ok(!text.includes(secret), `a secret is in "${text}"`)
        }
      } finally {
        await world.close()
      }
    })

  describe(`${contract.title} keeps the contract of a provider`, () => {
    test('nothing is changed without a valid right', async (world) => {
      const right = world.right(1)
      right.end()
      assert.equal((await world.acquire('web-1', right)).ok, false)
      assert.deepEqual(world.changes(), [])
    })

    test('a stranger keeps what it has, and is told of', async (world) => {
      const { stranger } = world.fixture.targets
      if (stranger === undefined) return
      world.standIn.setHolder(stranger)
      assert.equal((await world.node('web-1').observe()).state, 'foreign')
      const outcome = await world.acquire('web-1')
      assert.match(world.because(outcome), /belongs to no member/)
      assert.deepEqual(world.changes(), [])
      assert.equal(world.standIn.holder(), stranger)
    })

    test('an older token is refused where a newer one is seen', async (world) => {
      if (!world.fixture.keepsToken) return
      assert.equal((await world.acquire('web-2', world.right(6))).ok, true)
      assert.equal(world.standIn.token, 6)
      const before = world.changes().length
      assert.match(world.because(await world.acquire('web-1', world.right(5))), /newer right/)
      assert.equal(world.changes().length, before)
      assert.equal(world.standIn.holder(), world.target('web-2'))
    })

    test('credentials that are not believed are no secret in a message, and are not tried in a row', async (world) => {
      world.standIn.refuseCredentials()
      assert.equal((await world.acquire('web-1')).ok, false)
      const asked = world.standIn.asked.length
      for (let round = 0; round < 5; round++) assert.notEqual((await world.node('web-1').observe()).state, 'held')
      assert.ok(world.standIn.asked.length <= asked + 2, `${world.standIn.asked.length - asked} more questions`)
      assert.equal(world.standIn.holder(), undefined)
    })

    test('it comes to who acquires it, and a second time nothing is changed', async (world) => {
      assert.equal((await world.node('web-1').observe()).state, 'absent')
      assert.deepEqual(world.problem(await world.acquire('web-1', world.right(3))), undefined)
      assert.equal(world.standIn.holder(), world.target('web-1'))
      assert.equal((await world.node('web-1').observe()).state, 'held')
      const before = world.changes().length
      assert.equal((await world.acquire('web-1', world.right(3))).ok, true)
      assert.equal(world.changes().length, before)
    })

    test('it is taken over from another member, who then sees that it has gone', async (world) => {
      await world.acquire('web-1', world.right(1))
      assert.deepEqual(world.problem(await world.acquire('web-2', world.right(2))), undefined)
      assert.equal(world.standIn.holder(), world.target('web-2'))
      assert.equal((await world.fresh('web-1').observe()).state, 'absent')
    })

    test('it is let go by who has it, once', async (world) => {
      await world.acquire('web-1')
      assert.deepEqual(world.problem(await world.release('web-1')), undefined)
      assert.equal(world.standIn.holder(), undefined)
      const before = world.changes().length
      assert.equal((await world.release('web-1')).ok, true)
      assert.equal(world.changes().length, before)
    })

    test('what another has is not let go of', async (world) => {
      world.standIn.setHolder(world.target('web-2'))
      assert.equal((await world.release('web-1')).ok, true)
      assert.deepEqual(world.changes(), [])
      assert.equal(world.standIn.holder(), world.target('web-2'))
    })

    test('a right that ends between two calls ends the takeover, and the next one completes it', async (world) => {
      await world.acquire('web-1', world.right(1))
      const right = world.right(2)
      world.standIn.onChange(() => right.end())
      const before = world.changes().length
      assert.equal((await world.acquire('web-2', right)).ok, false)
      assert.equal(world.changes().length, before + 1)
      world.standIn.onChange(undefined)
      assert.deepEqual(world.problem(await world.acquire('web-2', world.right(3))), undefined)
      assert.equal(world.standIn.holder(), world.target('web-2'))
    })

    test('of two that acquire it at the same time one has it in the end, and the newer right gets it', async (world) => {
      await Promise.all([world.acquire('web-1', world.right(5)), world.acquire('web-2', world.right(6))])
      assert.deepEqual(world.problem(await world.acquire('web-2', world.right(6))), undefined)
      assert.equal(world.standIn.holder(), world.target('web-2'))
    })

    for (const fault of ['500', 'limited', 'hang', 'reset', 'late-reset', 'garbage', 'huge'] as const) {
      test(`one question and one change that meet "${fault}" are asked again`, async (world) => {
        world.standIn.setHolder(world.target('web-1'))
        world.standIn.fail(fault)
        world.standIn.fail(fault, { changes: true })
        assert.deepEqual(world.problem(await world.acquire('web-2', world.right(2))), undefined)
        assert.equal(world.standIn.holder(), world.target('web-2'))
      })
    }

    test('a provider that fails for good is a failure, within its time, and what was seen before still stands', async (world) => {
      await world.acquire('web-1')
      world.standIn.fail('500', { times: 1_000 })
      assert.equal((await world.release('web-1')).ok, false)
      const { state, because } = await world.node('web-1').observe()
      assert.equal(state, 'held')
      assert.match(because, /as seen .* ago/)
      assert.equal((await world.fresh('web-1').observe()).state, 'unknown')
    })

    test('a call that is given up ends at once, and can be made again', async (world) => {
      world.standIn.fail('hang')
      const giveUp = new AbortController()
      const acquiring = world.node('web-1').acquire(world.right(1), { signal: giveUp.signal })
      acquiring.catch(() => {})
      while (world.standIn.asked.length === 0) await new Promise((resolve) => void setImmediate(resolve))
      giveUp.abort(new Error('given up'))
      await assert.rejects(acquiring, /given up/)
      assert.deepEqual(world.problem(await world.acquire('web-1', world.right(1))), undefined)
    })

    test('an operation that ends badly is tried again or told of, and never taken for done', async (world) => {
      if (!world.standIn.failOperation) return
      world.standIn.failOperation()
      const outcome = await world.acquire('web-1')
      assert.equal(outcome.ok, world.standIn.holder() === world.target('web-1'))
    })

    test('credentials that have run out are renewed, once', async (world) => {
      if (!world.standIn.expireCredentials) return
      await world.acquire('web-1', world.right(1))
      world.standIn.setHolder(undefined)
      world.standIn.expireCredentials()
      // The same client: it has to find out.
      assert.deepEqual(world.problem(await world.acquire('web-1', world.right(2))), undefined)
      assert.equal(world.standIn.holder(), world.target('web-1'))
    })

    test('many observations are few questions', async (world) => {
      const questions = () => world.standIn.asked.length
      await world.node('web-1').observe()
      const first = questions()
      for (let round = 0; round < 10; round++) await world.node('web-1').observe()
      assert.equal(questions(), first)
    })

    test('people can do each verb by hand, and no secret stands in what they type', async (world) => {
      for (const verb of ['acquire', 'release'] as const) {
        const { what, manual, verification } = world.node('web-1').instruction(verb, 'web-2')
        assert.ok(manual.length > 0 && manual.every((line) => line.trim() !== '' && !line.includes('\n')))
        const expected = new RegExp(verification.expect, 'mu')
        if (verb === 'acquire') assert.ok(manual.join('\n').includes(world.target('web-2').split('/').at(-1) ?? ''))
        assert.equal(expected.test('none\n'), verb === 'release' || expected.test('none'))
        world.said.push(what, verification.command, ...manual)
      }
    })
  })
}
