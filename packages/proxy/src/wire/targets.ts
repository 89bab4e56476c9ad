import type { ProxyTarget } from '../types.ts'
import type { TargetContext } from './context.ts'
import { TargetPool } from './target-pool.ts'
import { targetAddress } from './target-socket.ts'

/** One pool of kept connections for each target, opened at its first use. */
export class Targets {
  readonly #context: TargetContext
  readonly #byId = new Map<string, TargetPool>()
  /** Of targets that have moved to another URL: what is under way there may finish. */
  readonly #retired = new Set<TargetPool>()

  constructor(context: TargetContext) {
    this.#context = context
  }

  /** @returns undefined where the target's URL is none: a picker may come by its targets in any way */
  of({ id, url }: ProxyTarget): TargetPool | undefined {
    const known = this.#byId.get(id)
    if (known?.url === url) return known
    const address = targetAddress(url)
    if (!address) return undefined
    if (known) this.#retire(known)
    const fresh = new TargetPool(this.#context, url, address)
    this.#byId.set(id, fresh)
    return fresh
  }

  abandon(targetId: string, because: string): void {
    // A copy: an attempt that is repeated may come back to the same target.
    const waiting = Array.from(this.#byId.get(targetId)?.attempts ?? [])
    for (const attempt of waiting) attempt.abandonIfRepeatable(because)
  }

  close(): void {
    for (const pool of this.#retired) pool.close()
    for (const pool of this.#byId.values()) pool.close()
    this.#byId.clear()
  }

  #retire(pool: TargetPool): void {
    for (const one of this.#retired) if (one.empty) this.#retired.delete(one)
    pool.retire()
    this.#retired.add(pool)
  }
}
