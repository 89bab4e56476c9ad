import { type Clock, errorText, HotspareError, type Logger } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'
import type { VirtualAddress } from './address.ts'
import { isTolerated } from './claim-decision.ts'
import { vipDefaults } from './defaults.ts'
import type { AddressRequest, LinkFacts, VipDriver } from './driver.ts'
import { gateKeptMs, type LifetimeRules } from './lifetime.ts'
import { type LifetimeChange, LifetimeKeeper } from './lifetime-keeper.ts'

export interface AddressHoldOptions {
  readonly address: VirtualAddress
  /** Undefined for an address that stays. */
  readonly lifetimeMs: number | undefined
  readonly gateMarginMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly onLifetime: (change: LifetimeChange) => void
}

export interface HoldUnder {
  readonly right: Right | undefined
  /** Who may have it when our right has passed on. */
  readonly tolerate: readonly string[]
}

interface Held extends HoldUnder {
  readonly link: LinkFacts
  readonly keeper: LifetimeKeeper | undefined
}

/** The address while this process holds it: under which right, and what keeps it alive in the kernel. */
export class AddressHold {
  readonly #options: AddressHoldOptions
  #held: Held | undefined

  constructor(options: AddressHoldOptions) {
    this.#options = options
  }

  get isHeld(): boolean {
    return this.#held !== undefined
  }

  /** Of the claim of this process; undefined when it holds nothing that has a lifetime. */
  get gate(): 'open' | 'shut' | undefined {
    return this.#held?.keeper?.gate
  }

  isOn(link: LinkFacts): boolean {
    return this.#held?.link.index === link.index
  }

  /** Whether we may speak for the address now. */
  mayAct(): boolean {
    return this.#held !== undefined && (this.#held.keeper?.mayAct() ?? true)
  }

  /** Whether our right has passed on, and `mac` is one of those who may have it now. */
  concedesTo(mac: string): boolean {
    return this.#held?.right?.isValid() === false && isTolerated(mac, this.#held.tolerate)
  }

  /**
   * Puts the address on its interface, or renews what is there.
   *
   * @returns why that could not be done under this right; undefined when it was
   * @throws what the driver throws; nothing is held then
   */
  async take(driver: VipDriver, request: AddressRequest, { right, tolerate }: HoldUnder): Promise<string | undefined> {
    await this.#endKeeper()
    if (right && !right.isValid()) return 'the right to act has ended'
    const { address, lifetimeMs } = this.#options
    const keeper = right && lifetimeMs !== undefined ? this.#keeper(driver, request, right, lifetimeMs) : undefined
    this.#held = { link: request.link, right, tolerate, keeper }
    try {
      if (!keeper) await driver.setAddress(request)
      else if (!(await this.#begin(keeper, driver))) {
        await this.drop()
        return 'the right to act ends too soon for the gate to open'
      }
      return undefined
    } catch (error) {
      await this.drop()
      if (keeper) await driver.shutGate(address, { keptMs: this.#keptMs(driver) }).catch(() => {})
      throw error
    }
  }

  /** Goes on refreshing what was taken. */
  keep(): void {
    this.#held?.keeper?.keep()
  }

  /** Holds nothing any more; when it returns, no refresh of before can reach the kernel. */
  async drop(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    held?.keeper?.stop()
    await held?.keeper?.idle()
  }

  /** Shuts the gate, where there is one. Never rejects. */
  async shut(driver: VipDriver): Promise<void> {
    const { address, lifetimeMs, logger } = this.#options
    if (lifetimeMs === undefined) return
    try {
      await driver.shutGate(address, { keptMs: this.#keptMs(driver) })
    } catch (error) {
      // The address itself goes next; and without our tables there is nothing to shut.
      logger.debug({ address: address.text, because: errorText(error) }, 'the gate could not be shut')
    }
  }

  async #endKeeper(): Promise<void> {
    const keeper = this.#held?.keeper
    keeper?.stop()
    await keeper?.idle()
  }

  async #begin(keeper: LifetimeKeeper, driver: VipDriver): Promise<boolean> {
    try {
      return await keeper.begin()
    } catch (error) {
      if (HotspareError.is(error) && error.code === 'HOTSPARE_VIP_PERMISSION') throw error
      // Our tables may have been flushed since the start.
      await driver.prepareGate()
      return keeper.begin()
    }
  }

  #keeper(driver: VipDriver, request: AddressRequest, right: Right, lifetimeMs: number): LifetimeKeeper {
    const { address, clock, onLifetime } = this.#options
    return new LifetimeKeeper({
      clock,
      rules: this.#rules(driver, lifetimeMs),
      right,
      openGate: (times) => driver.openGate(address, times),
      shutGate: (times) => driver.shutGate(address, times),
      setLifetime: (validSeconds) => driver.setAddress({ ...request, validSeconds }),
      repair: () => driver.prepareGate(),
      onChange: onLifetime,
    })
  }

  #keptMs(driver: VipDriver): number {
    return gateKeptMs(this.#rules(driver, this.#options.lifetimeMs ?? 0))
  }

  #rules(driver: VipDriver, lifetimeMs: number): LifetimeRules {
    return {
      lifetimeMs,
      marginMs: this.#options.gateMarginMs + driver.gateLatenessMs,
      refreshMs: Math.min(vipDefaults.refreshMs, lifetimeMs * vipDefaults.refreshShare),
      resetMs: vipDefaults.resetMs,
      guardMs: vipDefaults.guardMs,
    }
  }
}
