import { HotspareError } from '@hotspare/core'
import type { VirtualAddress } from './address.ts'
import type { LinkFacts, VipDriver, Wire } from './driver.ts'
import { type OnDegraded, openBestWire, pickDriver } from './pick-driver.ts'

export interface SessionOptions {
  readonly address: VirtualAddress
  /** One that is given stays the caller's; undefined for the best that works here. */
  readonly driver: VipDriver | undefined
  /** Told why netlink could not be had. */
  readonly onCommands: (because: string) => void
  readonly onDegraded: OnDegraded
  /** Another wire is in use from now on. */
  readonly onWire: (wire: Wire) => void
}

/** What is open towards the kernel and the network: a driver, and a wire on the interface as it is now. */
export class Session {
  readonly #options: SessionOptions
  #driver: VipDriver | undefined
  #opening: Promise<VipDriver> | undefined
  #wire: { readonly wire: Wire; readonly link: LinkFacts } | undefined
  /** Wires are opened one after the other: two callers must not both open one. */
  #wires: Promise<unknown> = Promise.resolve()
  #degraded: string | undefined
  #ending = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  get driverName(): string | undefined {
    return this.#driver?.name
  }

  get means(): Wire['means'] {
    return this.#wire?.wire.means ?? 'none'
  }

  /** @throws HotspareError `HOTSPARE_VIP_UNAVAILABLE`, or `HOTSPARE_VIP_STOPPED` once it has ended */
  async driver(): Promise<VipDriver> {
    if (this.#driver) return this.#driver
    if (this.#ending) throw this.stopped()
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  /** The wire on an interface, which may have been made anew, or have another hardware address now. */
  wireOn(link: LinkFacts): Promise<Wire> {
    const opened = this.#wires.then(() => this.#wireOn(link))
    this.#wires = opened.catch(() => {})
    return opened
  }

  /** Opens nothing any more. @returns what is open, or was about to be */
  async end(): Promise<VipDriver | undefined> {
    this.#ending = true
    return this.#driver ?? this.#opening?.catch(() => undefined)
  }

  /** After {@link end}. */
  async close(): Promise<void> {
    await this.#wires
    this.#wire?.wire.close()
    const driver = this.#driver
    this.#wire = this.#driver = undefined
    if (!this.#options.driver) await driver?.close()
  }

  /** What whoever asks for more is told. */
  stopped(): HotspareError {
    const { text, prefixLength } = this.#options.address
    return new HotspareError({ code: 'HOTSPARE_VIP_STOPPED', message: `vip ${text}/${prefixLength}: it was stopped` })
  }

  async #open(): Promise<VipDriver> {
    const { driver: given, onCommands } = this.#options
    await given?.open()
    const { driver, because } = given ? { driver: given, because: undefined } : await pickDriver()
    if (because !== undefined) onCommands(because)
    this.#driver = driver
    return driver
  }

  async #wireOn(link: LinkFacts): Promise<Wire> {
    const open = this.#wire
    if (open && open.link.index === link.index && open.link.mac === link.mac) return open.wire
    if (this.#ending) throw this.stopped()
    const driver = await this.driver()
    this.#wire = undefined
    open?.wire.close()
    const wire = await openBestWire(driver, link, this.#options.address, (means, because) => this.#tellDegraded(means, because))
    if (this.#ending) {
      wire.close()
      throw this.stopped()
    }
    this.#wire = { wire, link }
    this.#options.onWire(wire)
    return wire
  }

  /** Once for each reason: a command that is missing fails with every announcement. */
  #tellDegraded(...[means, because]: Parameters<OnDegraded>): void {
    const told = `${means}: ${because}`
    if (told === this.#degraded) return
    this.#degraded = told
    this.#options.onDegraded(means, because)
  }
}
