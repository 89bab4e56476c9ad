import { Pool } from 'undici'
import type { ProxySettings } from './options.ts'
import { Slots } from './slots.ts'
import type { ProxyTarget } from './types.ts'

/** An attempt that waits at a target and can be asked to go elsewhere. */
export interface WaitingAttempt {
  abandonIfRepeatable(because: string): void
}

/** The connections to one target and the attempts that are under way there. */
export interface Upstream {
  readonly url: string
  readonly connections: Pool
  readonly attempts: Slots<WaitingAttempt>
}

/** One pool of kept connections for each target, opened at its first use. */
export class Upstreams {
  readonly #settings: ProxySettings
  readonly #byId = new Map<string, Upstream>()
  /** Of targets that have moved to another URL: what is under way there may finish. */
  readonly #retired = new Set<Pool>()

  constructor(settings: ProxySettings) {
    this.#settings = settings
  }

  of(target: ProxyTarget): Upstream {
    const known = this.#byId.get(target.id)
    if (known?.url === target.url) return known
    if (known) this.#retire(known.connections)
    const fresh: Upstream = { url: target.url, connections: this.#connect(target.url), attempts: new Slots() }
    this.#byId.set(target.id, fresh)
    return fresh
  }

  abandon(targetId: string, because: string): void {
    // A copy: an attempt that is repeated may come back to the same target.
    const waiting = Array.from(this.#byId.get(targetId)?.attempts ?? [])
    for (const attempt of waiting) attempt.abandonIfRepeatable(because)
  }

  async close(): Promise<void> {
    const all = [...this.#retired, ...[...this.#byId.values()].map(({ connections }) => connections)]
    this.#byId.clear()
    await Promise.all(all.map((connections) => connections.destroy()))
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

  #retire(connections: Pool): void {
    this.#retired.add(connections)
    // A failure to close a connection has no one to be told to.
    void connections
      .close()
      .catch(() => {})
      .finally(() => this.#retired.delete(connections))
  }
}
