import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '@hotspare/core'
import { abortReason, clipDetail, errorText, networkFault } from '@hotspare/core'
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

export interface ConnectionLimits {
  readonly maxFrameBytes: number
  readonly maxQueueBytes: number
  readonly maxRequests: number
  /** How long a last word may take to be sent. */
  readonly closeTimeoutMs: number
}

export interface ConnectionEvents {
  readonly onOpened: (connection: ChannelConnection, hello: PeerHello) => void
  /** Once, and the last of them; whether it was ever open is in `connection.hello`. */
  readonly onClosed: (connection: ChannelConnection, reason: CloseReason, detail: string) => void
  readonly onRequest: (connection: ChannelConnection, frame: RequestFrame) => void
  readonly onCancel: (connection: ChannelConnection, id: number) => void
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
  readonly #openedMs: number
  /** Settles when the socket is closed and holds nothing of the process any more. */
  readonly closed: Promise<void>
  #state: ConnectionState
  #hello: PeerHello | undefined
  #timer: Timer | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { socket, rules, limits, clock } = options
    this.#decoder = new FrameDecoder(limits.maxFrameBytes)
    this.#calls = new PendingCalls(rules.peer)
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

  get pendingCalls(): number {
    return this.#calls.size
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
    const { rules, limits, socket } = this.#options
    const { peer } = rules
    if (this.#state.phase !== 'open') throw unreachableError(peer, 'the connection is closed')
    if (this.#calls.size >= limits.maxRequests) throw busyError(peer, `${limits.maxRequests} requests wait for answers already`)
    const id = this.#calls.nextId
    const bytes = encoded({ type: 'request', id, method, remainingMs, body })
    if (!bytes) throw bodyError(peer, method, 'the body cannot be written as JSON')
    const size = bytes.length - FRAME_HEAD_BYTES
    if (size > limits.maxFrameBytes) throw bodyError(peer, method, `the request has ${size} bytes, the limit is ${limits.maxFrameBytes}`)
    if (socket.writableLength + size > limits.maxQueueBytes) throw busyError(peer, 'it does not read as fast as requests are sent')
    let onAbort: (() => void) | undefined
    try {
      return await new Promise((resolve, reject) => {
        onAbort = () => {
          if (this.#calls.forget(id)) this.#send({ type: 'cancel', id })
          reject(abortReason(signal))
        }
        this.#calls.add({ method, resolve, reject })
        signal.addEventListener('abort', onAbort, { once: true })
        this.#write(bytes)
      })
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort)
    }
  }

  answer(frame: ResponseFrame | ErrorFrame): boolean {
    const bytes = encoded(frame)
    if (!bytes || bytes.length - FRAME_HEAD_BYTES > this.#options.limits.maxFrameBytes) return false
    if (this.#state.phase === 'open') this.#write(bytes)
    return true
  }

  /** Closes it for a reason that lies outside of what is said on it. */
  end(reason: CloseReason, detail: string, tell?: Frame): void {
    this.#step({ type: 'end', reason, detail, tell })
  }

  #read(chunk: Buffer): void {
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
          this.#send(effect.frame)
          break
        case 'opened':
          this.#hello = effect.peer
          this.#arm()
          events.onOpened(this, effect.peer)
          break
        case 'serve':
          events.onRequest(this, effect.frame)
          break
        case 'cancel':
          events.onCancel(this, effect.id)
          break
        case 'settle':
          this.#settle(effect.frame)
          break
        case 'close':
          this.#close(effect)
          break
      }
    }
  }

  #settle(frame: ResponseFrame | ErrorFrame): void {
    const outcome = this.#calls.settle(frame)
    if (outcome === 'late') this.#options.events.onLateAnswer()
    if (outcome === 'never-asked') this.#step({ type: 'garbage', detail: `an answer to request ${frame.id}, which was never sent` })
  }

  #send(frame: Frame): void {
    this.#write(encodeFrame(frame))
  }

  #write(bytes: Buffer): void {
    const { socket, limits } = this.#options
    if (!socket.writable) return
    socket.write(bytes)
    if (socket.writableLength > limits.maxQueueBytes) this.end('not-reading', `${socket.writableLength} bytes wait to be sent`)
  }

  #arm(): void {
    this.#timer?.cancel()
    if (this.#state.phase === 'closed') return
    const { clock } = this.#options
    this.#timer = clock.schedule(Math.max(0, this.#state.dueMs - clock.monotonicMs()), () => {
      this.#step({ type: 'tick' })
      this.#arm()
    })
  }

  #close({ reason, detail, tell }: Extract<ConnectionEffect, { type: 'close' }>): void {
    const { socket, events, limits, clock } = this.#options
    this.#timer?.cancel()
    if (tell && socket.writable && socket.writableLength <= limits.maxQueueBytes) {
      socket.end(encodeFrame(clipped(tell)))
      // Who does not read the last word is cut off.
      const timer = clock.schedule(limits.closeTimeoutMs, () => socket.destroy())
      socket.once('close', () => timer.cancel())
      socket.resume()
    } else {
      socket.destroy()
    }
    this.#calls.lose(detail)
    events.onClosed(this, reason, detail)
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
