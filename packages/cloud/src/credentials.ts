import type { Clock } from '@hotspare/core'
import type { CloudCredentials } from './cloud-http.ts'
import { cloudDefaults } from './defaults.ts'
import { CloudError } from './errors.ts'
import type { CloudAnswer } from './fetch-text.ts'
import { parseJson } from './json-text.ts'
import { textAt } from './reading.ts'

export interface GrantedToken {
  readonly token: string
  /** How long it lasts, in milliseconds. */
  readonly lastsMs: number
}

/** One token that does not change: `Authorization: Bearer ...`. */
export function fixedBearer(token: string): CloudCredentials {
  return { headers: async () => ({ authorization: `Bearer ${token}` }), secrets: () => [token] }
}

/** One header that does not change, like `X-API-Key`. @param name in lower case */
export function fixedHeader(name: string, value: string, secret: string = value): CloudCredentials {
  return { headers: async () => ({ [name]: value }), secrets: () => [secret] }
}

/** A value that is asked for when it is needed, by one caller for all, and kept until shortly before its end. */
export class Granted<Value> {
  readonly #grant: (signal: AbortSignal) => Promise<{ readonly value: Value; readonly lastsMs: number }>
  readonly #clock: Clock
  #kept: { readonly value: Value; readonly untilMs: number } | undefined
  #granting: { readonly granted: Promise<Value>; readonly signal: AbortSignal } | undefined

  constructor(grant: (signal: AbortSignal) => Promise<{ readonly value: Value; readonly lastsMs: number }>, clock: Clock) {
    this.#grant = grant
    this.#clock = clock
  }

  get known(): Value | undefined {
    return this.#kept?.value
  }

  /** @throws what the grant throws */
  async get(signal: AbortSignal): Promise<Value> {
    if (this.#kept && this.#clock.monotonicMs() < this.#kept.untilMs) return this.#kept.value
    const running = this.#granting
    if (running) {
      // Given up by whoever asked first: then it is asked for by the next.
      return running.granted.catch((error: unknown) => {
        if (!running.signal.aborted || signal.aborted) throw error
        return this.get(signal)
      })
    }
    const granted = this.#ask(signal).finally(() => (this.#granting = undefined))
    this.#granting = { granted, signal }
    return granted
  }

  async #ask(signal: AbortSignal): Promise<Value> {
    const nowMs = this.#clock.monotonicMs()
    const { value, lastsMs } = await this.#grant(signal)
    this.#kept = { value, untilMs: nowMs + Math.max(lastsMs / 2, lastsMs - cloudDefaults.tokenEarlyMs) }
    return value
  }

  /** What is kept, if it is still what was used: somebody else may have renewed it already. */
  forget(wasUsed: (value: Value) => boolean): void {
    if (this.#kept && wasUsed(this.#kept.value)) this.#kept = undefined
  }
}

/** Bearer tokens that are granted for a while. */
export function grantedBearer(
  grant: (signal: AbortSignal) => Promise<GrantedToken>,
  clock: Clock,
  secrets: readonly (string | undefined)[] = [],
): CloudCredentials {
  const granted = new Granted(async (signal) => {
    const { token, lastsMs } = await grant(signal)
    return { value: token, lastsMs }
  }, clock)
  return {
    headers: async (_, signal) => ({ authorization: `Bearer ${await granted.get(signal)}` }),
    forget({ authorization }) {
      granted.forget((token) => authorization === `Bearer ${token}`)
      return true
    },
    secrets: () => [granted.known, ...secrets],
  }
}

/**
 * Reads what an OAuth 2.0 token endpoint answers (RFC 6749, 5), or a metadata service in its place.
 *
 * @throws CloudError
 */
export function readGrantedToken(who: string, { status, text }: Pick<CloudAnswer, 'status' | 'text'>): GrantedToken {
  const answer = parseJson(text)
  const token = textAt(answer, 'access_token')
  const lastsMs = Number(textAt(answer, 'expires_in')) * 1_000
  if (status === 200 && token !== undefined && lastsMs > 0) return { token, lastsMs }
  const said = textAt(answer, 'error')
  const isUnavailable = status >= 500 || status === 429 || status === 200
  const why = `no access token was granted: ${status}${said === undefined ? '' : ` ${said}`}`
  throw new CloudError({ who, fault: isUnavailable ? 'unavailable' : 'credentials', why })
}
