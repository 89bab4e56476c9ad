import { once } from 'node:events'
import { type Clock, errorText, type Logger, type Timer, withDeadline } from '@hotspare/core'
import sonicBoom, { type SonicBoom } from 'sonic-boom'

/** Lines go to the disk that many bytes at a time, */
const BATCH_BYTES = 16_384
/** or after this time. */
const LONGEST_WAIT_MS = 250
/** Some 20,000 lines: seconds of a busy site on a disk that stands still. */
const MOST_BYTES = 4_194_304
/** For the last lines, when the process ends. */
const CLOSE_MS = 2_000

export interface LineBufferOptions {
  /** For the log. */
  readonly name: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Lines on their way to a descriptor: gathered, written whole, and lost past a limit rather than waited for. */
export class LineBuffer {
  /** Lines that were taken. */
  lines = 0
  /** Of them, those that were lost. */
  dropped = 0
  readonly #options: LineBufferOptions
  #out: SonicBoom | undefined
  #batch = ''
  #timer: Timer | undefined
  /** What was lost before the trouble that is not over. */
  #droppedBefore: number | undefined
  #closed = false

  constructor(options: LineBufferOptions) {
    this.#options = options
  }

  /** @param line visible ASCII, without its end */
  add(line: string): void {
    if (this.#closed) return
    this.lines += 1
    if (this.#batch.length + line.length > MOST_BYTES) return this.#lost(1)
    this.#batch += `${line}\n`
    if (this.#batch.length >= BATCH_BYTES) this.#handOver()
    else this.#timer ??= this.#options.clock.schedule(LONGEST_WAIT_MS, this.#due, { unref: true })
  }

  /** From now on lines go there; the descriptor is closed when it is not needed any more, unless it is that of a standard stream. */
  writeTo(descriptor: number): void {
    this.#retire(this.#out)
    this.#out = this.#streamOf(descriptor)
    this.#handOver()
  }

  /** After trouble with the disk: tries again what could not be written. */
  retry(): void {
    if (this.#droppedBefore !== undefined) this.#out?.flush()
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#handOver()
    this.#closed = true
    this.#timer?.cancel()
    const out = this.#out
    this.#out = undefined
    if (!out) return
    try {
      const closed = once(out, 'close')
      out.end()
      await withDeadline('the last lines of the access log', CLOSE_MS, () => closed, { clock: this.#options.clock })
    } catch (error) {
      this.#options.logger.warn({ error: errorText(error) }, 'the last lines of the access log are lost')
      out.destroy()
    }
  }

  readonly #due = (): void => {
    this.#timer = undefined
    this.#handOver()
  }

  #handOver(): void {
    if (!this.#out || this.#batch === '') return
    const batch = this.#batch
    this.#batch = ''
    this.#out.write(batch)
  }

  #streamOf(descriptor: number): SonicBoom {
    const out = new sonicBoom.SonicBoom({ fd: descriptor, maxLength: MOST_BYTES, maxWrite: BATCH_BYTES })
    out.on('drop', (data: string) => this.#lost(data.split('\n').length - 1))
    // What could not be written stays where it is, and goes with the next write.
    out.on('error', (error: Error) => this.#trouble(`it cannot be written: ${errorText(error)}`))
    out.on('drain', () => this.#well())
    return out
  }

  /** It writes what it has, and closes. */
  #retire(out: SonicBoom | undefined): void {
    if (!out) return
    out.on('error', () => out.destroy())
    out.end()
  }

  #lost(lines: number): void {
    this.#trouble('the disk does not keep up')
    this.dropped += lines
  }

  #trouble(because: string): void {
    if (this.#droppedBefore !== undefined) return
    this.#droppedBefore = this.dropped
    this.#options.logger.error({ log: this.#options.name, because }, 'lines of the access log may be lost')
  }

  #well(): void {
    if (this.#droppedBefore === undefined) return
    const lost = this.dropped - this.#droppedBefore
    this.#droppedBefore = undefined
    this.#options.logger.warn({ log: this.#options.name, lost }, 'the access log is written again')
  }
}
