import { cookieValue, createStickyCookie } from '@hotspare/balance/sticky-cookie'
import type { Clock } from '@hotspare/core'
import type { PickRequest } from '@hotspare/proxy'
import type { StickyConfig } from './config/config.ts'

/** The cookie by which a client of one pool stays at its target. */
export interface Sticky {
  /** The id of the target that this client was sent to before; undefined where it says nothing that we have signed. */
  targetOf(request: Pick<PickRequest, 'headers'>): string | undefined
  /** The value of a `Set-Cookie` that keeps the client at this target. */
  cookieFor(targetId: string): string
}

/** @param pool its name: the cookie of another pool is not accepted */
export function createSticky(config: StickyConfig, pool: string, clock: Pick<Clock, 'wallMs'>): Sticky {
  const { cookie: name, secrets, maxAgeSeconds, secure, sameSite, path } = config
  const codec = createStickyCookie({ keys: secrets, scope: pool, maxAgeSeconds, name, insecure: !secure, path, sameSite })
  return {
    targetOf({ headers: { cookie } }) {
      const value = cookie === undefined ? undefined : cookieValue(cookie, name)
      return value === undefined ? undefined : codec.decode(value, clock.wallMs())
    },
    cookieFor: (targetId) => codec.setCookie(targetId, clock.wallMs()),
  }
}
