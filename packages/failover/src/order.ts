import type { Situation } from './decision.ts'
import { decisionDefaults } from './defaults.ts'

/** Why a service that could be taken is not taken yet: others come first. */
export interface OrderWait {
  readonly because: string
  readonly concern?: string | undefined
}

/**
 * Others that have to be active first, and others that go first. For a base it waits as long as it takes, and says so; for one with
 * a higher priority only a while, since that one may never come.
 */
export function waitForOthers({ service, facts, memory, atMs, rules }: Situation): OrderWait | undefined {
  const { others } = facts
  if (!others) return undefined
  const freeMs = atMs - (memory.freeSinceMs ?? atMs)
  const missing = others.after.filter(({ state }) => state !== 'active')
  if (missing.length > 0) {
    const because = `${service.name} waits for ${missing.map((each) => `${each.name}: ${each.because}`).join('; ')}`
    return { because, concern: freeMs >= rules.settleMs ? because : undefined }
  }
  const coming = freeMs < decisionDefaults.orderMs ? others.higher.filter(({ state }) => state === 'coming') : []
  if (coming.length === 0) return undefined
  return { because: `${coming.map(({ name }) => name).join(', ')} of higher priority ${coming.length === 1 ? 'goes' : 'go'} first` }
}

/**
 * Why a service does not leave a node in maintenance yet: what needs it leaves before it, and then what has a higher priority. Only for
 * a while: what cannot leave keeps nobody here.
 */
export function waitToLeave({ facts, memory, atMs }: Situation): string | undefined {
  const { others } = facts
  if (!others || atMs - (memory.maintenanceSinceMs ?? atMs) >= decisionDefaults.orderMs) return undefined
  const before = [...others.dependents, ...others.higher].filter(({ here }) => here)
  return before.length === 0 ? undefined : `${before.map(({ name }) => name).join(', ')} ${before.length === 1 ? 'leaves' : 'leave'} first`
}
