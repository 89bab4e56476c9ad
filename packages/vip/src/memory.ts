import type { Clock, HotspareError } from '@hotspare/core'
import type { AddressEntry, LinkFacts, VipDriver } from './driver.ts'

/** A network of hosts in memory: for tests of what is built on virtual addresses, and for a takeover that is only run through. */
export interface MemorySegment {
  /** A driver of a host on it; `eth0` is its one interface. @param mac its hardware address */
  host(mac: string): MemoryHost
  /** What was announced, in order. */
  readonly announcements: readonly { readonly mac: string; readonly address: string; readonly atMs: number }[]
  /** Hardware addresses of the hosts that answer for the address now: those that have it, behind an open gate. */
  holders(address: string): readonly string[]
}

export interface MemoryHost extends VipDriver {
  /** Changes the interface. */
  setLink(change: Partial<Pick<LinkFacts, 'up' | 'carrier' | 'name'>>): void
  /** Makes the next calls that change something fail; undefined ends it. */
  failWith(error: HotspareError | undefined): void
}

interface Entry extends AddressEntry {
  readonly untilMs: number
}

interface Gate {
  readonly openUntilMs: number
  readonly keptUntilMs: number
}

/** Time passes by `clock` alone: lifetimes and gates end as in a kernel that is never late. */
export function memorySegment(clock: Clock): MemorySegment {
  const hosts: Host[] = []
  const announcements: { mac: string; address: string; atMs: number }[] = []
  return {
    announcements,
    host(mac) {
      const host = new Host(mac, hosts.length + 2, clock, hosts, announcements)
      hosts.push(host)
      return host
    },
    holders: (address) => hosts.filter((host) => host.answers(address)).map(({ mac }) => mac),
  }
}

type Announcements = { mac: string; address: string; atMs: number }[]

class Host implements MemoryHost {
  readonly name = 'memory'
  readonly gateLatenessMs = 0
  readonly mac: string
  readonly #clock: Clock
  readonly #hosts: readonly Host[]
  readonly #announcements: Announcements
  readonly #entries = new Map<string, Entry>()
  readonly #gates = new Map<string, Gate>()
  readonly #heard = new Map<string, Set<string>>()
  #link: LinkFacts
  #failure: HotspareError | undefined

  constructor(mac: string, index: number, clock: Clock, hosts: readonly Host[], announcements: Announcements) {
    this.mac = mac
    this.#clock = clock
    this.#hosts = hosts
    this.#announcements = announcements
    this.#link = { index, name: 'eth0', mac, up: true, carrier: true, ethernet: true }
  }

  setLink(change: Partial<Pick<LinkFacts, 'up' | 'carrier' | 'name'>>): void {
    this.#link = { ...this.#link, ...change }
  }

  failWith(error: HotspareError | undefined): void {
    this.#failure = error
  }

  answers(address: string): boolean {
    return this.#alive(address) !== undefined && this.#isOpen(address) && this.#link.up && this.#link.carrier
  }

  hear(address: string, mac: string): void {
    this.#heard.get(address)?.add(mac)
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async links(): Promise<readonly LinkFacts[]> {
    return [{ index: 1, name: 'lo', mac: '', up: true, carrier: true, ethernet: false }, this.#link]
  }

  async entries(address?: { readonly text: string }): Promise<readonly AddressEntry[]> {
    const known = address ? [address.text] : [...this.#entries.keys()]
    return known.map((text) => this.#alive(text)).filter((entry) => entry !== undefined)
  }

  async setAddress({ address, prefixLength, label, validSeconds }: Parameters<VipDriver['setAddress']>[0]): Promise<void> {
    this.#mayFail()
    const old = this.#alive(address.text)
    const untilMs = validSeconds === undefined ? Infinity : this.#clock.monotonicMs() + validSeconds * 1_000
    const entry = {
      linkIndex: this.#link.index,
      address: address.text,
      prefixLength,
      label: old?.label ?? label,
      validSeconds,
      unusable: false,
      untilMs,
    }
    this.#entries.set(address.text, entry)
  }

  async removeAddress({ address }: Parameters<VipDriver['removeAddress']>[0]): Promise<boolean> {
    this.#mayFail()
    const there = this.#alive(address.text) !== undefined
    this.#entries.delete(address.text)
    return there
  }

  async prepareGate(): Promise<void> {
    this.#mayFail()
  }

  async openGate(...[address, { openMs, keptMs }]: Parameters<VipDriver['openGate']>): Promise<void> {
    this.#mayFail()
    const nowMs = this.#clock.monotonicMs()
    this.#gates.set(address.text, { openUntilMs: nowMs + openMs, keptUntilMs: nowMs + keptMs })
  }

  async shutGate(...[address, { keptMs }]: Parameters<VipDriver['shutGate']>): Promise<void> {
    this.#mayFail()
    this.#gates.set(address.text, { openUntilMs: 0, keptUntilMs: this.#clock.monotonicMs() + keptMs })
  }

  async removeGate(address: Parameters<VipDriver['removeGate']>[0]): Promise<void> {
    this.#gates.delete(address.text)
  }

  async openWire(...[link, address]: Parameters<VipDriver['openWire']>): ReturnType<VipDriver['openWire']> {
    const heard = new Set<string>()
    this.#heard.set(address.text, heard)
    const others = () => this.#hosts.filter((host) => host !== this && this.#link.up && this.#link.carrier)
    return {
      means: 'raw',
      announce: () => {
        this.#announcements.push({ mac: link.mac, address: address.text, atMs: this.#clock.monotonicMs() })
        for (const host of others()) host.hear(address.text, link.mac)
      },
      probe: () => {
        for (const host of others()) if (host.answers(address.text)) heard.add(host.mac)
      },
      takeClaims() {
        const claims = [...heard]
        heard.clear()
        return claims
      },
      close: () => heard.clear(),
    }
  }

  #alive(address: string): Entry | undefined {
    const entry = this.#entries.get(address)
    if (!entry || entry.untilMs <= this.#clock.monotonicMs()) return undefined
    return entry.untilMs === Infinity ? entry : { ...entry, validSeconds: Math.ceil((entry.untilMs - this.#clock.monotonicMs()) / 1_000) }
  }

  #isOpen(address: string): boolean {
    const gate = this.#gates.get(address)
    const nowMs = this.#clock.monotonicMs()
    return !gate || gate.keptUntilMs <= nowMs || gate.openUntilMs > nowMs
  }

  #mayFail(): void {
    if (this.#failure) throw this.#failure
  }
}
