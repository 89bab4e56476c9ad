import { type Clock, type Random, sleep } from '@hotspare/core'
import type { Instruction, Outcome, Resource, ResourceVerb, Right } from '@hotspare/core/plan'
import { refused } from '../local-steps.ts'
import type { OnControlLoss } from '../service.ts'
import type { VirtualKernel } from './kernel.ts'
import type { Lan } from './lan.ts'

export interface VirtualAddressOptions {
  readonly kernel: VirtualKernel
  readonly lan: Lan
  /** Of the process. */
  readonly clock: Clock
  readonly random: Random
  readonly onControlLoss: OnControlLoss
  /** How long before the right's end the gate shuts. */
  readonly marginMs: number
  readonly acquired: (token: number) => void
  readonly released: () => void
}

/** The times of a virtual address, in milliseconds. Each number with its reason. */
const times = Object.freeze({
  /** Less than the real driver waits, for shorter schedules. */
  probeMs: 30,
  /** As the real driver: a probe from before the lease was taken counts. */
  probeFreshMs: 3_000,
  refreshMs: 100,
  /** How late the kernel may shut the gate: below the margin. */
  kernelLatenessMs: 20,
  /** What adding or removing an address takes at most. */
  commandMs: 10,
})

/** An address as the Linux driver holds it: in the kernel, for `release` behind a gate that the kernel shuts by itself. */
export function virtualAddress(options: VirtualAddressOptions): Resource {
  const { kernel, lan, clock, random, onControlLoss, marginMs } = options
  let probe: { readonly startedMs: number; readonly owner: Promise<string | undefined> } | undefined
  let keeping: Right | undefined

  const command = () => sleep(random.next() * times.commandMs, { clock })

  async function findOwner(): Promise<string | undefined> {
    let owner: string | undefined
    const end = lan.ask(kernel, 'who-has', ({ from }) => (owner ??= from))
    await sleep(times.probeMs, { clock })
    end()
    return owner
  }

  /** Opens the gate for what is left of the right. @returns whether anything is left */
  function open(right: Right): boolean {
    if (onControlLoss === 'keep') {
      kernel.addAddress({ token: right.token, untilMs: undefined })
      return true
    }
    const openMs = right.deadlineMs - marginMs
    if (openMs <= clock.monotonicMs()) return false
    kernel.addAddress({ token: right.token, untilMs: openMs + random.next() * times.kernelLatenessMs })
    return true
  }

  function refreshLater(right: Right): void {
    clock.schedule(times.refreshMs, () => {
      if (keeping !== right) return
      if (right.isValid()) open(right)
      refreshLater(right)
    })
  }

  function keep(right: Right): void {
    if (keeping === right || onControlLoss === 'keep') return
    keeping = right
    right.signal.addEventListener('abort', () => letGo(right), { once: true })
    refreshLater(right)
  }

  /** The right has ended: the process need not wait for the kernel. */
  function letGo(right: Right): void {
    if (keeping !== right) return
    keeping = undefined
    kernel.removeAddress()
  }

  return {
    id: 'address',
    allowedMs: { acquire: 2_000, release: 1_000 },
    instruction: (verb, node) => instruction(verb, node),
    prepare() {
      probe = { startedMs: clock.monotonicMs(), owner: findOwner() }
    },
    async observe() {
      const state = kernel.holds ? 'held' : 'absent'
      return { state, since: clock.wallMs(), because: `the kernel shows it as ${state}` }
    },
    async acquire(right, { signal, handedOver = false } = {}): Promise<Outcome> {
      if (!right.isValid()) return refused('the right is not valid')
      // For `keep`, whoever has it is a peer and is tolerated: every machine here is one.
      if (!handedOver && onControlLoss === 'release' && !kernel.holds) {
        const isFresh = probe && clock.monotonicMs() - probe.startedMs <= times.probeFreshMs
        const owner = await (isFresh ? probe?.owner : findOwner())
        probe = undefined
        if (owner !== undefined) return refused(`${owner} has it`)
      }
      await command()
      if (signal?.aborted) return refused('it was given up')
      if (!right.isValid()) return refused('the right is valid no longer')
      if (!open(right)) return refused('nothing is left of the right')
      keep(right)
      options.acquired(right.token)
      return { ok: true, detail: `it is here under token ${right.token}` }
    },
    async release(): Promise<Outcome> {
      keeping = undefined
      await command()
      if (kernel.holds) {
        kernel.removeAddress()
        options.released()
      }
      return { ok: true, detail: 'it is not here' }
    },
  }
}

/** What people would type, had they a virtual machine. */
function instruction(verb: ResourceVerb, node: string): Instruction {
  const shown = verb === 'acquire' ? 'inet' : '^$'
  return {
    what: `The address is ${verb === 'acquire' ? 'added' : 'removed'} on ${node}.`,
    manual: [`ip address ${verb === 'acquire' ? 'add' : 'del'} 10.0.0.100/32 dev eth0`],
    verification: { command: 'ip address show to 10.0.0.100', expect: shown },
  }
}
