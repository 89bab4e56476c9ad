import type { Attributes } from '@opentelemetry/api'
import type { TcpProxyEvent } from '@hotspare/proxy/tcp'

interface ConnectionCounts {
  readonly labels: { readonly proxy: string; readonly pool: string }
  /** By outcome, then by who ended it. */
  readonly ended: Map<string, Map<string, number>>
  bytesToTarget: number
  bytesToClient: number
}

type Reading = readonly (readonly [value: number, attributes: Attributes])[]

/** Counts the connections of proxies of TCP; their attempts are counted as those of requests are. */
export class TcpCounts {
  readonly #poolOf: (targetId: string) => string | undefined
  readonly #counts = new Map<string, ConnectionCounts>()

  /** @param poolOf the pool to which a target belongs */
  constructor(poolOf: (targetId: string) => string | undefined) {
    this.#poolOf = poolOf
  }

  finished(proxy: string, event: Extract<TcpProxyEvent, { type: 'connection-finished' }>): void {
    const { outcome, endedBy, targetId, bytesToTarget, bytesToClient } = event
    const counts = this.#of(proxy, (targetId === undefined ? undefined : this.#poolOf(targetId)) ?? 'none')
    const sides = counts.ended.get(outcome) ?? new Map<string, number>()
    counts.ended.set(outcome, sides)
    sides.set(endedBy, (sides.get(endedBy) ?? 0) + 1)
    counts.bytesToTarget += bytesToTarget
    counts.bytesToClient += bytesToClient
  }

  connections(): Reading {
    return [...this.#counts.values()].flatMap(({ labels, ended }) =>
      [...ended].flatMap(([outcome, sides]) => [...sides].map(([side, count]) => [count, { ...labels, outcome, ended_by: side }] as const)),
    )
  }

  bytes(): Reading {
    return [...this.#counts.values()].flatMap(({ labels, bytesToTarget, bytesToClient }) => [
      [bytesToTarget, { ...labels, to: 'target' }] as const,
      [bytesToClient, { ...labels, to: 'client' }] as const,
    ])
  }

  #of(proxy: string, pool: string): ConnectionCounts {
    // A name has no space in it.
    const key = `${proxy} ${pool}`
    const known = this.#counts.get(key)
    if (known) return known
    const fresh: ConnectionCounts = { labels: { proxy, pool }, ended: new Map(), bytesToTarget: 0, bytesToClient: 0 }
    this.#counts.set(key, fresh)
    return fresh
  }
}
