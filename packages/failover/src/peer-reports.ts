import { type Clock, type Timer } from '@hotspare/core'
import { engineDefaults } from './defaults.ts'
import type { NodeReport, PeerFact } from './facts.ts'
import type { PeersPort } from './ports.ts'
import { readReport } from './wire.ts'

export interface PeerReportsOptions {
  readonly nodes: readonly string[]
  readonly peers: PeersPort
  readonly clock: Clock
  readonly own: () => NodeReport
  /** A peer has told something. */
  readonly changed: () => void
}

interface Correspondence {
  report: { readonly value: NodeReport; readonly atMs: number } | undefined
  sending: boolean
  again: boolean
}

/** Tells the peers how this node is, and keeps what they tell. */
export class PeerReports {
  readonly #options: PeerReportsOptions
  readonly #peers: ReadonlyMap<string, Correspondence>
  #timer: Timer | undefined
  #running = false

  constructor(options: PeerReportsOptions) {
    this.#options = options
    this.#peers = new Map(options.nodes.map((node) => [node, { report: undefined, sending: false, again: false }]))
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#tellRegularly()
  }

  stop(): void {
    this.#running = false
    this.#timer?.cancel()
  }

  /** Something of this node's has changed: every peer is told now. */
  tell(): void {
    if (!this.#running) return
    for (const [node, correspondence] of this.#peers) void this.#send(node, correspondence)
  }

  hear(node: string, body: unknown): void {
    const correspondence = this.#peers.get(node)
    if (!correspondence) return
    correspondence.report = { value: readReport(body), atMs: this.#options.clock.monotonicMs() }
    this.#options.changed()
  }

  facts(): readonly PeerFact[] {
    const { peers } = this.#options
    return [...this.#peers.keys()].map((node) => {
      const toldMs = this.#peers.get(node)?.report?.atMs
      return { node, alive: peers.verdict(node), agrees: peers.agrees(node), report: this.fresh(node), toldMs }
    })
  }

  /** The last that a peer told, unless that is too old. */
  fresh(node: string): NodeReport | undefined {
    const report = this.#peers.get(node)?.report
    const isFresh = report !== undefined && this.#options.clock.monotonicMs() - report.atMs <= engineDefaults.reportMaxAgeMs
    return isFresh ? report.value : undefined
  }

  /** The last that a peer told, however old. */
  last(node: string): NodeReport | undefined {
    return this.#peers.get(node)?.report?.value
  }

  /** Has a peer say how it is, now. @throws what the peer's request throws, also for what cannot be read */
  async ask(node: string, signal: AbortSignal): Promise<NodeReport> {
    const { peers, own } = this.#options
    const answer = await peers.request(node, 'failover-report', own(), { timeoutMs: engineDefaults.reportTimeoutMs, signal })
    this.hear(node, answer)
    return readReport(answer)
  }

  #tellRegularly(): void {
    this.tell()
    this.#timer = this.#options.clock.schedule(engineDefaults.reportMs, () => this.#tellRegularly())
  }

  async #send(node: string, correspondence: Correspondence): Promise<void> {
    // One at a time, and a last one with whatever has changed meanwhile.
    correspondence.again = correspondence.sending
    if (correspondence.sending) return
    correspondence.sending = true
    try {
      const { peers, own } = this.#options
      const answer = await peers.request(node, 'failover-report', own(), { timeoutMs: engineDefaults.reportTimeoutMs })
      this.hear(node, answer)
    } catch {
      // A peer that does not answer is a matter of the heartbeat; its last report grows old.
    } finally {
      correspondence.sending = false
    }
    if (correspondence.again && this.#running) void this.#send(node, correspondence)
  }
}

/** What people have said here of a peer counts as if it had told so itself. */
export function withWord(peer: PeerFact, maintenance: string | undefined): PeerFact {
  return maintenance === undefined || !peer.report ? peer : { ...peer, report: { ...peer.report, maintenance } }
}
