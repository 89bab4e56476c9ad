import { createHash } from 'node:crypto'
import { systemClock } from '@hotspare/core'
import type { OvhKeys } from '../ovh.ts'
import type { StandInAnswer, StandInRequest } from './stand-in.ts'

/** The clock of OVHcloud's API, and its look at signatures, worked out anew. */
export class OvhClock {
  readonly #keys: OvhKeys
  readonly #origin: () => string
  #aheadSeconds = 1_000_000
  #secret: string

  /** @param origin of the stand-in, as it is signed */
  constructor(keys: OvhKeys, origin: () => string) {
    this.#keys = keys
    this.#origin = origin
    this.#secret = keys.applicationSecret
  }

  /** It is set: what was compared with it is no longer true. */
  set(): void {
    this.#aheadSeconds = 0
  }

  refuse(): void {
    this.#secret = 'another'
  }

  /** @returns undefined for another question than that for the time */
  answer({ path }: StandInRequest): StandInAnswer | undefined {
    return path === '/1.0/auth/time' ? { status: 200, body: String(this.#nowSeconds()) } : undefined
  }

  /** @returns undefined where it is signed well */
  refusal({ headers, method, target, body }: StandInRequest): StandInAnswer | undefined {
    const at = Number(headers['x-ovh-timestamp'])
    // Time in tests goes quicker than it does here.
    if (!(Math.abs(at - this.#nowSeconds()) <= 5_000)) return ovhError(400, 'QUERY_TIME_OUT')
    const { applicationKey, consumerKey } = this.#keys
    const signed = `${this.#secret}+${consumerKey}+${method}+${this.#origin()}${target}+${body}+${at}`
    const good = `$1$${createHash('sha1').update(signed).digest('hex')}`
    const isGood = headers['x-ovh-application'] === applicationKey && headers['x-ovh-consumer'] === consumerKey
    return isGood && headers['x-ovh-signature'] === good ? undefined : ovhError(403, 'INVALID_SIGNATURE')
  }

  #nowSeconds(): number {
    return Math.floor(systemClock.wallMs() / 1_000) + this.#aheadSeconds
  }
}

/** A refusal as OVHcloud writes it. */
export function ovhError(status: number, errorCode: string, message: string = errorCode): StandInAnswer {
  return { status, body: { errorCode, httpCode: `${status}`, message } }
}
