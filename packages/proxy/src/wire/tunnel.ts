import type { Socket } from 'node:net'
import { type Clock, errorText } from '@hotspare/core'
import type { ProxySettings } from '../options.ts'
import type { RequestEndReason } from '../request-end.ts'
import type { RequestRecord } from '../request-record.ts'
import { withCookie } from './answer.ts'
import type { Attempt } from './attempt.ts'
import type { ClientSocket } from './client-socket.ts'
import { writeResponseHead } from './head-writer.ts'
import type { ResponseHead } from './response-head.ts'
import { FrameWatch, goingAway } from './tunnel-frames.ts'

/** Each side gets this long to read the end. */
const LINGER_MS = 1_000

export interface TunnelOptions {
  readonly attempt: Attempt
  readonly record: RequestRecord
  readonly client: ClientSocket
  readonly target: Socket
  readonly settings: ProxySettings
  readonly clock: Clock
}

/** A WebSocket (RFC 6455) that a target has agreed to: bytes flow both ways untouched. */
export class Tunnel {
  readonly #attempt: Attempt
  readonly #record: RequestRecord
  readonly #client: ClientSocket
  readonly #target: Socket
  readonly #settings: ProxySettings
  readonly #clock: Clock
  /** What has been passed on, each way. */
  readonly #toClient = new FrameWatch()
  readonly #toTarget = new FrameWatch()
  #goingAway = false

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
    client.setTimeout(tunnelIdleTimeoutMs, () => this.cut(`nothing was said for ${tunnelIdleTimeoutMs} ms`, 'tunnel-idle'))
    const answer = writeResponseHead(head, { framing: head.framing, upgrade: 'websocket' })
    client.write(withCookie(answer, this.#attempt.pick.setCookie), 'latin1')
    // Whatever is passed on is looked at, for where frames end; before the pipes, which take it away.
    client.on('data', this.#passedToTarget)
    target.on('data', this.#passedToClient)
    if (first.length > 0) {
      this.#passedToClient(first)
      client.write(first)
    }
    if (early) {
      this.#passedToTarget(early)
      target.write(early)
    }
    client.pipe(target).pipe(client)
    target.on('error', (error) => {
      if (!this.#goingAway) this.cut(`${this.#attempt.pick.target.id}: ${errorText(error)}`)
    })
    target.once('close', () => {
      this.#record.giveBack(this.#attempt)
      this.#record.finish('answered', 101)
      if (!this.#goingAway) this.#end(client)
    })
    client.once('close', () => {
      this.#record.finish('client-gone', 101, 'the client left')
      if (!this.#goingAway) target.destroy()
    })
  }

  /**
   * The proxy stops: both sides are told so, each as by the other one (RFC 6455, 7.4.1: 1001). Who is in the middle of a frame
   * cannot be told anything, and is cut.
   */
  goAway(because: string): void {
    this.#goingAway = true
    this.#record.finish('cut', 101, because, 'proxy-stopped')
    const client = this.#client
    const target = this.#target
    client.unpipe(target).off('data', this.#passedToTarget)
    target.unpipe(client).off('data', this.#passedToClient)
    this.#tell(target, this.#toTarget, { masked: true })
    this.#tell(client, this.#toClient, { masked: false })
  }

  /** Ends both sides, by a reset. */
  cut(because: string, reason?: RequestEndReason): void {
    this.#record.finish('cut', 101, because, reason)
    this.#client.resetAndDestroy()
    this.#target.destroy()
  }

  readonly #passedToTarget = (piece: Buffer): void => {
    this.#record.receivedBytes += piece.length
    this.#toTarget.take(piece)
  }

  readonly #passedToClient = (piece: Buffer): void => {
    this.#record.sentBytes += piece.length
    this.#toClient.take(piece)
  }

  #tell(socket: ClientSocket, passed: FrameWatch, how: { readonly masked: boolean }): void {
    if (!passed.betweenFrames) return void socket.resetAndDestroy()
    if (!passed.closed && socket.writable) socket.write(goingAway(how))
    // What is still said is read and dropped: unread, it would turn the end into a reset.
    socket.resume()
    this.#end(socket)
  }

  #end(socket: ClientSocket): void {
    if (socket.destroyed) return
    socket.end()
    const timer = this.#clock.schedule(LINGER_MS, () => socket.destroy(), { unref: true })
    socket.once('close', () => timer.cancel())
  }
}
