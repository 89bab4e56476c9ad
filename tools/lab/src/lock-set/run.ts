import { resolve } from 'node:path'
import { type Random, seededRandom, sleep } from '@hotspare/core'
import { createNetwork, type Machine, type RunningProgram, until } from '../network.ts'
import type { ClientOptions, Store } from './client.process.ts'
import { type RunningStore, startStore } from './stores.ts'

const CLIENTS = ['one', 'two', 'three'] as const
const TTL_MS = 600

export interface LockSetOptions {
  readonly kind: Store['type']
  /** At least, and until the lease has gone from hand to hand {@link minGrants} times: a store's restart may take a while. */
  readonly seconds: number
  readonly minGrants: number
  readonly seed: number
  /** Whether the resource refuses old tokens. */
  readonly checked: boolean
  /**
   * `all`: pauses, kills, cuts, power losses and restarts of the store. `pauses`: the holder is stopped until another has
   * taken over, time and again. `cuts`: the same, and it only loses the store.
   */
  readonly faults: 'all' | 'pauses' | 'cuts'
  /** Clients with slow and fast clocks. */
  readonly clockRates?: readonly number[] | undefined
  readonly withoutMargin?: boolean | undefined
}

export interface LockSetReport {
  /** Elements whose write was accepted. */
  readonly added: number
  /** Accepted elements that somebody else's write has wiped out. */
  readonly lost: number
  readonly grants: number
  /** Requests that the resource refused. */
  readonly refused: number
  /** Tokens that two clients used. */
  readonly shared: readonly number[]
}

/** Clients add to one set under one lease while faults happen. (The `lock-set` workload of Jepsen's etcd tests.) */
export async function runLockSet(options: LockSetOptions): Promise<LockSetReport> {
  const machines = createNetwork(['store', 'resource', ...CLIENTS])
  const { resource: resourceMachine } = machines
  const store = await startStore(options.kind, machines.store)
  const script = resolve(import.meta.dirname, 'resource.process.ts')
  const mode = options.checked ? 'checked' : 'unchecked'
  const resource = resourceMachine.run(process.execPath, ['--conditions=@hotspare/source', script, mode])
  await until(() => resource.output().includes('ready'), 'the resource is ready')

  const run = new Run(options, machines, store)
  await run.play()
  const answer = await resourceMachine.run('curl', ['-s', 'http://127.0.0.1:8080/report']).ended
  const report = JSON.parse(answer) as { elements: readonly string[]; refused: number; shared: readonly number[] }
  const added = run.output().flatMap((output) => [...output.matchAll(/^added (\w+)$/gm)].map(([, element]) => element ?? ''))
  const kept = new Set(report.elements)
  return {
    added: added.length,
    lost: added.filter((element) => !kept.has(element)).length,
    grants: run.grants(),
    refused: report.refused,
    shared: report.shared,
  }
}

interface Client {
  readonly machine: Machine
  readonly options: ClientOptions
  program: RunningProgram
}

class Run {
  readonly #random: Random
  readonly #clients: Client[]
  readonly #programs: RunningProgram[] = []
  readonly #options: LockSetOptions
  readonly #storeMachine: Machine
  readonly #store: RunningStore

  constructor(options: LockSetOptions, machines: Record<(typeof CLIENTS)[number] | 'store' | 'resource', Machine>, store: RunningStore) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#store = store
    this.#storeMachine = machines.store
    this.#clients = CLIENTS.map((name, index) => {
      const client: ClientOptions = {
        name,
        store: store.store,
        resource: `http://${machines.resource.address}:8080`,
        ttlMs: TTL_MS,
        clockRate: options.clockRates?.[index] ?? 1,
        withoutMargin: options.withoutMargin ?? false,
      }
      return { machine: machines[name], options: client, program: this.#start(machines[name], client) }
    })
  }

  output(): readonly string[] {
    return this.#programs.map((program) => program.output())
  }

  grants(): number {
    return this.output().join('').split('"lease-granted"').length - 1
  }

  async play(): Promise<void> {
    await until(() => this.output().join('').includes('"lease-granted"'), `a first grant: ${this.output().join('')}`)
    const untilMs = performance.now() + this.#options.seconds * 1_000
    while (performance.now() < untilMs || this.grants() < this.#options.minGrants) {
      await sleep(this.#random.next() * TTL_MS)
      await this.#fault()
    }
    // What is still on its way arrives; then nobody writes any more.
    await sleep(TTL_MS)
    for (const { program } of this.#clients) program.child.kill('SIGKILL')
    await Promise.all(this.#clients.map(({ program }) => program.ended))
  }

  #fault(): Promise<void> {
    return this.#options.faults === 'all' ? this.#anyFault() : this.#hitHolder()
  }

  async #anyFault(): Promise<void> {
    const client = this.#clients[Math.floor(this.#random.next() * this.#clients.length)]!
    const forMs = this.#random.next() * 2 * TTL_MS
    const { machine } = client
    const faults = [
      () => this.#stopped(client.program, forMs),
      () => this.#stopped(client.program, forMs),
      () => this.#stopped(client.program, forMs),
      async () => {
        client.program.child.kill('SIGKILL')
        await client.program.ended
        client.program = this.#start(machine, client.options)
      },
      async () => {
        machine.unplug()
        await sleep(forMs)
        machine.plug()
      },
      async () => {
        const [sender, receiver] = this.#random.next() < 0.5 ? [machine, this.#storeMachine] : [this.#storeMachine, machine]
        receiver.cutFrom(sender)
        await sleep(forMs)
        receiver.mend()
      },
      () => this.#stopped(this.#store.program(), forMs),
      () => this.#store.restart(),
    ]
    await faults[Math.floor(this.#random.next() * faults.length)]!()
  }

  async #hitHolder(): Promise<void> {
    const holder = this.#clients.find(({ program }) => {
      const output = program.output()
      return output.lastIndexOf('"lease-granted"') > output.lastIndexOf('"lease-ended"')
    })
    if (!holder) return
    if (this.#options.faults === 'pauses') return this.#stopped(holder.program, 2 * TTL_MS)
    // It can still write to the resource, and no longer renew.
    this.#storeMachine.cutFrom(holder.machine)
    await sleep(2 * TTL_MS)
    this.#storeMachine.mend()
  }

  async #stopped(program: RunningProgram, forMs: number): Promise<void> {
    program.child.kill('SIGSTOP')
    await sleep(forMs)
    program.child.kill('SIGCONT')
  }

  #start(machine: Machine, options: ClientOptions): RunningProgram {
    const script = resolve(import.meta.dirname, 'client.process.ts')
    const program = machine.run(process.execPath, ['--conditions=@hotspare/source', script, JSON.stringify(options)])
    this.#programs.push(program)
    return program
  }
}
