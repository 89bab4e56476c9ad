import { createSocket } from 'node:dgram'
import { type Clock, errorText, sleep, systemClock } from '@hotspare/core'
import type { VirtualAddress } from './address.ts'
import type { LinkFacts, Wire } from './driver.ts'
import { parseArpingReply, parseIpNeighbour } from './ip-json.ts'
import { runCommand } from './run-command.ts'

/** How long the kernel gets to find a neighbour. */
const RESOLVE_MS = 20

/** Commands of one wire at a time; beyond it, a round is left out: the next one comes. */
const MAX_RUNNING = 4

export interface ArpingWireOptions {
  /** Told when a command fails. */
  readonly onFailure?: ((because: string) => void) | undefined
  /** Default: the system's clock */
  readonly clock?: Clock | undefined
}

/**
 * Announces and probes by `arping` of iputils, without waiting for it. There is no such command for IPv6: there the address is not
 * announced, and a probe makes the kernel resolve it.
 */
export function arpingWire(link: LinkFacts, address: VirtualAddress, options: ArpingWireOptions = {}): Wire {
  const heard = new Set<string>()
  const abort = new AbortController()
  const { clock = systemClock } = options
  const ipv4 = address.family === 4
  let running = 0
  const background = (work: () => Promise<void>) => {
    if (running >= MAX_RUNNING || abort.signal.aborted) return
    running++
    work()
      .catch((error: unknown) => {
        if (!abort.signal.aborted) options.onFailure?.(errorText(error))
      })
      .finally(() => running--)
  }
  const arping = (...args: readonly string[]) =>
    runCommand('arping', [...args, '-c', '1', '-w', '1', '-I', link.name, address.text], { signal: abort.signal })
  const note = (mac: string | undefined) => {
    if (mac !== undefined && mac !== link.mac) heard.add(mac)
  }
  const announceAs = async (form: '-U' | '-A') => {
    const { status, stderr } = await arping(form)
    // Without an answer it ends with 1, and nobody answers an announcement.
    if (status > 1) options.onFailure?.(`arping ${form}: ${stderr.trim()}`)
  }

  return {
    means: ipv4 ? 'arping' : 'none',
    announce() {
      if (!ipv4) return
      background(() => announceAs('-U'))
      background(() => announceAs('-A'))
    },
    probe() {
      background(async () => {
        if (ipv4) return note(parseArpingReply((await arping('-D')).stdout))
        const { signal } = abort
        await touch(address.text)
        // An answer takes a millisecond or two; the kernel itself would ask again after a second.
        await sleep(RESOLVE_MS, { signal, clock })
        note(
          parseIpNeighbour(
            (await runCommand('ip', ['-j', '-6', 'neighbour', 'show', 'to', address.text, 'dev', link.name], { signal })).stdout,
          ),
        )
      })
    },
    takeClaims() {
      const claims = [...heard]
      heard.clear()
      return claims
    },
    close: () => abort.abort(),
  }
}

/** Sends an empty datagram to the discard port: the kernel then has to find out who has the address. */
function touch(address: string): Promise<void> {
  const socket = createSocket('udp6')
  return new Promise((resolve) => {
    let isOpen = true
    // Whichever comes first: a socket that is closed twice throws.
    const done = () => {
      if (isOpen) socket.close()
      isOpen = false
      resolve()
    }
    socket.on('error', done)
    socket.send('', DISCARD_PORT, address, done)
  })
}

const DISCARD_PORT = 9
