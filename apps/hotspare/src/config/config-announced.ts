import type { VipResourceConfig } from './config-cluster.ts'

/** An address that BIRD announces to routers while the active member has it. */
export interface BgpResourceConfig extends Omit<VipResourceConfig, 'type'> {
  readonly type: 'bgp'
  /** The control socket of BIRD, as an absolute path. */
  readonly socket: string
  /** Names of protocols in `bird.conf`; undefined for all sessions of BGP. */
  readonly sessions: readonly string[] | undefined
  readonly minEstablished: number
}

/** An address that keepalived has on the active member. */
export interface KeepalivedResourceConfig extends Omit<VipResourceConfig, 'type'> {
  readonly type: 'keepalived'
  /** VRRP's, 1 to 255. */
  readonly routerId: number
  readonly advertIntervalMs: number
  /** An absolute path, as `pidFile`. */
  readonly folder: string
  readonly pidFile: string
}
