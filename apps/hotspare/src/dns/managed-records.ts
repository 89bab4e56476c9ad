import { type AnswerTarget, chooseAnswers, recordSet, type RecordSet } from '@hotspare/dns'
import type { FailoverBudgetOptions } from '@hotspare/dns/budget'
import { type DnsProviderConfig, EMBEDDED, type VerifyConfig } from '../config/config-dns.ts'
import type { Config } from '../config/config.ts'

/** A record of the file at one provider. */
export interface ManagedRecord {
  readonly account: DnsProviderConfig
  readonly zone: string
  /** What it holds when all is well. */
  readonly usual: RecordSet
  /** What else it may hold: of a record that follows, what it has while another member is active. */
  readonly others: readonly RecordSet[]
  /** Of a record that answers: it may hold any of these, as targets are up or down. Empty for one that follows. */
  readonly anyOf: readonly string[]
  /** For people: `answers pool shop`, `follows service shop-entry`. */
  readonly what: string
  readonly verify: VerifyConfig
  readonly detection: FailoverBudgetOptions['detection'] | undefined
}

/** Every record of a file that others keep, as it is when all is well. */
export function managedRecords({ dns, services, pools }: Pick<Config, 'dns' | 'services' | 'pools'>): readonly ManagedRecord[] {
  const accounts = new Map(dns?.providers.map((provider) => [provider.name, provider]))
  const answering = (dns?.records ?? []).flatMap((record) => {
    const { zone, name, type, ttlSeconds, pool, targets, policy, verify } = record
    const facts = targets.map(({ id, address, weight, tier }): AnswerTarget => ({
      id,
      values: [address],
      state: 'up',
      sinceMs: 0,
      weight,
      tier,
    }))
    const answers = chooseAnswers({ targets: facts, published: [], atMs: 0 }, policy)
    const values = answers.kind === 'answer' ? answers.values : targets.map(({ address }) => address)
    const health = pools.find((each) => each.name === pool)?.health
    return record.providers.flatMap((provider): ManagedRecord[] => {
      const account = accounts.get(provider)
      if (provider === EMBEDDED || !account) return []
      const usual = recordSet({ name, type, ttlSeconds, values })
      const { values: anyOf } = recordSet({ name, type, ttlSeconds, values: targets.map(({ address }) => address) })
      const what = `answers for pool ${pool}`
      return [{ account, zone, usual, others: [], anyOf, what, verify, detection: health && detectionOf(health) }]
    })
  })
  const following = services.flatMap(({ name: service, members, resources, check }) =>
    resources.flatMap((resource): ManagedRecord[] => {
      if (resource.type !== 'dns') return []
      const { account, zone, name, recordType: type, ttlSeconds, follows, verify } = resource
      const [usual, ...others] = members.map((member) => recordSet({ name, type, ttlSeconds, values: follows[member] ?? [] }))
      if (!usual) return []
      return [{ account, zone, usual, others, anyOf: [], what: `follows service ${service}`, verify, detection: detectionOf(check) }]
    }),
  )
  return [...answering, ...following]
}

function detectionOf({ intervalMs, fall, timeoutMs }: { readonly intervalMs: number; readonly fall: number; readonly timeoutMs: number }) {
  return { intervalMs, fall, timeoutMs }
}
