import { Slots } from '../slots.ts'
import type { ProxyTarget } from '../types.ts'
import { type TcpAddress, tcpAddress } from './target-address.ts'

/** A connection that may be told that its target is down. */
export interface TargetUser {
  targetDown(because: string): void
}

/** One target: where it is, and who uses it. */
export class TcpTarget {
  readonly url: string
  /** Undefined where the URL cannot be read. */
  readonly address: TcpAddress | undefined
  readonly #users = new Slots<TargetUser>()
  #count = 0

  constructor(url: string) {
    this.url = url
    this.address = tcpAddress(url)
  }

  /** Connections that are open or opening. */
  get count(): number {
    return this.#count
  }

  /** @returns the place, to be given back with `leave` */
  enter(user: TargetUser): number {
    this.#count += 1
    return this.#users.add(user)
  }

  leave(place: number): void {
    this.#count -= 1
    this.#users.remove(place)
  }

  /** A copy: who leaves may come back to the same target. */
  users(): readonly TargetUser[] {
    return Array.from(this.#users)
  }
}

/** The targets that connections have gone to. */
export class TcpTargets {
  readonly #byId = new Map<string, TcpTarget>()

  of({ id, url }: ProxyTarget): TcpTarget {
    const known = this.#byId.get(id)
    if (known?.url === url) return known
    // Moved to another URL: who is connected to the old one leaves it in its own time.
    const target = new TcpTarget(url)
    this.#byId.set(id, target)
    return target
  }

  abandon(targetId: string, because: string): void {
    for (const user of this.#byId.get(targetId)?.users() ?? []) user.targetDown(because)
  }
}
