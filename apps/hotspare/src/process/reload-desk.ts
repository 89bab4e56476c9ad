import type { ReloadResult } from '@hotspare/api'
import { type Clock, errorText, HotspareError } from '@hotspare/core'
import type { ReloadEvent } from '../events.ts'

export interface ReloadDeskOptions {
  readonly clock: Clock
  readonly tell: (event: ReloadEvent) => void
}

/** What a reload does, and what is left to do once it has been answered. */
export type ReloadWork = (signal: AbortSignal) => Promise<ReloadDone>

export interface ReloadDone {
  readonly result: ReloadResult
  /** Whether anything was done, which is worth the timeline. */
  readonly isNews: boolean
  /** Begins when the answer has been given. Never rejects. */
  readonly afterwards?: (() => Promise<void>) | undefined
}

/** Reloads, one at a time, from when the daemon is at work until it ends. What goes wrong is an answer. */
export class ReloadDesk {
  readonly #options: ReloadDeskOptions
  readonly #ended = new AbortController()
  #isOpen = false
  #busy: Promise<void> | undefined
  #isWaitedFor = false

  constructor(options: ReloadDeskOptions) {
    this.#options = options
  }

  open(): void {
    this.#isOpen = true
  }

  /** What is under way is taken back, if it can be. Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isOpen = false
    this.#ended.abort(new HotspareError({ code: 'HOTSPARE_APP_PROCESS', message: 'reload: the daemon is stopping' }))
    await this.#busy
  }

  /** Never rejects. @param options.wait for one that is under way; two that wait are one */
  async run(work: ReloadWork, { wait }: { readonly wait: boolean }): Promise<ReloadResult> {
    if (this.#busy && !wait) return failed('another reload is under way: ask again when it has ended')
    if (this.#busy && this.#isWaitedFor) return failed('another reload waits already')
    this.#isWaitedFor = this.#busy !== undefined
    while (this.#busy) await this.#busy
    this.#isWaitedFor = false
    if (!this.#isOpen) return failed('the daemon is starting or stopping')
    const done = this.#do(work)
    this.#busy = done
      // In a turn of its own: whoever asked is answered first.
      .then(({ afterwards }) => afterwards && new Promise<void>((resolve) => this.#options.clock.schedule(0, () => resolve(afterwards()))))
      .finally(() => (this.#busy = undefined))
    return (await done).result
  }

  async #do(work: ReloadWork): Promise<ReloadDone> {
    const { clock, tell } = this.#options
    const beganMs = clock.monotonicMs()
    try {
      const done = await work(this.#ended.signal)
      const { ok, because, changes } = done.result
      if (!ok) tell({ type: 'reload-failed', at: clock.wallMs(), because })
      else if (done.isNews) tell({ type: 'reload-finished', at: clock.wallMs(), changes, tookMs: clock.monotonicMs() - beganMs })
      return done
    } catch (error) {
      const because = errorText(error)
      tell({ type: 'reload-failed', at: clock.wallMs(), because: because.replaceAll('\n', '; ') })
      const isFile = HotspareError.is(error) && error.code === 'HOTSPARE_CONFIG_INVALID'
      return { result: isFile ? failed('the file cannot be used', because.split('\n')) : failed(because), isNews: true }
    }
  }
}

/** Nothing was done. @param problems of the file, each with its place */
export function failed(because: string, problems: readonly string[] = []): ReloadResult {
  return { ok: false, because, changes: [], problems }
}
