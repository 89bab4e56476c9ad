import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '@hotspare/core'
import { type AttemptFailure, classifyFailure, TAKEN_BACK } from './failure.ts'
import type { FlatHeaders } from './headers.ts'
import type { ProxySettings } from './options.ts'
import { type AnswerHead, asksForLess, type EndedTry, type TriedTarget } from './request-record.ts'
import type { TargetPick } from './types.ts'
import type { WaitingAttempt } from './upstreams.ts'

/** Hears how asking a target for an upgrade ended: one call, once. */
export interface UpgradeOwner {
  upgradeAgreed(attempt: UpgradeAttempt, answer: IncomingMessage, target: Duplex, first: Buffer): void
  /** The target answered in plain HTTP. */
  upgradeDeclined(attempt: UpgradeAttempt, answer: IncomingMessage): void
  upgradeFailed(attempt: UpgradeAttempt, failure: AttemptFailure): void
  abandonIfRepeatable(attempt: UpgradeAttempt, because: string): void
}

/** One target, asked for a WebSocket, on a connection of its own. */
export class UpgradeAttempt implements EndedTry, WaitingAttempt {
  readonly pick: TargetPick
  readonly startedMs: number
  head: AnswerHead | undefined
  readonly #owner: UpgradeOwner
  readonly #request: ClientRequest
  #timer: Timer
  #settled = false

  constructor(tried: TriedTarget, path: string, headers: FlatHeaders, settings: ProxySettings, clock: Clock, owner: UpgradeOwner) {
    this.pick = tried.pick
    this.startedMs = tried.startedMs
    this.#owner = owner
    const url = new URL(tried.pick.target.url)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    this.#request = send({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path,
      method: 'GET',
      headers: [...headers, 'connection', 'Upgrade', 'upgrade', 'websocket'],
      agent: false,
      maxHeaderSize: settings.maxHeaderBytes,
    })
    const { connectTimeoutMs, firstByteTimeoutMs } = settings
    this.#timer = clock.schedule(connectTimeoutMs, () => {
      if (this.sent) this.#timer = this.#limitAnswer(clock, firstByteTimeoutMs)
      else this.abandon({ reason: 'unreachable', detail: `no connection within ${connectTimeoutMs} ms`, sent: false })
    })
    this.#request.on('error', (error) => this.abandon(classifyFailure(error, this.sent)))
    const answered = (answer: IncomingMessage, tell: () => void) => {
      this.head = headOf(answer, clock.monotonicMs())
      this.#settle(tell)
    }
    this.#request.on('response', (answer) => answered(answer, () => owner.upgradeDeclined(this, answer)))
    this.#request.on('upgrade', (answer, target, first) => answered(answer, () => owner.upgradeAgreed(this, answer, target, first)))
    this.#request.end()
  }

  /** Whether a byte may have reached the target. */
  get sent(): boolean {
    return this.#request.socket?.connecting === false
  }

  abandonIfRepeatable(because: string): void {
    this.#owner.abandonIfRepeatable(this, because)
  }

  /** Ends the attempt; its owner hears of the failure. */
  abandon(failure: AttemptFailure): void {
    this.#settle(() => {
      this.#request.destroy(TAKEN_BACK)
      this.#owner.upgradeFailed(this, failure)
    })
  }

  /** Ends the attempt without a word: the client has left. */
  cancel(): void {
    this.#settle(() => this.#request.destroy(TAKEN_BACK))
  }

  #limitAnswer(clock: Clock, firstByteTimeoutMs: number): Timer {
    const leftMs = Math.max(0, firstByteTimeoutMs - (clock.monotonicMs() - this.startedMs))
    const failure: AttemptFailure = { reason: 'timeout', detail: `no answer to the upgrade within ${firstByteTimeoutMs} ms`, sent: true }
    return clock.schedule(leftMs, () => this.abandon(failure))
  }

  #settle(end: () => void): void {
    if (this.#settled) return
    this.#settled = true
    this.#timer.cancel()
    end()
  }
}

function headOf({ statusCode = 0, headers }: IncomingMessage, atMs: number): AnswerHead {
  return { status: statusCode, atMs, retryAfter: asksForLess(statusCode) ? headers['retry-after'] : undefined }
}
