import { errorText } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'
import { parseVirtualAddress } from './address.ts'
import { isOurs, type VipDriver } from './driver.ts'

export interface SweepOptions {
  /** What stays: the addresses of the configuration, with or without a prefix length. */
  readonly except: readonly string[]
}

/**
 * Removes every address that is marked as ours and is not in `except`: what a service that is no longer configured has left
 * behind. By the label for IPv4, and by the kernel's note of who added it (Linux 5.18; netlink driver only) for both.
 */
export async function sweepAddresses(driver: VipDriver, { except }: SweepOptions): Promise<Outcome> {
  const stays = new Set(except.map((text) => parseVirtualAddress(text)?.text ?? text))
  const removed: string[] = []
  try {
    await driver.open()
    const links = await driver.links()
    for (const entry of await driver.entries()) {
      const link = links.find(({ index }) => index === entry.linkIndex)
      const address = parseVirtualAddress(entry.address)
      if (!link || !address || !isOurs(entry) || stays.has(entry.address)) continue
      if (await driver.removeAddress({ link, address, prefixLength: entry.prefixLength })) removed.push(`${entry.address} on ${link.name}`)
    }
    return { ok: true, detail: removed.length > 0 ? `removed ${removed.join(', ')}` : 'nothing was left behind' }
  } catch (error) {
    return { ok: false, because: errorText(error), retryable: true }
  }
}
