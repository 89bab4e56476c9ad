import { HotspareError } from '@hotspare/core'
import type { ArbiterConfig, InterfaceResourceConfig, ServiceConfig } from '../../config/config.ts'

// What a virtual address of the file means on a node: said once, for the machine and for the runbook alike.

/** @throws HotspareError `HOTSPARE_APP_USAGE` for a node that is no member of its service */
export function interfaceOn({ address, interfaces }: Pick<InterfaceResourceConfig, 'address' | 'interfaces'>, node: string): string {
  const name = Object.hasOwn(interfaces, node) ? interfaces[node] : undefined
  if (name !== undefined) return name
  throw new HotspareError({ code: 'HOTSPARE_APP_USAGE', message: `vip ${address}: no interface is given for ${node}` })
}

/** How long the kernel keeps an address without hearing from us; undefined: for ever. */
export function lifetimeMsOf({ onControlLoss }: Pick<ServiceConfig, 'onControlLoss'>, arbiter: ArbiterConfig): number | undefined {
  return onControlLoss === 'keep' || arbiter.type === 'none' ? undefined : arbiter.ttlMs
}

/** `10.0.0.100` of `10.0.0.100/32`. */
export function withoutPrefix(address: string): string {
  return address.replace(/\/\d+$/, '')
}
