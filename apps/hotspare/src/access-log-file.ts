import { constants, fstat, open } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { type Clock, errorCode, errorText, type Logger, type Timer, withDeadline } from '@hotspare/core'
import { LineBuffer } from './access-log-buffer.ts'
import { type FileIdentity, rotationStep } from './access-log-rotation.ts'

/** Who the clients are is nobody else's business on the machine. */
const MODE = 0o640
/** How often to look whether somebody has moved the file away. */
const LOOK_MS = 2_000
/** For a disk that is asked while the process ends. */
const CLOSE_MS = 2_000
/** A pipe that nobody reads must not hold up a thread. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY
/** The standard output. */
const STDOUT = 1

const openFile = promisify(open)
const statOf = promisify(fstat)

export interface AccessLogFileOptions {
  /** An absolute path; `-` is the standard output. */
  readonly file: string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * One file of access lines, which several proxies may write, and several processes: whole lines are put at its end. Whatever the
 * disk does, requests never wait for it. A file that cannot be opened or written is tried again, and one that was moved away is
 * opened anew, as logrotate with `create` wants it; `copytruncate` works as well.
 */
export class AccessLogFile {
  readonly file: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #lines: LineBuffer
  #open: FileIdentity | undefined
  #wasMissing = false
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #told = false
  #closed = false

  constructor({ file, clock, logger }: AccessLogFileOptions) {
    this.file = file
    this.#clock = clock
    this.#logger = logger
    this.#lines = new LineBuffer({ name: file === '-' ? 'the standard output' : file, clock, logger })
  }

  /** Lines that were taken, those that were lost among them. */
  get lines(): number {
    return this.#lines.lines
  }

  get dropped(): number {
    return this.#lines.dropped
  }

  /** Opens it; where that fails, it is tried again later. Never rejects. */
  async start(): Promise<void> {
    if (this.file === '-') return this.#lines.writeTo(STDOUT)
    await this.#reopen()
    this.#schedule()
  }

  /** @param line without its end */
  write(line: string): void {
    this.#lines.add(line)
  }

  /** Writes what there is, for a moment at most; nothing can be written any more. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    const looking = this.#looking ?? Promise.resolve()
    await withDeadline(`a look at ${this.file}`, CLOSE_MS, () => looking, { clock: this.#clock }).catch(() => {})
    await this.#lines.close()
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#clock.schedule(LOOK_MS, () => void (this.#looking = this.#look()), { unref: true })
  }

  async #look(): Promise<void> {
    this.#lines.retry()
    try {
      const found = await identityOf(this.file)
      const step = this.#open ? rotationStep({ open: this.#open, found, wasMissing: this.#wasMissing }) : 'reopen'
      this.#wasMissing = found === undefined
      if (step === 'reopen') await this.#reopen()
    } catch (error) {
      this.#tell(error)
    }
    this.#schedule()
  }

  async #reopen(): Promise<void> {
    try {
      await mkdir(dirname(this.file), { recursive: true })
      const descriptor = await openFile(this.file, FLAGS, MODE)
      const { dev, ino } = await statOf(descriptor)
      this.#lines.writeTo(descriptor)
      this.#open = { device: dev, inode: ino }
      this.#wasMissing = false
      this.#told = false
    } catch (error) {
      this.#tell(error)
    }
  }

  /** Once, not every few seconds. */
  #tell(error: unknown): void {
    if (this.#told) return
    this.#told = true
    this.#logger.error(
      { file: this.file, error: errorText(error) },
      'the access log cannot be opened; lines are kept for a while, then lost',
    )
  }
}

async function identityOf(file: string): Promise<FileIdentity | undefined> {
  try {
    const { dev, ino } = await stat(file)
    return { device: dev, inode: ino }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
