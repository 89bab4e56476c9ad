import type { Problem } from './expand.ts'

/** Where something stands. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

export interface VirtualAddressEntry extends Place {
  /** Without the prefix length. */
  readonly address: string
  readonly family: 4 | 6
  readonly prefixLength: number
  /** Where it goes, if not to the instance's own interface. */
  readonly interface: string | undefined
  /** Whether adverts leave it out: `virtual_ipaddress_excluded`. */
  readonly excluded: boolean
}

/** Something that an instance follows. */
export interface Track {
  readonly kind: 'script' | 'interface' | 'file' | 'process' | 'bfd'
  readonly name: string
  /** Undefined where it is the default of what is followed; 0 makes a failure a fault. */
  readonly weight: number | undefined
}

/** A `vrrp_instance`: one virtual router, as this machine takes part in it. */
export interface KeepalivedInstance extends Place {
  readonly name: string
  readonly state: 'MASTER' | 'BACKUP'
  readonly interface: string | undefined
  readonly routerId: number | undefined
  /** 1 to 255; 100 where none is given. */
  readonly priority: number
  readonly advertMs: number
  readonly version: 2 | 3
  readonly family: 4 | 6
  readonly preempt: boolean
  readonly preemptDelayMs: number
  readonly downAdverts: number
  readonly addresses: readonly VirtualAddressEntry[]
  /** Both empty for multicast. */
  readonly unicastSource: string | undefined
  readonly unicastPeers: readonly string[]
  /** Of which kind; the password is read by nobody. */
  readonly authentication: 'none' | 'password' | 'header' | 'other'
  /** Whether all nodes answer for the addresses with the hardware address of the virtual router: `use_vmac`. */
  readonly virtualHardware: boolean
  readonly tracks: readonly Track[]
  readonly syncGroup: string | undefined
}

export interface KeepalivedScript extends Place {
  readonly name: string
  readonly intervalMs: number
  readonly weight: number
}

/** A kind of line that means nothing here, told once. */
export interface Unread extends Place {
  readonly keyword: string
  readonly count: number
}

export interface KeepalivedConfig {
  readonly routerName: string | undefined
  readonly instances: readonly KeepalivedInstance[]
  readonly scripts: readonly KeepalivedScript[]
  readonly syncGroups: readonly { readonly name: string; readonly members: readonly string[] }[]
  readonly problems: readonly Problem[]
  /** What was not understood: by its keyword alone, since what follows may be a secret. */
  readonly unread: readonly Unread[]
}
