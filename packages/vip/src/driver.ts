import type { VirtualAddress } from './address.ts'

/** A network interface of this node. */
export interface LinkFacts {
  readonly index: number
  readonly name: string
  /** `02:00:0a:00:00:01`; empty where it has none of Ethernet's form. */
  readonly mac: string
  /** Switched on. */
  readonly up: boolean
  /** Connected. */
  readonly carrier: boolean
  /** Whether frames of Ethernet can be sent on it. */
  readonly ethernet: boolean
}

/** An address on an interface. */
export interface AddressEntry {
  readonly linkIndex: number
  /** In its usual form, without the prefix length. */
  readonly address: string
  readonly prefixLength: number
  readonly label?: string | undefined
  /** Who added it, where the kernel keeps that (Linux 5.18). */
  readonly protocol?: number | undefined
  /** How long the kernel keeps it; undefined for ever. */
  readonly validSeconds?: number | undefined
  /** The kernel has found a duplicate, or is still looking for one: it does not answer. IPv6 only. */
  readonly unusable: boolean
}

/** An address as it is to be. */
export interface AddressRequest {
  readonly link: LinkFacts
  readonly address: VirtualAddress
  /** That of the entry which is there, or the one wanted. */
  readonly prefixLength: number
  /** IPv4 only, at most 15 characters. */
  readonly label?: string | undefined
  /** For ever when undefined. */
  readonly validSeconds?: number | undefined
}

/** Frames about one address on one interface. */
export interface Wire {
  /** How it sends: `raw` frames, the `arping` command, or not at all. */
  readonly means: 'raw' | 'arping' | 'none'
  /** Sends one round of announcements, and does not wait for anybody. @throws HotspareError `HOTSPARE_VIP_SYSTEM` */
  announce(): void
  /** Asks who has the address. Answers are found by {@link Wire.takeClaims}, if it can. @throws HotspareError `HOTSPARE_VIP_SYSTEM` */
  probe(): void
  /** Hardware addresses that have claimed the address since the last call; never our own, a few at most. Does not wait. */
  takeClaims(): readonly string[]
  close(): void
}

/**
 * The kernel's network, as far as virtual addresses need it: that of the process's own network namespace. Calls throw a
 * `HotspareError`: `HOTSPARE_VIP_PERMISSION` when the process may not, else `HOTSPARE_VIP_SYSTEM`.
 */
export interface VipDriver {
  readonly name: string
  /** How late a timeout of the gate may start, in milliseconds: it shuts earlier by as much. */
  readonly gateLatenessMs: number
  /** Idempotent. @throws HotspareError `HOTSPARE_VIP_UNAVAILABLE` when it cannot work on this machine */
  open(): Promise<void>
  links(): Promise<readonly LinkFacts[]>
  /** Where the address is on this node; all addresses when none is given. */
  entries(address?: VirtualAddress): Promise<readonly AddressEntry[]>
  /** Adds it, or changes the lifetime of what is there. */
  setAddress(request: AddressRequest): Promise<void>
  /** @returns false when it was not there */
  removeAddress(request: Pick<AddressRequest, 'link' | 'address' | 'prefixLength'>): Promise<boolean>
  /** Creates our tables where they are missing; shuts and opens nothing. */
  prepareGate(): Promise<void>
  /** Lets traffic of the address through for `openMs` from now, and keeps the gate itself for `keptMs`. */
  openGate(address: VirtualAddress, times: { readonly openMs: number; readonly keptMs: number }): Promise<void>
  /** Shuts at once, and keeps the gate for `keptMs`. */
  shutGate(address: VirtualAddress, times: { readonly keptMs: number }): Promise<void>
  /** Takes the gate of this address away; nothing when there is none. */
  removeGate(address: VirtualAddress): Promise<void>
  openWire(link: LinkFacts, address: VirtualAddress): Promise<Wire>
  /** Idempotent. */
  close(): Promise<void>
}

/** Who added an address, in the kernel's own field: an 'h', which nobody else has registered. */
export const ADDRESS_PROTOCOL = 0x68

/** The longest label, without its end (IFNAMSIZ). */
const LABEL_CHARACTERS = 15

/** The label of an IPv4 address of ours, `eth0:hs`; undefined where the interface's name leaves no room for it. */
export function labelOf(interfaceName: string, suffix: string): string | undefined {
  const label = `${interfaceName}:${suffix}`
  return label.length <= LABEL_CHARACTERS ? label : undefined
}

/** Whether Hotspare has added it: by its label or by the kernel's note of who did. */
export function isOurs(entry: AddressEntry): boolean {
  return entry.protocol === ADDRESS_PROTOCOL || /:hs[0-9a-z]*$/.test(entry.label ?? '')
}
