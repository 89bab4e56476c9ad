import { clipDetail, HotspareError } from '@hotspare/core'
import type { VirtualAddress } from './address.ts'
import type { AddressEntry, LinkFacts, VipDriver } from './driver.ts'
import { ALIVE, gateRules, GUARDED } from './gate-rules.ts'
import { gateBatch, type SetChange } from './netlink/gate-messages.ts'
import { type Libc, loadLibc, permissionError, systemError, unavailable } from './netlink/libc.ts'
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REPLACE, NLM_F_REQUEST } from './netlink/message.ts'
import { NetlinkSocket } from './netlink/netlink-socket.ts'
import { openRawWire } from './netlink/raw-wire.ts'
import {
  addressesRequest,
  deleteAddressBody,
  LINKS_REQUEST,
  newAddressBody,
  parseAddress,
  parseLink,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from './netlink/route-messages.ts'
import { runCommand } from './run-command.ts'

const NETLINK_ROUTE = 0
const NETLINK_NETFILTER = 12
const ENOENT = 2
const ENODEV = 19
const EADDRNOTAVAIL = 99

interface Sockets {
  readonly libc: Libc
  readonly route: NetlinkSocket
  readonly netfilter: NetlinkSocket
}

/**
 * The driver that speaks to the kernel itself, through koffi (an optional dependency): microseconds for each call, and no child
 * process but `nft` once, for the tables of the gate.
 */
export function netlinkDriver(): VipDriver {
  let opening: Promise<Sockets> | undefined
  const sockets = async (): Promise<Sockets> => {
    const own = (opening ??= openSockets())
    try {
      return await own
    } catch (error) {
      // The next call tries again: descriptors may have run out for a moment.
      if (opening === own) opening = undefined
      throw error
    }
  }
  const changeGate = async (address: VirtualAddress, changes: readonly SetChange[]): Promise<number> => {
    const { netfilter } = await sockets()
    return netfilter.transact((first) => gateBatch(address, changes, first))
  }
  const mustChangeGate = async (address: VirtualAddress, changes: readonly SetChange[]): Promise<void> => {
    const errno = await changeGate(address, changes)
    if (errno !== 0) throw systemError(`set the gate of ${address.text}`, errno)
  }

  return {
    name: 'netlink',
    gateLatenessMs: 0,
    async open() {
      await sockets()
    },
    async links() {
      const { route } = await sockets()
      const { errno, answers } = route.ask({ type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP, body: LINKS_REQUEST })
      if (errno !== 0) throw systemError('list the interfaces', errno)
      return answers
        .filter(({ type }) => type === RTM_NEWLINK)
        .map(({ body }) => parseLink(body))
        .filter((link): link is LinkFacts => link !== undefined)
    },
    async entries(address) {
      const { route } = await sockets()
      const { errno, answers } = route.ask({
        type: RTM_GETADDR,
        flags: NLM_F_REQUEST | NLM_F_DUMP,
        body: addressesRequest(address?.family),
      })
      if (errno !== 0) throw systemError('list the addresses', errno)
      return answers
        .filter(({ type }) => type === RTM_NEWADDR)
        .map(({ body }) => parseAddress(body))
        .filter((entry): entry is AddressEntry => entry !== undefined && (!address || entry.address === address.text))
    },
    async setAddress({ link, address, prefixLength, label, validSeconds }) {
      const { route } = await sockets()
      const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE
      const body = newAddressBody({ linkIndex: link.index, address, prefixLength, label, validSeconds })
      const { errno } = route.ask({ type: RTM_NEWADDR, flags, body })
      if (errno !== 0) throw systemError(`add ${address.text} to ${link.name}`, errno)
    },
    async removeAddress({ link, address, prefixLength }) {
      const { route } = await sockets()
      const body = deleteAddressBody({ linkIndex: link.index, address, prefixLength })
      const { errno } = route.ask({ type: RTM_DELADDR, flags: NLM_F_REQUEST | NLM_F_ACK, body })
      if (errno === EADDRNOTAVAIL || errno === ENODEV) return false
      if (errno !== 0) throw systemError(`remove ${address.text} from ${link.name}`, errno)
      return true
    },
    prepareGate: loadGate,
    openGate: (address, { openMs, keptMs }) =>
      mustChangeGate(address, [
        { set: GUARDED, timeoutMs: keptMs },
        { set: ALIVE, timeoutMs: openMs },
      ]),
    shutGate: (address, { keptMs }) =>
      mustChangeGate(address, [
        { set: GUARDED, timeoutMs: keptMs },
        { set: ALIVE, timeoutMs: 0 },
      ]),
    async removeGate(address) {
      const errno = await changeGate(address, [
        { set: GUARDED, timeoutMs: 0 },
        { set: ALIVE, timeoutMs: 0 },
      ])
      // No table, no gate.
      if (errno !== 0 && errno !== ENOENT) throw systemError(`remove the gate of ${address.text}`, errno)
    },
    async openWire(link, address) {
      if (!link.ethernet || link.mac === '') return SILENT
      return openRawWire((await sockets()).libc, link, address)
    },
    async close() {
      const closing = opening
      opening = undefined
      const open = await closing?.catch(() => undefined)
      open?.route.close()
      open?.netfilter.close()
    },
  }
}

/** Where there is nothing like ARP: the loopback, a tunnel. */
export const SILENT: ReturnType<typeof openRawWire> = {
  means: 'none',
  announce() {},
  probe() {},
  takeClaims: () => [],
  close() {},
}

async function openSockets(): Promise<Sockets> {
  const libc = await loadLibc()
  const route = new NetlinkSocket(libc, NETLINK_ROUTE)
  try {
    return { libc, route, netfilter: new NetlinkSocket(libc, NETLINK_NETFILTER) }
  } catch (error) {
    route.close()
    // A kernel without it has no gate either, and says so with this.
    throw unavailable('the kernel has no netfilter', error)
  }
}

/** Loads our tables by `nft`; both drivers do, for it is not on the path of a claim. */
export async function loadGate(): Promise<void> {
  const { status, stderr } = await runCommand('nft', ['-f', '-'], { input: gateRules() })
  if (status === 0) return
  const what = `create the nftables gate: ${clipDetail(stderr)}`
  throw /not permitted/i.test(stderr)
    ? permissionError(what)
    : new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: `vip: ${what}`, retryable: true })
}
