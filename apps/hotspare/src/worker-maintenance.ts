import { BlockList, isIPv4 } from 'node:net'
import type { Clock } from '@hotspare/core'
import type { PickedAnswer, PickRequest } from '@hotspare/proxy'
import type { PoolConfig } from './config/config.ts'
import type { MaintenanceWord } from './process/messages.ts'

/** What clients see of maintenance. */
export interface MaintenancePage {
  readonly contentType: string
  readonly body: string
}

export const PLAIN_PAGE: MaintenancePage = {
  contentType: 'text/plain; charset=utf-8',
  body: 'hotspare: 503 This site is being worked on.\n',
}

interface Place {
  readonly fromFile: boolean
  readonly retryAfterMs: number
  /** Undefined: nobody gets through. */
  readonly allowed: BlockList | undefined
  word: MaintenanceWord | undefined
}

/** Which pools are being worked on, and who gets through all the same. A word of people ends by itself, also where control is gone. */
export class WorkerMaintenance {
  readonly #clock: Clock
  readonly #places: ReadonlyMap<string, Place>

  constructor(pools: readonly PoolConfig[], clock: Clock) {
    this.#clock = clock
    this.#places = new Map(
      pools.map(({ name, maintenance: { on, allow, retryAfterMs } }) => {
        return [name, { fromFile: on, retryAfterMs, allowed: allow.length === 0 ? undefined : listOf(allow), word: undefined }]
      }),
    )
  }

  set(pool: string, word: MaintenanceWord | undefined): void {
    const place = this.#places.get(pool)
    if (place) place.word = word
  }

  /**
   * What a request gets instead of the pool; undefined: it may go there.
   *
   * @param routed whether its route is being worked on, whatever the pool is
   */
  answerTo(request: PickRequest, pool: string, routed: boolean, page: MaintenancePage): PickedAnswer | undefined {
    const place = this.#places.get(pool)
    if (!place) return undefined
    const untilMs = this.#untilMs(place)
    if (!routed && untilMs === undefined) return undefined
    if (place.allowed && isIn(place.allowed, request.remoteAddress)) return undefined
    const leftMs = Number.isFinite(untilMs) ? (untilMs ?? 0) - this.#clock.wallMs() : place.retryAfterMs
    const headers = {
      'content-type': page.contentType,
      'cache-control': 'no-store',
      'retry-after': String(Math.max(1, Math.ceil(leftMs / 1_000))),
    }
    return { answer: { status: 503, headers, body: page.body, reason: `pool ${pool} is in maintenance` } }
  }

  /** Without an end where nobody has said one; undefined: it is not in maintenance. */
  #untilMs({ fromFile, word }: Place): number | undefined {
    if (fromFile) return Number.POSITIVE_INFINITY
    const until = word && (word.until ?? Number.POSITIVE_INFINITY)
    return until !== undefined && until > this.#clock.wallMs() ? until : undefined
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', length = ''] = network.split('/')
    list.addSubnet(address, Number(length), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}

/** A list knows IPv4 addresses in their IPv6 spelling, too, as the socket of both has them. */
function isIn(list: BlockList, address = ''): boolean {
  return address !== '' && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
