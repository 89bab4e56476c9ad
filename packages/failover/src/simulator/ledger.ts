import type { OnControlLoss } from '../service.ts'
import type { VirtualNode } from './node.ts'

/** From when until when something was so, in true milliseconds. */
export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

export interface LedgerOptions {
  readonly service: string
  readonly onControlLoss: OnControlLoss
  /** Whether nobody takes it before every other member is certain to have nothing: then not even one that has slept may have it. */
  readonly isFenced: boolean
  readonly nodes: readonly VirtualNode[]
  readonly violate: (what: string) => void
}

/** Who has the address of one service, by the kernels and at every moment; and for how long nobody, or two. */
export class Ledger {
  readonly #options: LedgerOptions
  readonly #unserved: Span[] = []
  readonly #twoHolders: Span[] = []
  #unservedSinceMs: number | undefined = 0
  #twoSinceMs: number | undefined
  #nobodySinceMs: number | undefined = 0
  #isTwice = false
  #changed = true
  /** When a gate shuts by itself, or a kernel has to know how long it slept. */
  #nextMs = -Infinity
  readonly #lapsed = new Set<string>()

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  /** Something may be held or served otherwise than before. */
  changed(): void {
    this.#changed = true
  }

  /** To be called after each event; does nothing unless something can have changed. */
  look(nowMs: number): void {
    if (!this.#changed && nowMs < this.#nextMs) return
    const { service, nodes, onControlLoss, isFenced } = this.#options
    // Gates shut between two events.
    const endMs = Math.min(nowMs, Math.max(this.#nextMs, 0))
    this.#changed = false
    this.#nextMs = Infinity
    if (onControlLoss === 'keep') for (const node of nodes) this.#keeps(node)
    const holders = nodes.filter(({ kernel }) => kernel.holds(service))
    for (const { kernel } of holders) {
      const knowsMs = kernel.staleUntilMs > nowMs ? kernel.staleUntilMs : Infinity
      this.#nextMs = Math.min(this.#nextMs, kernel.shutsMs(service), knowsMs)
    }
    if (!holders.some(({ kernel }) => kernel.isUp(service))) this.#unservedSinceMs ??= endMs
    else this.#unservedSinceMs = closed(this.#unserved, this.#unservedSinceMs, nowMs)
    if (holders.length > 1) this.#twoSinceMs ??= nowMs
    else this.#twoSinceMs = closed(this.#twoHolders, this.#twoSinceMs, endMs)
    if (holders.length > 0) this.#nobodySinceMs = undefined
    else this.#nobodySinceMs ??= endMs
    if (onControlLoss === 'release' || isFenced) this.#releases(holders, nowMs)
  }

  /** For how long no node has had it, in milliseconds; 0 while one has. */
  nowhereMs(nowMs: number): number {
    return this.#nobodySinceMs === undefined ? 0 : nowMs - this.#nobodySinceMs
  }

  /** Whether some node has it and serves. */
  get isServed(): boolean {
    return this.#unservedSinceMs === undefined
  }

  /** @param nowMs the end of the run */
  spans(nowMs: number): { readonly unserved: readonly Span[]; readonly twoHolders: readonly Span[] } {
    return {
      unserved: [...this.#unserved, ...open(this.#unservedSinceMs, nowMs)],
      twoHolders: [...this.#twoHolders, ...open(this.#twoSinceMs, nowMs)],
    }
  }

  /** Of machines that are not just back from a suspend, no second one may hold what is to be released. */
  #releases(holders: readonly VirtualNode[], nowMs: number): void {
    const awake = holders.filter(({ kernel }) => this.#options.isFenced || kernel.staleUntilMs <= nowMs)
    if (awake.length > 1 && !this.#isTwice)
      this.#options.violate(`two holders of ${this.#options.service}: ${awake.map(({ name }) => name).join(' and ')}`)
    this.#isTwice = awake.length > 1
  }

  /** What is to be kept goes when somebody lets go of it, and never by itself. */
  #keeps({ name, kernel }: VirtualNode): void {
    const { service, violate } = this.#options
    if (!kernel.hasLapsed(service)) this.#lapsed.delete(name)
    else if (!this.#lapsed.has(name)) {
      this.#lapsed.add(name)
      violate(`${service} went away from ${name} by itself, and is to be kept`)
    }
  }
}

function closed(spans: Span[], fromMs: number | undefined, untilMs: number): undefined {
  if (fromMs !== undefined && untilMs > fromMs) spans.push({ fromMs, untilMs })
}

function open(fromMs: number | undefined, untilMs: number): readonly Span[] {
  return fromMs === undefined || untilMs <= fromMs ? [] : [{ fromMs, untilMs }]
}
