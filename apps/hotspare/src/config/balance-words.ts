import type { RequestKeyOptions } from '@hotspare/balance'
import { assertNever, formatDuration } from '@hotspare/core'
import type { BalanceConfig, PoolConfig } from './config.ts'

/** What of a request is its key: `the header x-user`. */
function keyWords(key: RequestKeyOptions): string {
  switch (key.from) {
    case 'source':
      return "the client's address"
    case 'header':
    case 'cookie':
      return `the ${key.from} ${key.name}`
    case 'uri': {
      const { depth, length, whole } = key
      const parts = [...(depth === undefined ? [] : [`${depth} deep`]), ...(length === undefined ? [] : [`${length} characters`])]
      return `the path${whole === true ? ' and query' : ''}${parts.length === 0 ? '' : ` (${parts.join(', ')} at most)`}`
    }
    default:
      return assertNever(key)
  }
}

/** Undefined for algorithms that look at none. */
export function keyOfPool(balance: BalanceConfig): string | undefined {
  return 'key' in balance ? keyWords(balance.key) : undefined
}

/** How a pool balances, in one line: `by maglev over the header x-user; slow start over 30s`. Holds no secret. */
export function balanceWords(pool: Omit<PoolConfig, 'name' | 'health' | 'outliers'>): string {
  const { balance, zones, slowStart, queue, sticky, targets } = pool
  const key = keyOfPool(balance)
  const bound = 'key' in balance ? balance.boundedLoad?.factorPercent : undefined
  const limited = targets.filter(({ limit }) => limit !== undefined).length
  const parts = [
    `by ${balance.algorithm}${key === undefined ? '' : ` over ${key}`}${bound === undefined ? '' : `, at most ${bound} % of a fair share each`}`,
    ...tierWords(pool),
    ...(zones
      ? [
          `zones ${Object.entries(zones)
            .map(([zone, weight]) => `${zone} ${weight}`)
            .join(', ')}`,
        ]
      : []),
    ...(limited === 0 ? [] : [`${limited === targets.length ? 'each target' : `${limited} of ${targets.length} targets`} with a limit`]),
    ...(queue ? [`up to ${queue.size} requests wait, ${formatDuration(queue.timeoutMs)} at most`] : []),
    ...(slowStart ? [`slow start over ${formatDuration(slowStart.windowMs)}`] : []),
    ...(sticky ? [`sticky by the cookie ${sticky.cookie} for ${formatDuration(1_000 * sticky.maxAgeSeconds)}`] : []),
  ]
  return parts.join('; ')
}

function tierWords({
  panic,
  panicThreshold,
  overprovisioningFactor: factor,
}: Pick<PoolConfig, 'panic' | 'panicThreshold' | 'overprovisioningFactor'>): string[] {
  return [
    ...(factor === undefined ? [] : [`a tier carries ${factor} times its share`]),
    ...(panicThreshold === 0 ? [] : [`panic below ${panicThreshold} %`]),
    ...(panic ? [] : ['never a target that is down']),
  ]
}
