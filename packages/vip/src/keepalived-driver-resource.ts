import { type Clock, errorText, optionsError, sleep, systemClock, type Verdict, withDeadline } from '@hotspare/core'
import type { Instruction, Outcome, Resource, ResourceCallOptions, ResourceState, ResourceVerb, Right } from '@hotspare/core/plan'
import { parseVirtualAddress, type VirtualAddress } from './address.ts'
import { linkProblem } from './claim-decision.ts'
import type { Keepalived } from './keepalived-driver-daemon.ts'
import { type KeepalivedInstance, masterDownMs } from './keepalived-driver-config.ts'
import { keepalivedDefaults } from './keepalived-driver-defaults.ts'
import { instanceNameOf, keepalivedInstruction } from './keepalived-driver-instruction.ts'
import { keepalivedStanding, keepalivedStep } from './keepalived-driver-standing.ts'
import type { VipDriver } from './driver.ts'
import { pickDriver } from './pick-driver.ts'

export interface KeepalivedResourceOptions {
  /** `10.0.0.100/32` */
  readonly address: string
  /** On this node. */
  readonly interface: string
  /** VRRP's, 1 to 255; no other address on this network has it. */
  readonly routerId: number
  /** Default: 100 */
  readonly advertIntervalMs?: number | undefined
  /** What the interface is called on another node. Default: the same as here */
  readonly interfaceOf?: ((node: string) => string) | undefined
  /** How the kernel is asked. Default: netlink by koffi, else commands */
  readonly driver?: VipDriver | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/** A resource, and what keepalived needs around it. */
export interface KeepalivedResource extends Resource {
  /** Before it is looked at. Never rejects: what does not work is an obstacle. */
  start(): Promise<void>
  /** Changes nothing of the address. Idempotent. */
  stop(): Promise<void>
}

/**
 * An address that keepalived has on the node that Hotspare chooses. keepalived puts it there, announces it, and takes it away;
 * it is told when it may by a track file, and never takes it on its own.
 *
 * @throws HotspareError `HOTSPARE_VIP_OPTIONS`
 */
export function keepalivedResource(keepalived: Keepalived, options: KeepalivedResourceOptions): KeepalivedResource {
  const address = parseVirtualAddress(options.address)
  if (!address) throw wrong('address', 'expected an address like 10.0.0.100/32 or fd00::100/128')
  const { routerId, advertIntervalMs = keepalivedDefaults.advertIntervalMs } = options
  if (!Number.isInteger(routerId) || routerId < 1 || routerId > 255) throw wrong('routerId', 'expected 1 to 255')
  if (!Number.isInteger(advertIntervalMs / 10) || advertIntervalMs < 10 || advertIntervalMs > 40_950) {
    throw wrong('advertIntervalMs', 'expected whole hundredths of a second, 10 to 40,950 ms')
  }
  const instance = {
    name: instanceNameOf(options.address),
    address: options.address,
    interface: options.interface,
    routerId,
    advertIntervalMs,
  }
  keepalived.add(instance)
  return new ManagedAddress(keepalived, instance, address, options)
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
  readonly #address: VirtualAddress
  readonly #options: KeepalivedResourceOptions
  readonly #clock: Clock
  readonly #patienceMs: number
  #driver: VipDriver | undefined
  #right: Right | undefined
  #obstacle: string | undefined
  #since: Verdict<ResourceState> | undefined

  constructor(keepalived: Keepalived, instance: KeepalivedInstance, address: VirtualAddress, options: KeepalivedResourceOptions) {
    this.#keepalived = keepalived
    this.#instance = instance
    this.#address = address
    this.#options = options
    this.#clock = options.clock ?? systemClock
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
    this.#keepalived.stop()
    const driver = this.#driver
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
      right.signal.addEventListener('abort', () => void this.#retract().catch(() => {}), { once: true })
      const startMs = this.#clock.monotonicMs()
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
      const isHere = (await driver.entries(this.#address)).some(({ linkIndex }) => linkIndex === link?.index)
      return { isHere, linkObstacle: linkProblem(this.#instance.interface, links)?.because }
    })
  }

  async #remove(signal: AbortSignal | undefined): Promise<void> {
    await this.#within('remove', signal, async () => {
      const driver = await this.#kernel()
      const link = (await driver.links()).find(({ name }) => name === this.#instance.interface)
      const { prefixLength } = this.#address
      if (link) await driver.removeAddress({ link, address: this.#address, prefixLength })
    })
  }

  async #kernel(): Promise<VipDriver> {
    if (this.#driver) return this.#driver
    await this.#options.driver?.open()
    this.#driver = this.#options.driver ?? (await pickDriver()).driver
    return this.#driver
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

function wrong(key: string, message: string): Error {
  return optionsError({ code: 'HOTSPARE_VIP_OPTIONS', who: 'keepalived', issues: [{ path: [key], message }] })
}
