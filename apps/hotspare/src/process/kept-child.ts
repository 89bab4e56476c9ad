import type { Server } from 'node:net'
import { backoffMs, type Clock, errorText, HotspareError, type Logger, type Random, type Timer } from '@hotspare/core'
import { ChildLife } from './child-life.ts'
import { processDefaults } from './defaults.ts'
import type { Role } from './launch.ts'
import type { ProcessFacts } from './messages.ts'

export interface KeptChildOptions<Order extends object, News> {
  readonly role: Role
  readonly program: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Gives a new process what it needs to start. */
  readonly begin: (send: (order: Order | { readonly type: 'socket'; readonly name: string }, socket?: Server) => void) => void
  readonly isNews: (message: unknown) => message is News
  readonly hear: (news: News) => void
  readonly alive: () => void
  /** It has ended by itself and is going to be started again. */
  readonly ended: (because: string) => void
  /** Its successor is at work. */
  readonly startedAgain: (pid: number, restarts: number) => void
}

/** A child that is started again whenever it ends or hangs: at once the first time, then with growing pauses, for ever. */
export class KeptChild<Order extends object, News> {
  readonly #options: KeptChildOptions<Order, News>
  #life: ChildLife<News> | undefined
  #since: number
  #because: string | undefined
  #restarts = 0
  #shortLives = 0
  #hasStarted = false
  #restart: Timer | undefined
  #ending = false

  constructor(options: KeptChildOptions<Order, News>) {
    this.#options = options
    this.#since = options.clock.wallMs()
  }

  get isThere(): boolean {
    return this.#life !== undefined
  }

  /** Resolves when it is at work. A first start that fails is not repeated. @throws HotspareError what it says is wrong */
  async start(): Promise<void> {
    await this.#launch()
    this.#hasStarted = true
  }

  /** What is told while it is not there is lost. */
  tell(order: Order): void {
    this.#life?.send(order)
  }

  /** Ends it for good; kills it when that takes longer than `graceMs`. */
  async end(order: Order, graceMs: number): Promise<void> {
    this.#ending = true
    this.#restart?.cancel()
    await this.#life?.end(order, graceMs)
  }

  /** At once, and for good. */
  kill(because = 'the guard ended'): void {
    this.#ending = true
    this.#restart?.cancel()
    this.#life?.kill(because)
  }

  /** Gives a process that is there once more what `begin` gives to a new one. */
  beginAgain(): void {
    const life = this.#life
    if (life) this.#options.begin((order, socket) => life.send(order, socket))
  }

  facts(): ProcessFacts {
    const { role: name } = this.#options
    return {
      name,
      pid: this.#life?.pid,
      since: this.#since,
      restarts: this.#restarts,
      because: this.#because,
      usage: this.#life?.usage,
    }
  }

  async #launch(): Promise<void> {
    const { role, program, clock, logger, begin, isNews, hear, alive } = this.#options
    let life: ChildLife<News>
    try {
      life = new ChildLife<News>({ role, program, clock, logger, isNews, hear, alive, closed: (because) => this.#closed(life, because) })
    } catch (error) {
      if (this.#hasStarted) this.#planRestart()
      const message = `${role}: the process could not be started: ${errorText(error)}`
      throw new HotspareError({ code: 'HOTSPARE_APP_PROCESS', message, cause: error })
    }
    this.#life = life
    this.#since = clock.wallMs()
    begin((order, socket) => life.send(order, socket))
    await life.started
  }

  #closed(life: ChildLife<News>, because: string): void {
    const { clock, ended } = this.#options
    this.#life = undefined
    this.#since = clock.wallMs()
    this.#because = because
    if (clock.monotonicMs() - life.forkedMs > processDefaults.longLifeMs) this.#shortLives = 0
    if (!this.#hasStarted || this.#ending) return
    ended(because)
    this.#planRestart()
  }

  #planRestart(): void {
    const { clock, random, startedAgain } = this.#options
    if (this.#ending) return
    const { restartBaseMs: baseMs, restartCapMs: capMs } = processDefaults
    const delayMs = this.#shortLives === 0 ? 0 : backoffMs(this.#shortLives, { baseMs, capMs, random })
    this.#shortLives += 1
    this.#restart = clock.schedule(delayMs, () => {
      this.#restarts += 1
      // Of a failure, `closed` has told.
      void this.#launch().then(
        () => startedAgain(this.#life?.pid ?? 0, this.#restarts),
        () => {},
      )
    })
  }
}
