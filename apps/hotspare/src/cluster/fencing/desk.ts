import { type Clock, type EventBase, type HealthState, sleep, type Timer, type Verdict } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import type { FencePort } from '@hotspare/failover'
import type { FenceLevels } from '@hotspare/fence'
import { liftWord, readWord, type SpokenWord } from '../people-files.ts'

/** What happens to nodes that are to be off. */
export type FenceEvent =
  | (EventBase & { readonly type: 'fence-started'; readonly node: string })
  | (EventBase & { readonly type: 'fence-done'; readonly node: string; readonly because: string; readonly tookMs: number })
  | (EventBase & { readonly type: 'fence-failed'; readonly node: string; readonly because: string; readonly tookMs: number })
  /** People have said that it is off. */
  | (EventBase & { readonly type: 'fence-confirmed'; readonly node: string; readonly because: string })
  /** People have said that it is off, and it is heard. */
  | (EventBase & { readonly type: 'fence-doubted'; readonly node: string; readonly because: string })
  /** It is heard again. */
  | (EventBase & { readonly type: 'fence-ended'; readonly node: string })

export interface FenceDeskOptions {
  /** The other nodes, and their devices where there are any. */
  readonly nodes: ReadonlyMap<string, FenceLevels | undefined>
  /** `cluster.state` */
  readonly folder: string
  /** By the heartbeat. */
  readonly alive: (node: string) => Verdict<HealthState>
  /** How long a node that has no power any more may still be heard, in milliseconds. */
  readonly heardMs: number
  readonly clock: Clock
  /** Another node is off than before, or no longer. */
  readonly changed: () => void
  readonly record: (event: FenceEvent) => void
}

/** Why a node is certain to be off. */
export interface OffNode {
  readonly node: string
  readonly because: string
  /** Milliseconds since the Unix epoch. */
  readonly since: number
}

/** How often the word of people is looked for. */
const LOOK_MS = 250
/** A word that is older than this when we first see it was said of another time: its node may have been back since. */
const FRESH_MS = 600_000
/** How often a node that should be off is listened for. */
const LISTEN_MS = 50

/** What makes sure that other nodes are off: their devices, and people. */
export class FenceDesk implements FencePort {
  readonly #options: FenceDeskOptions
  /** `silent`: it was not heard at some moment since. */
  readonly #off = new Map<string, Omit<OffNode, 'node'> & { silent: boolean }>()
  readonly #running = new Map<string, Promise<Outcome>>()
  /** Ends the call of a device that people have made needless: it may hang for minutes. */
  readonly #confirmed = new Map<string, AbortController>()
  readonly #ended = new AbortController()
  #timer: Timer | undefined

  constructor(options: FenceDeskOptions) {
    this.#options = options
  }

  /** Reads once what people have said, and goes on to. */
  async start(): Promise<void> {
    await this.look()
    this.#later()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#ended.abort(new Error('the cluster stops'))
  }

  isOff(node: string): boolean {
    return this.#off.has(node)
  }

  /** A node has connected just now: it lives, also where its heartbeat does not come through. */
  connected(node: string): void {
    if (this.isOff(node)) this.#isBack(node)
  }

  /** Every node that is certain to be off. */
  view(): readonly OffNode[] {
    return [...this.#off].map(([node, { because, since }]) => ({ node, because, since }))
  }

  /** For several services at once, it is done once. */
  fence(node: string, { signal }: { readonly signal: AbortSignal }): Promise<Outcome> {
    const running = this.#running.get(node)
    if (running) return running
    const confirmed = new AbortController()
    const any = AbortSignal.any([signal, this.#ended.signal, confirmed.signal])
    const begun = this.#fence(node, any).finally(() => {
      this.#running.delete(node)
      this.#confirmed.delete(node)
    })
    this.#confirmed.set(node, confirmed)
    this.#running.set(node, begun)
    return begun
  }

  /** Looks for what people have said, and who is heard again. Never rejects. */
  async look(): Promise<void> {
    for (const node of this.#options.nodes.keys()) {
      this.#listen(node)
      const word = await readWord(this.#options.folder, `fenced.${node}`)
      if (word) await this.#take(node, word)
    }
  }

  async #fence(node: string, signal: AbortSignal): Promise<Outcome> {
    const { clock, nodes, record } = this.#options
    const beganMs = clock.monotonicMs()
    record({ type: 'fence-started', at: clock.wallMs(), node })
    const outcome = (await nodes.get(node)?.off({ signal })) ?? noDevice(node)
    const proven = outcome.ok ? await this.#proven(node, outcome, signal) : outcome
    const about = { at: clock.wallMs(), node, tookMs: clock.monotonicMs() - beganMs }
    if (proven.ok) {
      this.#set(node, proven.detail)
      record({ type: 'fence-done', because: proven.detail, ...about })
    } else if (this.isOff(node)) return { ok: true, detail: 'people have confirmed that it is off' }
    else record({ type: 'fence-failed', because: proven.because, ...about })
    return proven
  }

  /** Who still sends has power, whatever the device says: it may be the wrong plug. */
  async #proven(node: string, outcome: Outcome, signal: AbortSignal): Promise<Outcome> {
    const { clock, heardMs } = this.#options
    const untilMs = clock.monotonicMs() + heardMs
    while (this.#isHeard(node)) {
      if (clock.monotonicMs() >= untilMs || signal.aborted) {
        return {
          ok: false,
          because: `its device says that it is off, and it is still heard: is it the device of ${node}?`,
          retryable: true,
        }
      }
      await sleep(LISTEN_MS, { clock, signal }).catch(() => {})
    }
    return outcome
  }

  #listen(node: string): void {
    const entry = this.#off.get(node)
    if (!entry) return
    const heard = this.#isHeard(node)
    if (!heard) entry.silent = true
    if (heard && entry.silent) this.#isBack(node)
  }

  #isBack(node: string): void {
    this.#off.delete(node)
    this.#options.record({ type: 'fence-ended', at: this.#options.clock.wallMs(), node })
    void liftWord(this.#options.folder, `fenced.${node}`).catch(() => {})
    this.#options.changed()
  }

  async #take(node: string, { since, because }: SpokenWord): Promise<void> {
    if (this.isOff(node)) return
    const { clock, record, folder } = this.#options
    const at = clock.wallMs()
    if (this.#isHeard(node)) {
      record({ type: 'fence-doubted', at, node, because: `it is heard: ${this.#options.alive(node).because}` })
      await liftWord(folder, `fenced.${node}`).catch(() => {})
      return
    }
    // One from the future is of a time when the clock was wrong.
    if (Math.abs(at - since) > FRESH_MS) return
    this.#set(node, `people have confirmed it: ${because}`)
    record({ type: 'fence-confirmed', at, node, because })
    this.#confirmed.get(node)?.abort(new Error('people have confirmed that it is off'))
  }

  #set(node: string, because: string): void {
    this.#off.set(node, { because, since: this.#options.clock.wallMs(), silent: !this.#isHeard(node) })
    this.#options.changed()
  }

  #isHeard(node: string): boolean {
    const { state } = this.#options.alive(node)
    return state === 'up' || state === 'degraded'
  }

  #later(): void {
    this.#timer = this.#options.clock.schedule(LOOK_MS, () => {
      void this.look().then(() => {
        if (!this.#ended.signal.aborted) this.#later()
      })
    })
  }
}

function noDevice(node: string): Outcome {
  return { ok: false, because: `the file has no device for ${node}: \`hotspare fence confirm ${node}\``, retryable: true }
}
