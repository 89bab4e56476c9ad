import { readFileSync } from 'node:fs'
import { errorText, HotspareError, type Timer } from '@hotspare/core'
import { addressBytes } from './address.ts'
import { routerFilter } from './capture/filter.ts'
import { type CaptureOptions, resolveCaptureOptions } from './capture/options.ts'
import { openPacketSocket, type PacketSocket } from './capture/packet-socket.ts'
import { whoHas } from './capture/questions.ts'
import { captureDefaults } from './defaults.ts'
import { parseFrame } from './frame.ts'

export type { CaptureOptions, CapturedNews } from './capture/options.ts'

/** Hears adverts and claims of addresses on one interface, in both directions, and changes nothing there. */
export interface Capture extends AsyncDisposable {
  readonly interface: string
  /** Of the interface itself: what comes from there was sent here. */
  readonly hardware: string
  /** Begins; again is without effect, unless it has failed. Throws what {@link createCapture} says. */
  start(): Promise<void>
  /**
   * Asks who has an address, in nobody's name, so that no cache learns anything from it. Answers come as claims; the machine itself
   * answers nothing. Before the start, and for what is no address, nothing is asked.
   *
   * @throws HotspareError `HOTSPARE_VRRP_CAPTURE` where the kernel does not send it: the link is down, say
   */
  ask(address: string): void
  /** Whether its interface carries anything now: while it does not, silence says nothing of others. */
  isUp(): boolean
  /** Frames that were lost because this process did not read, since the start. */
  drops(): number
  /** Ends it at once; after that it may be started anew. Idempotent. */
  stop(): Promise<void>
}

/**
 * A capture through a packet(7) socket. It needs CAP_NET_RAW and nothing else; it joins the groups of VRRP at the interface, sends no
 * VRRP, and does not make the interface promiscuous.
 *
 * @throws HotspareError `HOTSPARE_VRRP_OPTIONS`; from `start()`: `HOTSPARE_VRRP_PERMISSION`, `HOTSPARE_VRRP_UNAVAILABLE` (no Linux, no koffi),
 * `HOTSPARE_VRRP_INTERFACE` (no such interface), `HOTSPARE_VRRP_CAPTURE`
 */
export function createCapture(options: CaptureOptions): Capture {
  const { interface: link, addresses, onHeard, onRead, lookEveryMs, clock, logger } = resolveCaptureOptions(options)
  let socket: PacketSocket | undefined
  let starting: Promise<void> | undefined
  let starts = 0
  let timer: Timer | undefined
  let hardware = ''
  let drops = 0
  let lastMs = -Infinity

  /** A listener that throws must not end the capture. */
  const tell = (listener: () => void) => {
    try {
      listener()
    } catch (error) {
      logger.error({ interface: link, error: errorText(error) }, 'a listener of a capture threw')
    }
  }

  const look = () => {
    timer = undefined
    if (!socket) return
    const [nowMs, wallMs] = [clock.monotonicMs(), clock.wallMs()]
    let untilMs: number | undefined
    for (let frames = 0; frames < captureDefaults.maxFrames; frames++) {
      const frame = socket.read()
      if (!frame) {
        untilMs = nowMs
        break
      }
      const heard = parseFrame(frame.bytes)
      if (!heard) continue
      // The kernel's stamp is of the wall clock, which may have been set meanwhile: it is no time in the future, and none before the last.
      const stampedMs = frame.wallMs === undefined ? nowMs : nowMs - (wallMs - frame.wallMs)
      lastMs = Math.max(lastMs, Math.min(nowMs, stampedMs))
      const news = { heard, atMs: lastMs }
      tell(() => onHeard(news))
    }
    drops += socket.takeDrops()
    lastMs = Math.max(lastMs, untilMs ?? lastMs)
    tell(() => onRead(lastMs))
    // A listener may have stopped it.
    if (socket) timer = clock.schedule(lookEveryMs, look)
  }

  const open = async (own: number) => {
    const index = Number(linkFact(link, 'ifindex'))
    hardware = linkFact(link, 'address')
    const { maxAddresses, receiveBufferBytes } = captureDefaults
    const opened = await openPacketSocket(index, routerFilter(addresses, maxAddresses), receiveBufferBytes)
    // It was stopped meanwhile, and perhaps started anew.
    if (own !== starts) return opened.close()
    socket = opened
    look()
  }

  const stop = async () => {
    starts += 1
    timer?.cancel()
    timer = undefined
    socket?.close()
    socket = undefined
    starting = undefined
  }
  return {
    interface: link,
    get hardware() {
      return hardware
    },
    start() {
      if (starting) return starting
      const own = open(++starts)
      own.catch(() => {
        if (starting === own) starting = undefined
      })
      starting = own
      return own
    },
    ask(address) {
      const bytes = addressBytes(address)
      if (!bytes || !socket) return
      socket.send(
        whoHas(
          Uint8Array.from(hardware.split(':'), (each) => Number.parseInt(each, 16)),
          bytes,
        ),
      )
    },
    isUp: () => socket !== undefined && isLinkUp(link),
    drops: () => drops,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** `unknown` is what links say that cannot tell, and they work. */
function isLinkUp(link: string): boolean {
  try {
    const state = linkFact(link, 'operstate')
    return state === 'up' || state === 'unknown'
  } catch {
    return false
  }
}

function linkFact(link: string, fact: 'ifindex' | 'address' | 'operstate'): string {
  try {
    if (!/^[\w.:@-]{1,15}$/u.test(link)) throw new Error('no name')
    return readFileSync(`/sys/class/net/${link}/${fact}`, 'utf8').trim()
  } catch (error) {
    throw new HotspareError({
      code: 'HOTSPARE_VRRP_INTERFACE',
      message: `vrrp: there is no interface ${link.slice(0, 40)} here: name the one that leads to the routers`,
      cause: error,
    })
  }
}
