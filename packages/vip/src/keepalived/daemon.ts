import type { Socket } from 'node:net'
import { errorCode, errorText, HotspareError } from '@hotspare/core'
import { type KeepalivedInstance, keepalivedSnippet, snippetFileOf, trackFileOf } from './config.ts'
import { keepalivedPid, makeFolder, openFifo, readText, removeOthers, replaceFile } from './files.ts'
import { type KeepalivedState, readNotices } from './notices.ts'
import { type KeepalivedOptions, type ResolvedKeepalivedOptions, resolveKeepalivedOptions } from './options.ts'

/** The keepalived of this node, shared by all addresses that it has for us. */
export class Keepalived {
  readonly #options: ResolvedKeepalivedOptions
  readonly #instances = new Map<string, KeepalivedInstance>()
  readonly #states = new Map<string, KeepalivedState>()
  readonly #left = new Set<string>()
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
    this.#options = resolveKeepalivedOptions(options)
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

  /** An address of its is looked after no longer. With the last one it stops; keepalived itself is left as it is. Idempotent. */
  leave(name: string): void {
    this.#left.add(name)
    if ([...this.#instances.keys()].every((each) => this.#left.has(each))) this.stop()
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
