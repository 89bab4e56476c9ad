import { join, resolve } from 'node:path'
import { sleep } from '@hotspare/core'
import {
  answersOf,
  type Attempt,
  failedCount,
  hasHeldSince,
  longestGapMs,
  overlaps,
  Recording,
  sharedMs,
  type Span,
  startClient,
  startService,
} from '@hotspare/netlab'
import { type RunningProgram, until } from '../network.ts'
import type { WatchOptions } from '../takeover/watch.process.ts'
import type { RoutedMachine } from './network.ts'

/** Announced by whoever is active; in no network of the lab. */
export const ANNOUNCED = '10.100.0.100'
export const SERVICE_PORT = 8080
/** Answers for as long as the machine lives: where the observers knock. */
const WATCH_PORT = 9
const PROBE_EVERY_MS = 20
const PROBE_TIMEOUT_MS = 200
const LASTING_MS = 500
/** After which a connection of the client has failed. */
const PATIENCE_MS = 1_000

/** What the client saw, and the observers. */
export interface Seen {
  readonly tookMs: number
  /** The longest time between the starts of two successive connections that succeeded. */
  readonly gapMs: number
  readonly failed: number
  readonly count: number
  /** Who answered, in turn. */
  readonly answered: readonly string[]
  /** When two certainly held it. */
  readonly overlaps: readonly Span[]
}

/** `2,100 ms without a success, 210 of 300 connections failed` */
export function formatSeen({ gapMs, failed, count }: Seen): string {
  return `${Math.round(gapMs).toLocaleString('en')} ms without a success, ${failed} of ${count} connections failed`
}

/**
 * A service on each node, a client far away who reaches it by the announced address, and for each node an observer beside it,
 * for whom that address is always there: a connection that he gets shows a holder at that instant, whatever routers believe.
 */
export class WatchedService<Node extends string> {
  readonly #nodes: Readonly<Record<Node, RoutedMachine>>
  readonly #services = new Map<Node, RunningProgram>()
  readonly #client: Recording<Attempt>
  readonly #probes: readonly (readonly [Node, Recording<Attempt>])[]

  constructor(nodes: Readonly<Record<Node, RoutedMachine>>, client: RoutedMachine, observerOf: (node: Node) => RoutedMachine) {
    this.#nodes = nodes
    this.#client = new Recording(recordOf(client))
    this.#probes = this.nodes.map((node) => {
      const observer = observerOf(node)
      observer.execute('ip', ['route', 'replace', `${ANNOUNCED}/32`, 'via', nodes[node].address])
      const knock = { host: ANNOUNCED, port: WATCH_PORT, everyMs: PROBE_EVERY_MS, timeoutMs: PROBE_TIMEOUT_MS, exchange: false }
      startClient(observer, { ...knock, file: recordOf(observer) })
      return [node, new Recording<Attempt>(recordOf(observer))] as const
    })
    startClient(client, {
      host: ANNOUNCED,
      port: SERVICE_PORT,
      everyMs: 10,
      timeoutMs: PATIENCE_MS,
      exchange: true,
      file: recordOf(client),
    })
  }

  get nodes(): readonly Node[] {
    return Object.keys(this.#nodes) as Node[]
  }

  /** The service, and the port that observers knock at. */
  async startNode(node: Node): Promise<void> {
    const machine = this.#nodes[node]
    const options: WatchOptions = { address: ANNOUNCED, everyMs: PROBE_EVERY_MS, port: WATCH_PORT, file: recordOf(machine) }
    await ready(startWatch(machine, options), `the watch on ${node}`)
    const service = startService(machine, { name: node, ports: [SERVICE_PORT] })
    this.#services.set(node, service)
    await ready(service, `the service on ${node}`)
  }

  async killService(node: Node): Promise<void> {
    this.#services.get(node)?.child.kill('SIGKILL')
    await this.#services.get(node)?.ended
  }

  attempts(): readonly Attempt[] {
    return this.#client.values()
  }

  /** Who has held the address in the last half second, by the observers. */
  holders(): readonly Node[] {
    return this.#probes.flatMap(([node, probes]) => (hasHeldSince(probes.values(), sharedMs() - LASTING_MS) ? [node] : []))
  }

  /** When any two nodes certainly held the address at once, since then. */
  overlapsSince(fromMs: number): readonly Span[] {
    const since = this.#probes.map(([, probes]) => probes.values().filter(({ startMs }) => startMs >= fromMs))
    return since.flatMap((one, index) => since.slice(index + 1).flatMap((other) => overlaps(one, other)))
  }

  /** Does something, waits until a node has it for certain, and tells what the client saw of that. */
  async measure(action: () => Promise<unknown>, holder: Node): Promise<Seen> {
    // What failed before fails within the time that it is given, and so does what fails of this.
    await sleep(PATIENCE_MS + 500)
    const fromMs = sharedMs()
    await action()
    await this.settled(holder)
    const untilMs = sharedMs()
    await sleep(PATIENCE_MS + 100)
    const seen = this.attempts().filter(({ startMs }) => startMs >= fromMs && startMs < untilMs)
    return {
      tookMs: untilMs - fromMs,
      gapMs: longestGapMs(this.attempts(), fromMs, untilMs),
      failed: failedCount(seen),
      count: seen.length,
      answered: answersOf(seen).map(({ node }) => node),
      overlaps: this.overlapsSince(fromMs),
    }
  }

  /** Waits until one node has it and the client is served by it. */
  async settled(node?: Node): Promise<Node> {
    const isSettled = () => {
      const sinceMs = sharedMs() - LASTING_MS
      const recent = this.attempts().filter(({ startMs }) => startMs > sinceMs)
      const [holder, ...others] = this.holders()
      if (holder === undefined || others.length > 0 || (node !== undefined && holder !== node)) return false
      return recent.length > 10 && recent.every(({ outcome, node: by }) => outcome === 'ok' && by === holder)
    }
    await until(isSettled, () => `the client is served by ${node ?? 'one holder'}: ${this.holders().join(' and ') || 'nobody'} has it`)
    return this.holders()[0] ?? this.settled(node)
  }
}

function recordOf({ folder }: RoutedMachine): string {
  return join(folder, 'recorded.jsonl')
}

function startWatch(machine: RoutedMachine, options: WatchOptions): RunningProgram {
  const script = resolve(import.meta.dirname, '../takeover/watch.process.ts')
  return machine.run(process.execPath, ['--conditions=@hotspare/source', script, JSON.stringify(options)])
}

async function ready(program: RunningProgram, what: string): Promise<void> {
  await until(
    () => program.output().includes('ready'),
    () => `${what} runs: ${program.output()}`,
  )
}
