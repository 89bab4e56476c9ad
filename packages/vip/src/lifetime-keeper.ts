import { type Clock, errorText, type Timer } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'
import { addressLifetimeSeconds, gateKeptMs, gateOpenMs, type LifetimeRules } from './lifetime.ts'

/** What becomes of an address that lives only as long as a right. */
export type LifetimeChange =
  /** The right has ended, or may no longer be acted on: let go. `late`: the kernel was first. */
  | { readonly type: 'ended'; readonly late: boolean; readonly because: string }
  | { readonly type: 'suspended'; readonly because: string }
  | { readonly type: 'resumed' }
  | { readonly type: 'refresh-failed'; readonly because: string }

export interface LifetimeKeeperOptions {
  readonly clock: Clock
  readonly rules: LifetimeRules
  readonly right: Right
  readonly openGate: (times: { readonly openMs: number; readonly keptMs: number }) => Promise<void>
  readonly shutGate: (times: { readonly keptMs: number }) => Promise<void>
  readonly setLifetime: (seconds: number) => Promise<void>
  /** Mends what a failed refresh may have found broken. */
  readonly repair: () => Promise<void>
  readonly onChange: (change: LifetimeChange) => void
}

/** How soon a right that is in doubt is looked at again. */
const DOUBT_MS = 20

/**
 * Keeps gate and address alive in the kernel while a right lasts, by small steps: whatever happens to this process, the kernel
 * acts on the last of them.
 */
export class LifetimeKeeper {
  readonly #options: LifetimeKeeperOptions
  #running = false
  #stopped = false
  #timer: Timer | undefined
  /** What is being done in the kernel. Never rejects. */
  #work: Promise<unknown> = Promise.resolve()
  /** When the lifetime in the kernel is over. */
  #addressUntilMs = 0
  /** The right is in doubt, and people were told. */
  #shut = false
  /** The kernel was told, too. */
  #isShutInKernel = false
  #failing = false

  constructor(options: LifetimeKeeperOptions) {
    this.#options = options
  }

  get gate(): 'open' | 'shut' {
    return this.#shut || !this.#running ? 'shut' : 'open'
  }

  /** Whether the right may be acted on now. */
  mayAct(): boolean {
    const { right, clock } = this.#options
    return !right.signal.aborted && right.isValid() && right.deadlineMs > clock.monotonicMs()
  }

  /**
   * Opens the gate and sets the first lifetime.
   *
   * @returns false when the right ends too soon for that; nothing was done then
   * @throws what the driver throws
   */
  begin(): Promise<boolean> {
    return this.#refresh()
  }

  /** Goes on from then; `ended` comes at most once. */
  keep(): void {
    this.#running = true
    this.#options.right.signal.addEventListener('abort', this.#onAbort, { once: true })
    this.#scheduleNext()
  }

  stop(): void {
    this.#running = false
    this.#stopped = true
    this.#timer?.cancel()
    this.#timer = undefined
    this.#options.right.signal.removeEventListener('abort', this.#onAbort)
  }

  /** Until nothing that was begun before a stop can reach the kernel any more: as long as one call of the driver takes. Never rejects. */
  async idle(): Promise<void> {
    await this.#work
  }

  readonly #onAbort = () => this.#end()

  #scheduleNext(): void {
    const { clock, rules } = this.#options
    this.#timer = clock.schedule(this.#shut ? Math.min(DOUBT_MS, rules.refreshMs) : rules.refreshMs, () => {
      this.#work = this.#tick()
    })
  }

  /** Never rejects. */
  async #tick(): Promise<void> {
    const { clock, right } = this.#options
    if (right.signal.aborted || right.deadlineMs <= clock.monotonicMs()) return this.#end()
    try {
      if (this.mayAct()) await this.#refresh()
      else await this.#suspend()
      this.#failing = false
    } catch (error) {
      await this.#failed(errorText(error))
    }
    if (this.#running) this.#scheduleNext()
  }

  async #suspend(): Promise<void> {
    if (!this.#shut) this.#tell({ type: 'suspended', because: 'the right is in doubt until its lease is confirmed' })
    this.#shut = true
    // One that fails is tried again at the next look.
    if (this.#isShutInKernel) return
    await this.#options.shutGate({ keptMs: gateKeptMs(this.#options.rules) })
    this.#isShutInKernel = true
  }

  /** @returns false when the gate may not be open any more: nothing was done then */
  async #refresh(): Promise<boolean> {
    const { clock, right, rules, openGate, shutGate, setLifetime } = this.#options
    const nowMs = clock.monotonicMs()
    const remainingMs = right.deadlineMs - nowMs
    const openMs = gateOpenMs(rules, remainingMs)
    // What is open already ends by itself at the same moment, what is shut stays so, and without a gate the address must not be there.
    if (openMs === 0) return false
    this.#isShutInKernel = false
    await openGate({ openMs, keptMs: gateKeptMs(rules) })
    // Whoever has stopped us takes the address away, and it must not come back.
    if (this.#stopped) return true
    const seconds = addressLifetimeSeconds(rules, remainingMs, this.#addressUntilMs - nowMs)
    if (seconds !== undefined && this.mayAct()) {
      await setLifetime(seconds)
      this.#addressUntilMs = nowMs + seconds * 1_000
    }
    // Stopped between the look at the clock and the call, we have just opened a gate for too long.
    if (!this.mayAct()) await shutGate({ keptMs: gateKeptMs(rules) })
    else if (this.#shut) {
      this.#shut = false
      this.#tell({ type: 'resumed' })
    }
    return true
  }

  async #failed(because: string): Promise<void> {
    if (!this.#failing) this.#tell({ type: 'refresh-failed', because })
    this.#failing = true
    // Somebody may have flushed all of nftables, and our tables with it.
    await this.#options.repair().catch(() => {})
  }

  #end(): void {
    if (!this.#running) return
    const { clock, right, rules } = this.#options
    const late = clock.monotonicMs() > right.deadlineMs - rules.marginMs
    this.stop()
    this.#tell({
      type: 'ended',
      late,
      because: late ? 'the right was over before we could let go' : `the right has ended: ${errorText(right.signal.reason)}`,
    })
  }

  #tell(change: LifetimeChange): void {
    // After a stop nobody wants to know, but for the end itself.
    if (this.#running || change.type === 'ended') this.#options.onChange(change)
  }
}
