import assert from 'node:assert/strict'
import { ContractWorld } from './contract-world.ts'
import { describeChanges } from './contract-changes.ts'
import { describeFaults } from './contract-faults.ts'
import { describeRefusals } from './contract-refusals.ts'
import { describeSwaps } from './contract-swaps.ts'
import type { DnsProviderFixture } from './provider-fixture.ts'

/** The two functions of a test runner that the suite needs; those of vitest, jest and node:test fit. */
export interface ContractRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

export interface ProviderContract {
  /** `a zone at Route 53` */
  readonly title: string
  open(): Promise<DnsProviderFixture>
}

/** One test of the contract: it gets a world of its own. */
export type ContractTest = (name: string, body: (world: ContractWorld) => Promise<void>) => void

/**
 * What every `DnsProvider` promises, as tests. What all of them promise alike, `zoneProvider` (zone-provider.ts) keeps for any driver:
 * canonical names, refusals before anybody is asked, time limits, nothing after `close`.
 */
export function describeProvider({ describe, it }: ContractRunner, contract: ProviderContract): void {
  const test: ContractTest = (name, body) => {
    it(name, async () => {
      const world = new ContractWorld(await contract.open())
      try {
        await body(world)
        assert.deepEqual(world.fixture.standIn?.objections ?? [], [], 'what was asked is what the published API takes')
        for (const text of world.said) {
          for (const secret of world.fixture.secrets) assert.ok(!text.includes(secret), 'a secret is in what was said')
        }
      } finally {
        await world.close()
      }
    })
  }

  describe(`${contract.title} keeps the contract of a provider`, () => {
    describeRefusals(test)
    describeSwaps(test)
    describeChanges(test)
    describeFaults(test)
  })
}
