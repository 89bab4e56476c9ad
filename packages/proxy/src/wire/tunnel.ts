import type { Socket } from 'node:net'
import { type Clock, errorText } from '@hotspare/core'
import type { ProxySettings } from '../options.ts'
import type { RequestRecord } from '../request-record.ts'
import { withCookie } from './answer.ts'
import type { Attempt } from './attempt.ts'
import { writeResponseHead } from './head-writer.ts'
import type { ResponseHead } from './response-head.ts'

/** A client gets this long to read the end. */
const LINGER_MS = 1_000

export interface TunnelOptions {
  readonly attempt: Attempt
  readonly record: RequestRecord
  readonly client: Socket
  readonly target: Socket
  readonly settings: ProxySettings
  readonly clock: Clock
}

/** A WebSocket (RFC 6455) that a target has agreed to: bytes flow both ways untouched. */
export class Tunnel {
  readonly #attempt: Attempt
  readonly #record: RequestRecord
  readonly #client: Socket
  readonly #target: Socket
  readonly #settings: ProxySettings
  readonly #clock: Clock

  constructor({ attempt, record, client, target, settings, clock }: TunnelOptions) {
    this.#attempt = attempt
    this.#record = record
    this.#client = client
    this.#target = target
    this.#settings = settings
    this.#clock = clock
  }

  /**
   * @param head holds for this call alone
   * @param first what the target sent behind its answer
   * @param early what the client sent behind its request
   */
  open(head: ResponseHead, first: Buffer, early: Buffer | undefined): void {
    const client = this.#client
    const target = this.#target
    const { tunnelIdleTimeoutMs } = this.#settings
    this.#record.attemptEnded(this.#attempt)
    client.setTimeout(tunnelIdleTimeoutMs, () => this.cut(`nothing was said for ${tunnelIdleTimeoutMs} ms`))
    const answer = writeResponseHead(head, { framing: head.framing, upgrade: 'websocket' })
    client.write(withCookie(answer, this.#attempt.pick.setCookie), 'latin1')
    if (first.length > 0) client.write(first)
    if (early) target.write(early)
    client.pipe(target).pipe(client)
    target.on('error', (error) => this.cut(`${this.#attempt.pick.target.id}: ${errorText(error)}`))
    target.once('close', () => {
      this.#record.giveBack(this.#attempt)
      this.#record.finish('answered', 101)
      this.#endClient()
    })
    client.once('close', () => {
      this.#record.finish('client-gone', 101, 'the client left')
      target.destroy()
    })
  }

  /** Ends both sides, by a reset. */
  cut(because: string): void {
    this.#record.finish('cut', 101, because)
    this.#client.resetAndDestroy()
    this.#target.destroy()
  }

  #endClient(): void {
    if (this.#client.destroyed) return
    this.#client.end()
    const timer = this.#clock.schedule(LINGER_MS, () => this.#client.destroy(), { unref: true })
    this.#client.once('close', () => timer.cancel())
  }
}
