import type { ProxyTarget } from '../types.ts'
import type { TargetContext } from './context.ts'
import { TargetPool } from './target-pool.ts'

/** One pool of kept connections for each target, opened at its first use. */
export class Targets {
  readonly #context: TargetContext
  readonly #byId = new Map<string, TargetPool>()
  /** Of targets that have moved to another URL: what is under way there may finish. */
  readonly #retired = new Set<TargetPool>()

  constructor(context: TargetContext) {
    this.#context = context
  }

  of({ id, url }: ProxyTarget): TargetPool {
    const known = this.#byId.get(id)
    if (known?.url === url) return known
    if (known) this.#retire(known)
    const fresh = new TargetPool(this.#context, url)
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
