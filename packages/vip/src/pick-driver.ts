import { errorText } from '@hotspare/core'
import { arpingWire } from './arping-wire.ts'
import { commandsDriver } from './commands.ts'
import type { VirtualAddress } from './address.ts'
import type { LinkFacts, VipDriver, Wire } from './driver.ts'
import { netlinkDriver } from './netlink.ts'
import { runCommand } from './run-command.ts'

/** Told when something works less well than it could. */
export type OnDegraded = (means: 'arping' | 'none', because: string) => void

/** Netlink where it can be had, else commands. @throws HotspareError `HOTSPARE_VIP_UNAVAILABLE` when neither works */
export async function pickDriver(): Promise<{ readonly driver: VipDriver; readonly because?: string | undefined }> {
  const netlink = netlinkDriver()
  try {
    await netlink.open()
    return { driver: netlink }
  } catch (error) {
    await netlink.close()
    const commands = commandsDriver()
    await commands.open()
    return { driver: commands, because: errorText(error) }
  }
}

/** The best way to announce that works here: the driver's own, else `arping`, else none. */
export async function openBestWire(driver: VipDriver, link: LinkFacts, address: VirtualAddress, onDegraded: OnDegraded): Promise<Wire> {
  let because = `the ${driver.name} driver sends no raw frames`
  try {
    const wire = await driver.openWire(link, address)
    if (wire.means === 'raw') return wire
    wire.close()
    if (!link.ethernet) {
      onDegraded('none', `${link.name} is no Ethernet: nothing to announce on it`)
      return wire
    }
  } catch (error) {
    because = errorText(error)
  }
  const wire = arpingWire(link, address, { onFailure: (failure) => onDegraded('none', failure) })
  if (wire.means === 'arping' && !(await hasArping())) onDegraded('none', `${because}; arping is not installed`)
  else onDegraded(wire.means === 'arping' ? 'arping' : 'none', wire.means === 'none' ? `${because}; no command announces IPv6` : because)
  return wire
}

async function hasArping(): Promise<boolean> {
  return runCommand('arping', ['-V']).then(
    () => true,
    () => false,
  )
}
