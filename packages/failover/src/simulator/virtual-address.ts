import { type Clock, type Random, sleep } from '@hotspare/core'
import type { Instruction, Outcome, Resource, ResourceVerb, Right } from '@hotspare/core/plan'
import { refused } from '../local-steps.ts'
import type { OnControlLoss } from '../service.ts'
import type { Trouble } from './actuators.ts'
import type { VirtualKernel } from './kernel.ts'
import type { Lan } from './lan.ts'
import type { AddressSpec } from './schedule.ts'

export interface VirtualResourceOptions {
  readonly service: string
  readonly kernel: VirtualKernel
  /** Of the process. */
  readonly clock: Clock
  readonly random: Random
  readonly spec: AddressSpec
  readonly trouble: Trouble
}

export interface VirtualAddressOptions extends VirtualResourceOptions {
  readonly lan: Lan
  readonly onControlLoss: OnControlLoss
  /** Whether it ends by itself with the right. */
  readonly hasLifetime: boolean
  /** Whether nothing stands in the way of letting go. */
  readonly canRelease: () => boolean
  readonly acquired: (right: Right) => void
  /** @param beganMs when it was told to, in true time: a process may stand still in the middle of it */
  readonly released: (beganMs: number) => void
  /** Says that it has let go before it has: for the mutation. */
  readonly releasesLateMs?: number | undefined
}

/** As the real driver: a probe from before the lease was taken counts. */
const PROBE_FRESH_MS = 3_000

/** An address as the Linux driver holds it: in the kernel, for `release` behind a gate that the kernel shuts by itself. */
export function virtualAddress(options: VirtualAddressOptions): Resource {
  const { service, kernel, lan, clock, random, onControlLoss, hasLifetime, spec, trouble } = options
  let probe: { readonly startedMs: number; readonly owner: Promise<string | undefined> } | undefined
  let keeping: Right | undefined

  const command = () => sleep(random.next() * spec.commandMs, { clock })

  async function findOwner(): Promise<string | undefined> {
    let owner: string | undefined
    const end = lan.ask(kernel, service, 'who-has', ({ from }) => (owner ??= from))
    await sleep(spec.probeMs, { clock })
    end()
    return owner
  }

  /** Opens the gate for what is left of the right. @returns whether anything is left */
  function open(right: Right): boolean {
    if (!hasLifetime) {
      kernel.addAddress(service, { token: right.token, untilMs: undefined })
      return true
    }
    const openMs = right.deadlineMs - spec.gateMarginMs
    if (openMs <= clock.monotonicMs()) return false
    kernel.addAddress(service, { token: right.token, untilMs: openMs + random.next() * spec.kernelLatenessMs })
    return true
  }

  function refreshLater(right: Right): void {
    clock.schedule(spec.refreshMs, () => {
      if (keeping !== right) return
      if (right.isValid()) open(right)
      refreshLater(right)
    })
  }

  function keep(right: Right): void {
    if (keeping === right || !hasLifetime) return
    keeping = right
    right.signal.addEventListener('abort', () => letGo(right), { once: true })
    refreshLater(right)
  }

  /** The right has ended: the process need not wait for the kernel, but may have to. */
  function letGo(right: Right): void {
    if (keeping !== right) return
    keeping = undefined
    if (options.canRelease()) kernel.removeAddress(service)
  }

  function remove(beganMs: number): void {
    if (!kernel.holds(service)) return
    kernel.removeAddress(service)
    options.released(beganMs)
  }

  return {
    id: 'address',
    allowedMs: { acquire: spec.allowedMs, release: spec.allowedMs / 2 },
    instruction: (verb, node) => instruction(verb, node),
    prepare() {
      probe = { startedMs: clock.monotonicMs(), owner: findOwner() }
    },
    async observe() {
      const state = kernel.holds(service) ? 'held' : 'absent'
      return { state, since: clock.wallMs(), because: `the kernel shows it as ${state}` }
    },
    async acquire(right, { signal, handedOver = false } = {}): Promise<Outcome> {
      if (!right.isValid()) return refused('the right is not valid')
      // For `keep`, whoever has it is a peer and is tolerated: every machine here is one.
      if (!handedOver && onControlLoss === 'release' && !kernel.holds(service)) {
        const isFresh = probe && clock.monotonicMs() - probe.startedMs <= PROBE_FRESH_MS
        const owner = await (isFresh ? probe?.owner : findOwner())
        probe = undefined
        if (owner !== undefined) return refused(`${owner} has it`)
      }
      const problem = await trouble('acquire')
      if (problem !== undefined) return refused(problem)
      await command()
      if (signal?.aborted) return refused('it was given up')
      if (!right.isValid()) return refused('the right is valid no longer')
      if (!open(right)) return refused('nothing is left of the right')
      keep(right)
      options.acquired(right)
      return { ok: true, detail: `it is here under token ${right.token}` }
    },
    async release(): Promise<Outcome> {
      const beganMs = kernel.nowMs
      keeping = undefined
      const problem = await trouble('release')
      if (problem !== undefined) return refused(problem)
      await command()
      if (options.releasesLateMs === undefined) remove(beganMs)
      else clock.schedule(options.releasesLateMs, () => remove(beganMs))
      return { ok: true, detail: 'it is not here' }
    },
  }
}

/** How long it takes at most, and may take, in milliseconds. */
export interface VirtualRecordTimes {
  readonly takesMs: number
  readonly allowedMs: Resource['allowedMs']
}

/**
 * Something that follows the active member, knows no lifetime, and does as it is told: as a script, it does not look whether the right
 * still stands when it is done.
 */
export function virtualRecord(
  id: string,
  { service, kernel, clock, random, trouble, takesMs, allowedMs }: Omit<VirtualResourceOptions, 'spec'> & VirtualRecordTimes,
): Resource {
  const name = `${service}/${id}`
  const isHere = () => kernel.records.has(name)
  async function set(verb: ResourceVerb, isWanted: () => boolean): Promise<Outcome> {
    const problem = await trouble(verb)
    if (problem !== undefined) return refused(problem)
    await sleep(random.next() * takesMs, { clock })
    if (!isWanted()) return refused('it was given up')
    if (verb === 'acquire') kernel.records.add(name)
    else kernel.records.delete(name)
    return { ok: true, detail: verb === 'acquire' ? 'it is here' : 'it is not here' }
  }
  return {
    id,
    allowedMs,
    instruction: (verb, node) => instruction(verb, node),
    async observe() {
      return { state: isHere() ? 'held' : 'absent', since: clock.wallMs(), because: isHere() ? 'it is here' : 'it is not here' }
    },
    acquire: (_right, { signal } = {}) => set('acquire', () => !signal?.aborted),
    release: () => set('release', () => true),
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
