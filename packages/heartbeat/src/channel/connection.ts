import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '@hotspare/core'
import { abortReason, assertNever, clipDetail, errorText, networkFault } from '@hotspare/core'
import { PendingCalls } from './calls.ts'
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionRules,
  type ConnectionState,
  greet,
  type PeerHello,
  stepConnection,
} from './connection-machine.ts'
import { bodyError, busyError, unreachableError } from './errors.ts'
import type { CloseReason } from './events.ts'
import type { Asker } from './service.ts'
import {
  encodeFrame,
  type ErrorFrame,
  FRAME_HEAD_BYTES,
  FRAME_TEXT,
  type Frame,
  parseFrame,
  type RequestFrame,
  type ResponseFrame,
} from './frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { Outbox } from './outbox.ts'

export interface ConnectionLimits {
  readonly maxFrameBytes: number
  readonly maxQueueBytes: number
  readonly maxRequests: number
  /** How long a last word may take to be sent. */
  readonly closeTimeoutMs: number
}

export interface ConnectionEvents {
  readonly onOpened: (hello: PeerHello) => void
  /** Once, and the last of them; whether it was ever open is in `connection.hello`. */
  readonly onClosed: (reason: CloseReason, detail: string) => void
  readonly onRequest: (frame: RequestFrame) => void
  readonly onCancel: (id: number) => void
  readonly onLateAnswer: () => void
}

export interface ConnectionOptions {
  readonly socket: Duplex
  readonly rules: ConnectionRules
  readonly limits: ConnectionLimits
  readonly clock: Clock
  readonly events: ConnectionEvents
}

/** One connection whose key is proven: frames, silence and requests. What it decides is `stepConnection()`. */
export class ChannelConnection implements Asker {
  readonly #options: ConnectionOptions
  readonly #decoder: FrameDecoder
  readonly #calls: PendingCalls
  readonly #outbox: Outbox
  readonly #openedMs: number
  /** Settles when the socket is closed and holds nothing of the process any more. */
  readonly closed: Promise<void>
  #state: ConnectionState
  #hello: PeerHello | undefined
  #timer: Timer | undefined
  #retired = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { socket, rules, limits, clock } = options
    this.#decoder = new FrameDecoder(limits.maxFrameBytes)
    this.#calls = new PendingCalls(rules.peer)
    this.#outbox = new Outbox(socket)
    this.#openedMs = clock.monotonicMs()
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    this.#state = greet(rules, this.#openedMs).state
  }

  /** Says hello, and listens. */
  start(): void {
    const { socket, rules } = this.#options
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.end('ended', 'the connection ended without a goodbye'))
    socket.on('error', (error) => {
      const reset = networkFault(error) === 'reset'
      this.end(reset ? 'reset' : 'ended', reset ? 'the connection was reset without a goodbye' : clipDetail(errorText(error)))
    })
    socket.on('close', () => this.end('ended', 'the connection was closed without a goodbye'))
    this.#apply(greet(rules, this.#openedMs).effects)
    this.#arm()
    // It may have been closed between the handshake and this moment.
    if (socket.destroyed) this.end('ended', 'the connection was closed before the hello')
  }

  get hello(): PeerHello | undefined {
    return this.#hello
  }

  get session(): string {
    return this.#hello?.session ?? ''
  }

  get protocol(): number {
    return this.#hello?.protocol ?? 0
  }

  livedMs(): number {
    return this.#options.clock.monotonicMs() - this.#openedMs
  }

  /**
   * Sends a request and waits for its answer, or for `signal`, which then cancels it.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE`, `_BUSY`, `_BODY` before it is sent; `_REFUSED`, `_LOST` after
   */
  async call(method: string, body: unknown, remainingMs: number, signal: AbortSignal): Promise<unknown> {
    const { rules, limits } = this.#options
    const { peer } = rules
    if (this.#state.phase !== 'open') throw unreachableError(peer, 'the connection is closed')
    if (this.#calls.size >= limits.maxRequests) throw busyError(peer, `${limits.maxRequests} requests wait for answers already`)
    const id = this.#calls.nextId
    const bytes = encoded({ type: 'request', id, method, remainingMs, body })
    if (!bytes) throw bodyError(peer, method, 'the body cannot be written as JSON')
    const size = bytes.length - FRAME_HEAD_BYTES
    if (size > limits.maxFrameBytes) throw bodyError(peer, method, `the request has ${size} bytes, the limit is ${limits.maxFrameBytes}`)
    if (this.#outbox.waitingBytes + bytes.length > limits.maxQueueBytes)
      throw busyError(peer, 'it does not read as fast as requests are sent')
    let onAbort: (() => void) | undefined
    try {
      return await new Promise((resolve, reject) => {
        onAbort = () => {
          if (this.#calls.forget(id)) void this.#send(encodeFrame({ type: 'cancel', id }))
          reject(abortReason(signal))
        }
        this.#calls.add({ method, resolve, reject })
        signal.addEventListener('abort', onAbort, { once: true })
        void this.#send(bytes)
      })
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort)
      this.#endIfDrained()
    }
  }

  async answer(frame: ResponseFrame | ErrorFrame): Promise<boolean> {
    const bytes = encoded(frame)
    if (!bytes || bytes.length - FRAME_HEAD_BYTES > this.#options.limits.maxFrameBytes) return false
    if (this.#state.phase === 'open') await this.#send(bytes)
    return true
  }

  /** A newer one has taken its place: it ends when its last call is answered. */
  retire(): void {
    this.#retired = true
    this.#endIfDrained()
  }

  /** Closes it for a reason that lies outside of what is said on it. */
  end(reason: CloseReason, detail: string, tell?: Frame): void {
    this.#step({ type: 'end', reason, detail, tell })
  }

  #read(chunk: Buffer): void {
    this.#step({ type: 'heard' })
    const { payloads, fault } = this.#decoder.push(chunk)
    for (const payload of payloads) {
      const frame = parseFrame(payload)
      this.#step(frame ? { type: 'frame', frame } : { type: 'garbage', detail: 'a frame that cannot be understood' })
    }
    if (fault !== undefined) this.#step({ type: 'garbage', detail: fault })
  }

  #step(input: ConnectionInput): void {
    if (this.#state.phase === 'closed') return
    const { state, effects } = stepConnection(this.#state, input, this.#options.clock.monotonicMs(), this.#options.rules)
    this.#state = state
    this.#apply(effects)
  }

  #apply(effects: readonly ConnectionEffect[]): void {
    const { events } = this.#options
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          // Before all that waits: none of it depends on what was sent earlier, and a sign of life must not come late.
          this.#outbox.sendNow(encodeFrame(effect.frame))
          this.#limitQueue()
          break
        case 'opened':
          this.#hello = effect.peer
          this.#arm()
          events.onOpened(effect.peer)
          break
        case 'serve':
          events.onRequest(effect.frame)
          break
        case 'cancel':
          events.onCancel(effect.id)
          break
        case 'settle':
          this.#settle(effect.frame)
          break
        case 'close':
          this.#close(effect)
          break
        default:
          assertNever(effect)
      }
    }
  }

  #settle(frame: ResponseFrame | ErrorFrame): void {
    const outcome = this.#calls.settle(frame)
    if (outcome === 'late') this.#options.events.onLateAnswer()
    if (outcome === 'never-asked') this.#step({ type: 'garbage', detail: `an answer to request ${frame.id}, which was never sent` })
  }

  #send(bytes: Buffer): Promise<void> {
    const sent = this.#outbox.send(bytes)
    this.#limitQueue()
    return sent
  }

  /** Requests and answers have bounds of their own: only who asks for refusals or pongs and does not read them gets past both. */
  #limitQueue(): void {
    const { maxQueueBytes, maxRequests, maxFrameBytes } = this.#options.limits
    const { waitingBytes } = this.#outbox
    const mostBytes = 2 * maxQueueBytes + maxRequests * (maxFrameBytes + FRAME_HEAD_BYTES)
    if (waitingBytes > mostBytes) this.end('not-reading', `${waitingBytes} bytes wait to be sent`)
  }

  #endIfDrained(): void {
    if (!this.#retired || this.#calls.size > 0) return
    const detail = 'a newer connection has taken its place'
    this.end('replaced', detail, { type: 'refused', reason: 'replaced', detail })
  }

  #arm(): void {
    this.#timer?.cancel()
    if (this.#state.phase === 'closed') return
    const { clock } = this.#options
    this.#timer = clock.schedule(Math.max(0, this.#state.dueMs - clock.monotonicMs()), () => {
      this.#step({ type: 'tick', stuck: this.#outbox.isStuck() })
      this.#arm()
    })
  }

  #close({ reason, detail, tell }: Extract<ConnectionEffect, { type: 'close' }>): void {
    const { socket, events, limits, clock } = this.#options
    this.#timer?.cancel()
    if (tell && socket.writable) {
      this.#outbox.flush()
      socket.end(encodeFrame(clipped(tell)))
      // Who does not read the last word is cut off.
      const timer = clock.schedule(limits.closeTimeoutMs, () => socket.destroy())
      socket.once('close', () => timer.cancel())
      socket.resume()
    } else {
      socket.destroy()
    }
    this.#calls.lose(detail)
    events.onClosed(reason, detail)
  }
}

/** @returns undefined for what JSON cannot hold: a cycle, a BigInt */
function encoded(frame: Frame): Buffer | undefined {
  try {
    return encodeFrame(frame)
  } catch {
    return undefined
  }
}

function clipped(frame: Frame): Frame {
  return frame.type === 'refused' ? { ...frame, detail: clipDetail(frame.detail, FRAME_TEXT.detail) } : frame
}
