import { Pool } from 'undici'
import type { Attempt } from './attempt.ts'
import type { ProxySettings } from './options.ts'
import { Slots } from './slots.ts'
import type { ProxyTarget } from './types.ts'

/** The connections to one target and the attempts that are under way on them. */
export interface Upstream {
  readonly url: string
  readonly connections: Pool
  readonly attempts: Slots<Attempt>
}

/** One pool of kept connections for each target, opened at its first use. */
export class Upstreams {
  readonly #settings: ProxySettings
  readonly #byId = new Map<string, Upstream>()

  constructor(settings: ProxySettings) {
    this.#settings = settings
  }

  of(target: ProxyTarget): Upstream {
    const known = this.#byId.get(target.id)
    if (known?.url === target.url) return known
    if (known) this.#discard(known)
    const fresh: Upstream = { url: target.url, connections: this.#connect(target.url), attempts: new Slots() }
    this.#byId.set(target.id, fresh)
    return fresh
  }

  attemptsOf(targetId: string): readonly Attempt[] {
    return [...(this.#byId.get(targetId)?.attempts ?? [])]
  }

  async close(): Promise<void> {
    const all = [...this.#byId.values()]
    this.#byId.clear()
    await Promise.all(all.map((upstream) => upstream.connections.destroy()))
  }

  #connect(url: string): Pool {
    const settings = this.#settings
    return new Pool(url, {
      connections: settings.maxConnectionsPerTarget,
      connectTimeout: settings.connectTimeoutMs,
      headersTimeout: settings.firstByteTimeoutMs,
      bodyTimeout: settings.idleTimeoutMs,
      keepAliveTimeout: settings.targetKeepAliveTimeoutMs,
      maxHeaderSize: settings.maxHeaderBytes,
      allowH2: false,
    })
  }

  #discard(upstream: Upstream): void {
    // Lets what is under way finish; a failure to close a connection has no one to be told to.
    upstream.connections.close().catch(() => {})
  }
}
