import type { Socket } from 'node:net'
import { errorCode, errorText, HotspareError, type Logger } from '@hotspare/core'
import { z } from 'zod'
import { type KeepalivedInstance, keepalivedSnippet, snippetFileOf, trackFileOf } from './keepalived-driver-config.ts'
import { DEFAULT_KEEPALIVED_FOLDER, DEFAULT_KEEPALIVED_PID_FILE } from './keepalived-driver-defaults.ts'
import { keepalivedPid, makeFolder, openFifo, readText, removeOthers, replaceFile } from './keepalived-driver-files.ts'
import { type KeepalivedState, readNotices } from './keepalived-driver-notices.ts'
import { loggerPart, parseOptions } from './parse-options.ts'

export interface KeepalivedOptions {
  /** A folder that belongs to this process alone, best one that a reboot empties. Default: `/run/hotspare/keepalived` */
  readonly folder?: string | undefined
  /** Of keepalived's main process. Default: `/run/keepalived.pid` */
  readonly pidFile?: string | undefined
  /** Default: silent */
  readonly logger?: Logger | undefined
}

export interface ResolvedKeepalivedOptions {
  readonly folder: string
  readonly pidFile: string
  readonly logger: Logger
}

const path = (given: string) =>
  z
    .string()
    .max(200)
    .regex(/^(?:\/[A-Za-z0-9_.-]+)+$/, 'expected an absolute path without blanks')
    .default(given)

export const keepalivedOptionsSchema: z.ZodType<ResolvedKeepalivedOptions, KeepalivedOptions> = z.strictObject({
  folder: path(DEFAULT_KEEPALIVED_FOLDER),
  pidFile: path(DEFAULT_KEEPALIVED_PID_FILE),
  logger: loggerPart,
})

/** The keepalived of this node, shared by all addresses that it has for us. */
export class Keepalived {
  readonly #options: ResolvedKeepalivedOptions
  readonly #instances = new Map<string, KeepalivedInstance>()
  readonly #states = new Map<string, KeepalivedState>()
  #fifo: Socket | undefined
  #rest = ''
  #starting: Promise<void> | undefined
  #refreshing: Promise<void> | undefined
  #stopped = false
  /** Its files are not as keepalived has read them. */
  #isReloadDue = false
  #problem: string | undefined

  /** @throws HotspareError `HOTSPARE_VIP_OPTIONS` */
  constructor(options: KeepalivedOptions = {}) {
    this.#options = parseOptions('keepalived', keepalivedOptionsSchema, options)
  }

  get folder(): string {
    return this.#options.folder
  }

  /** Why it cannot be told anything, as last seen. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** What keepalived has said last of an instance. */
  said(name: string): KeepalivedState | undefined {
    return this.#states.get(name)
  }

  /** Before the start. */
  add(instance: KeepalivedInstance): void {
    this.#instances.set(instance.name, instance)
  }

  /** Writes what keepalived has to know, and listens to it. What does not work is told by {@link problem}. Idempotent. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Listens no longer; changes nothing of keepalived. Idempotent. */
  stop(): void {
    this.#stopped = true
    this.#fifo?.destroy()
    this.#fifo = undefined
  }

  isRunning(): Promise<boolean> {
    return keepalivedPid(this.#options.pidFile).then((pid) => pid !== undefined)
  }

  /** Whether keepalived may have the address; undefined when it was never said. @throws what the system says */
  async track(name: string): Promise<boolean | undefined> {
    const text = await readText(trackFileOf(name, this.folder))
    return text === undefined ? undefined : Number(text) === 0 && text.trim() !== ''
  }

  /** Tells keepalived whether it may have the address. @throws what the system says */
  setTrack(name: string, isGood: boolean): Promise<void> {
    return replaceFile(trackFileOf(name, this.folder), isGood ? '0\n' : '1\n')
  }

  /** Writes the files that are missing or wrong, and has keepalived read them, if it has not yet. Never rejects. */
  refresh(): Promise<void> {
    // All of its addresses ask at once, and there is one FIFO.
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  async #refresh(): Promise<void> {
    if (this.#stopped) return
    try {
      await makeFolder(this.folder)
      for (const instance of this.#instances.values()) {
        const file = snippetFileOf(instance.name, this.folder)
        const text = keepalivedSnippet(instance, this.folder)
        if ((await readText(file)) === text) continue
        await replaceFile(file, text)
        this.#isReloadDue = true
      }
      if (!this.#fifo) await this.#listen()
      if (this.#isReloadDue) await this.#reload()
      this.#problem = undefined
    } catch (error) {
      this.#problem = HotspareError.is(error) ? errorText(error) : `keepalived: ${this.folder} cannot be used: ${errorText(error)}`
    }
  }

  /** Has keepalived say how an instance is, where it has not yet: it may have read its files before we wrote them. */
  async ask(name: string): Promise<void> {
    if (this.#states.has(name)) return
    this.#isReloadDue = true
    await this.refresh()
  }

  async #start(): Promise<void> {
    await this.refresh()
    if (this.#problem !== undefined) return
    // What an older file of ours has named is nobody's any more.
    if (await removeOthers(this.folder, [...this.#instances.keys()]).catch(() => false)) this.#isReloadDue = true
    await this.refresh()
  }

  async #listen(): Promise<void> {
    const fifo = await openFifo(`${this.folder}/notify.fifo`)
    if (this.#stopped) return void fifo.destroy()
    this.#fifo = fifo
    fifo.setEncoding('utf8')
    fifo.on('data', (chunk: string) => {
      const { rest, notices } = readNotices(this.#rest, chunk)
      this.#rest = rest
      for (const { instance, state } of notices) if (this.#instances.has(instance)) this.#states.set(instance, state)
    })
    fifo.on('error', (error) => {
      this.#options.logger.warn({ because: errorText(error) }, 'keepalived is not heard')
      if (this.#fifo === fifo) this.#fifo = undefined
    })
  }

  /** A keepalived that does not run reads its files when it starts. @throws HotspareError `HOTSPARE_VIP_KEEPALIVED` */
  async #reload(): Promise<void> {
    const pid = await keepalivedPid(this.#options.pidFile)
    try {
      if (pid !== undefined) process.kill(pid, 'SIGHUP')
    } catch (error) {
      if (errorCode(error) === 'EPERM') {
        const message = 'keepalived: it has to read its files anew, and this process may not tell it (CAP_KILL): reload it'
        throw new HotspareError({ code: 'HOTSPARE_VIP_KEEPALIVED', message, retryable: true, cause: error })
      }
      // It has just ended.
      if (errorCode(error) !== 'ESRCH') throw error
    }
    this.#isReloadDue = false
  }
}
