/** What keepalived is told of an address that Hotspare gives to a node. */
export interface KeepalivedInstance {
  /** Of `vrrp_instance` and of its track file: letters, digits and `_`. */
  readonly name: string
  /** `10.0.0.100/32` */
  readonly address: string
  readonly interface: string
  /** VRRP's, 1 to 255; no other address on this network has it. */
  readonly routerId: number
  /** Whole hundredths of a second, in milliseconds: 10 to 40,950 (RFC 9568, 5.2.7). */
  readonly advertIntervalMs: number
}

/** The highest that is not the owner's: of all, it waits least before it takes over (RFC 9568, 6.1). */
const PRIORITY = 254

/** What people put into `keepalived.conf`, once on each node. */
export function keepalivedInclude(folder: string): string {
  return `global_defs {
  vrrp_notify_fifo ${folder}/notify.fifo
  fifo_write_vrrp_states_on_reload
}
include ${folder}/hotspare_*.conf
`
}

/**
 * The snippet of one address (keepalived.conf(5)). A track file with weight 0 puts the instance into FAULT unless it says 0, and
 * so does a file that is not there: keepalived has the address only where it is told to.
 */
export function keepalivedSnippet(
  { name, address, interface: link, routerId, advertIntervalMs }: KeepalivedInstance,
  folder: string,
): string {
  return `# Written by Hotspare. Changes are lost.
track_file ${name} {
  file "${trackFileOf(name, folder)}"
  weight 0
  init_file 1
}
vrrp_instance ${name} {
  state BACKUP
  nopreempt
  interface ${link}
  version 3
  virtual_router_id ${routerId}
  priority ${PRIORITY}
  advert_int ${advertIntervalMs / 1_000}
  virtual_ipaddress {
    ${address} dev ${link}
  }
  track_file {
    ${name}
  }
}
`
}

export function trackFileOf(name: string, folder: string): string {
  return `${folder}/${name}.track`
}

export function snippetFileOf(name: string, folder: string): string {
  return `${folder}/${name}.conf`
}

/** How long an instance that hears nobody waits before it is MASTER: three adverts, and the skew of its priority (RFC 9568, 6.1). */
export function masterDownMs(advertIntervalMs: number): number {
  return advertIntervalMs * (3 + (256 - PRIORITY) / 256)
}
