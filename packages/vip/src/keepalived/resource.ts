import { type Clock, errorText, sleep, type Verdict, withDeadline } from '@hotspare/core'
import type { Instruction, Outcome, Resource, ResourceCallOptions, ResourceState, ResourceVerb, Right } from '@hotspare/core/plan'
import { linkProblem } from '../claim-decision.ts'
import type { VipDriver } from '../driver.ts'
import { pickDriver } from '../pick-driver.ts'
import { type KeepalivedInstance, masterDownMs } from './config.ts'
import type { Keepalived } from './daemon.ts'
import { keepalivedDefaults } from './defaults.ts'
import { instanceNameOf, keepalivedInstruction } from './instruction.ts'
import { type KeepalivedResourceOptions, type ResolvedKeepalivedResourceOptions, resolveKeepalivedResourceOptions } from './options.ts'
import { keepalivedStanding, keepalivedStep } from './standing.ts'

/** A keepalived that hears of a file takes some milliseconds to act on it. */
const TELL_AGAIN_MS = 200

/** A resource, and what keepalived needs around it. */
export interface KeepalivedResource extends Resource {
  /** Before it is looked at. Never rejects: what does not work is an obstacle. */
  start(): Promise<void>
  /** Changes nothing of the address, and stops listening to keepalived with its last one. Idempotent. */
  stop(): Promise<void>
}

/**
 * An address that keepalived has on the node that Hotspare chooses. keepalived puts it there, announces it, and takes it away;
 * it is told when it may by a track file, and never takes it on its own.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function keepalivedResource(keepalived: Keepalived, options: KeepalivedResourceOptions): KeepalivedResource {
  const resolved = resolveKeepalivedResourceOptions(options)
  const { routerId, advertIntervalMs, interface: link } = resolved
  const { address } = options
  const instance = { name: instanceNameOf(address), address, interface: link, routerId, advertIntervalMs }
  keepalived.add(instance)
  return new ManagedAddress(keepalived, instance, resolved)
}

/** How long the verbs may take, in milliseconds, from the pace of the adverts. */
export function keepalivedAllowedMs(advertIntervalMs: number): Readonly<Record<ResourceVerb, number>> {
  const { callTimeoutMs, releaseWaitMs } = keepalivedDefaults
  return { acquire: patienceMsOf(advertIntervalMs) + 2 * callTimeoutMs, release: releaseWaitMs + 2 * callTimeoutMs }
}

/** After this, an instance that hears nobody is MASTER; whole milliseconds. */
function patienceMsOf(advertIntervalMs: number): number {
  return Math.ceil(masterDownMs(advertIntervalMs)) + keepalivedDefaults.slackMs
}

class ManagedAddress implements KeepalivedResource {
  readonly id: string
  readonly allowedMs: Resource['allowedMs']
  readonly #keepalived: Keepalived
  readonly #instance: KeepalivedInstance
  readonly #options: ResolvedKeepalivedResourceOptions
  readonly #clock: Clock
  readonly #patienceMs: number
  /** Asked for once, by whoever comes first. */
  #driver: Promise<VipDriver> | undefined
  #right: Right | undefined
  /** Whose end is listened to already: a claim that is repaired is one of the same right. */
  #watched: Right | undefined
  #obstacle: string | undefined
  #since: Verdict<ResourceState> | undefined

  constructor(keepalived: Keepalived, instance: KeepalivedInstance, options: ResolvedKeepalivedResourceOptions) {
    this.#keepalived = keepalived
    this.#instance = instance
    this.#options = options
    this.#clock = options.clock
    this.#patienceMs = patienceMsOf(instance.advertIntervalMs)
    this.id = `keepalived ${instance.address}`
    this.allowedMs = keepalivedAllowedMs(instance.advertIntervalMs)
  }

  instruction(verb: ResourceVerb, node: string): Instruction {
    const { address, interface: link } = this.#instance
    return keepalivedInstruction(verb, { address, interface: this.#options.interfaceOf?.(node) ?? link, folder: this.#keepalived.folder })
  }

  obstacle(): string | undefined {
    return this.#keepalived.problem ?? this.#obstacle
  }

  async start(): Promise<void> {
    await this.#keepalived.start()
    // What a process before us has allowed, and keepalived has not used, is no right of ours.
    await this.#retract().catch(() => {})
  }

  async stop(): Promise<void> {
    this.#keepalived.leave(this.#instance.name)
    const driver = await this.#driver?.catch(() => undefined)
    this.#driver = undefined
    if (!this.#options.driver) await driver?.close()
  }

  async observe({ signal }: ResourceCallOptions = {}): Promise<Verdict<ResourceState>> {
    try {
      await this.#within('observe', signal, () => this.#keepalived.refresh())
      return await this.#look(signal)
    } catch (error) {
      if (signal?.aborted) throw error
      return this.#note({ state: 'unknown', because: errorText(error) })
    }
  }

  async acquire(right: Right, { signal }: ResourceCallOptions = {}): Promise<Outcome> {
    const { name } = this.#instance
    const { pollMs } = keepalivedDefaults
    try {
      await this.#within('observe', signal, () => this.#keepalived.refresh())
      await this.#look(signal)
      const obstacle = this.obstacle()
      if (obstacle !== undefined) return refused(obstacle)
      if (!right.isValid()) return refused('the right to act is not valid')
      await this.#within('ask', signal, () => this.#keepalived.ask(name))
      const isFirst = (await this.#keepalived.track(name)) !== true
      await this.#keepalived.setTrack(name, true)
      this.#right = right
      if (this.#watched !== right) right.signal.addEventListener('abort', () => void this.#retract().catch(() => {}), { once: true })
      this.#watched = right
      const startMs = this.#clock.monotonicMs()
      let toldMs = 0
      for (;;) {
        if (!right.isValid()) {
          await this.#keepalived.setTrack(name, false)
          return refused('the right to act ended while keepalived took it: it was taken back')
        }
        const standing = await this.#look(signal)
        const waitedMs = this.#clock.monotonicMs() - startMs
        const said = this.#keepalived.said(name)
        const step = keepalivedStep({ standing, said, isFirst, waitedMs, patienceMs: this.#patienceMs })
        if (step.type === 'done') return { ok: true, detail: step.detail }
        if (step.type === 'failed') return refused(step.because)
        // One that was just starting may have read the file before, and have begun to watch it after: then it is told in vain.
        if (said === 'FAULT' && waitedMs - toldMs >= TELL_AGAIN_MS) {
          toldMs = waitedMs
          await this.#keepalived.setTrack(name, true)
        }
        await sleep(pollMs, { signal, clock: this.#clock })
      }
    } catch (error) {
      if (signal?.aborted) throw error
      return refused(errorText(error))
    }
  }

  async release({ signal }: ResourceCallOptions = {}): Promise<Outcome> {
    const { address, interface: link, name } = this.#instance
    const { pollMs, releaseWaitMs } = keepalivedDefaults
    this.#right = undefined
    const written = await this.#keepalived.setTrack(name, false).then(
      () => undefined,
      (error: unknown) => errorText(error),
    )
    const startMs = this.#clock.monotonicMs()
    try {
      for (;;) {
        if (!(await this.#inKernel(signal)).isHere) {
          return written === undefined
            ? { ok: true, detail: `${address} is not on ${link}` }
            : refused(`keepalived cannot be told: ${written}`)
        }
        // Nobody takes away what a keepalived that was killed has left.
        if (!(await this.#keepalived.isRunning())) await this.#remove(signal)
        else if (this.#clock.monotonicMs() - startMs > releaseWaitMs) {
          return refused(
            `${address} is still on ${link}: keepalived ${written === undefined ? 'does not let go of it' : `cannot be told: ${written}`}`,
          )
        }
        await sleep(pollMs, { signal, clock: this.#clock })
      }
    } catch (error) {
      if (signal?.aborted) throw error
      return refused(errorText(error))
    }
  }

  async #look(signal: AbortSignal | undefined): Promise<Verdict<ResourceState>> {
    const { name, interface: link } = this.#instance
    const [{ isHere, linkObstacle }, isRunning, isGood] = await this.#within('observe', signal, () =>
      Promise.all([this.#inKernel(signal), this.#keepalived.isRunning(), this.#keepalived.track(name)]),
    )
    this.#obstacle = isRunning ? linkObstacle : 'keepalived does not run'
    const mayAct = this.#right?.isValid() ?? false
    const said = isRunning ? this.#keepalived.said(name) : undefined
    return this.#note(keepalivedStanding({ interface: link, isHere, said, isRunning, isGood: isGood === true, mayAct }))
  }

  /** Takes back what keepalived may do and has not done. */
  async #retract(): Promise<void> {
    const { name } = this.#instance
    if (this.#right?.isValid()) return
    if ((await this.#inKernel(undefined)).isHere) return
    await this.#keepalived.setTrack(name, false)
  }

  /** Whether the kernel has the address, and why it could not. */
  async #inKernel(signal: AbortSignal | undefined): Promise<{ readonly isHere: boolean; readonly linkObstacle: string | undefined }> {
    return this.#within('look', signal, async () => {
      const driver = await this.#kernel()
      const links = await driver.links()
      const link = links.find(({ name }) => name === this.#instance.interface)
      const isHere = (await driver.entries(this.#options.address)).some(({ linkIndex }) => linkIndex === link?.index)
      return { isHere, linkObstacle: linkProblem(this.#instance.interface, links)?.because }
    })
  }

  async #remove(signal: AbortSignal | undefined): Promise<void> {
    await this.#within('remove', signal, async () => {
      const driver = await this.#kernel()
      const link = (await driver.links()).find(({ name }) => name === this.#instance.interface)
      const { address } = this.#options
      if (link) await driver.removeAddress({ link, address, prefixLength: address.prefixLength })
    })
  }

  #kernel(): Promise<VipDriver> {
    if (this.#driver) return this.#driver
    const opening = this.#open()
    opening.catch(() => (this.#driver = undefined))
    this.#driver = opening
    return opening
  }

  async #open(): Promise<VipDriver> {
    const { driver } = this.#options
    await driver?.open()
    return driver ?? (await pickDriver()).driver
  }

  #within<T>(what: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return withDeadline(`${this.id}: ${what}`, keepalivedDefaults.callTimeoutMs, work, { signal, clock: this.#clock })
  }

  #note({ state, because }: Pick<Verdict<ResourceState>, 'state' | 'because'>): Verdict<ResourceState> {
    const since = this.#since?.state === state ? this.#since.since : this.#clock.wallMs()
    this.#since = { state, since, because }
    return this.#since
  }
}

function refused(because: string): Outcome {
  return { ok: false, because, retryable: true }
}
