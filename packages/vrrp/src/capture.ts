import { readFileSync } from 'node:fs'
import { type Clock, HotspareError, systemClock, type Timer } from '@hotspare/core'
import { addressBytes } from './address.ts'
import { routerFilter } from './capture/filter.ts'
import { openPacketSocket, type PacketSocket } from './capture/packet-socket.ts'
import { whoHas } from './capture/questions.ts'
import { captureDefaults } from './defaults.ts'
import { type Heard, parseFrame } from './frame.ts'

/** What a capture listens to. */
export interface CaptureOptions {
  /** Such as `eth0`. */
  readonly interface: string
  /** Whose claims are heard. Default: those of all addresses */
  readonly addresses?: readonly string[] | undefined
  /** Called for each frame that says something. */
  readonly onHeard: (heard: CapturedNews) => void
  /** Called after each look: everything up to that time of the monotonic clock was read, so that a silence up to then is one. */
  readonly onRead?: ((untilMs: number) => void) | undefined
  /** How often the socket is read, in milliseconds; the times of frames are the kernel's and do not depend on it. Default: 20 */
  readonly lookEveryMs?: number | undefined
  readonly clock?: Clock | undefined
}

export interface CapturedNews {
  readonly heard: Heard
  /** When it came, by the monotonic clock. */
  readonly atMs: number
}

/** Hears adverts and claims of addresses on one interface, in both directions, and changes nothing there. */
export interface Capture {
  readonly interface: string
  /** Of the interface itself: what comes from there was sent here. */
  readonly hardware: string
  /** Begins; again is without effect. Throws what {@link createCapture} says. */
  start(): Promise<void>
  /**
   * Asks who has an address, in nobody's name, so that no cache learns anything from it. Answers come as claims; the machine itself
   * answers nothing.
   */
  ask(address: string): void
  /** Whether its interface carries anything now: while it does not, silence says nothing of others. */
  isUp(): boolean
  /** Frames that were lost because this process did not read, since the start. */
  drops(): number
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A capture through a packet(7) socket. It needs CAP_NET_RAW and nothing else; it joins the groups of VRRP at the interface, sends no
 * VRRP, and does not make the interface promiscuous.
 *
 * @throws HotspareError from `start()`: `HOTSPARE_VRRP_PERMISSION`, `HOTSPARE_VRRP_UNAVAILABLE` (no Linux, no koffi),
 * `HOTSPARE_VRRP_INTERFACE` (no such interface), `HOTSPARE_VRRP_CAPTURE`
 */
export function createCapture(options: CaptureOptions): Capture {
  const { clock = systemClock, lookEveryMs = captureDefaults.lookEveryMs, onHeard } = options
  const link = options.interface
  let socket: PacketSocket | undefined
  let starting: Promise<void> | undefined
  let timer: Timer | undefined
  let hardware = ''
  let drops = 0
  let lastMs = -Infinity

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
      onHeard({ heard, atMs: lastMs })
    }
    drops += socket.takeDrops()
    lastMs = Math.max(lastMs, untilMs ?? lastMs)
    options.onRead?.(lastMs)
    timer = clock.schedule(lookEveryMs, look)
  }

  const open = async () => {
    const index = Number(linkFact(link, 'ifindex'))
    hardware = linkFact(link, 'address')
    const watched = (options.addresses ?? []).flatMap((address) => addressBytes(address) ?? [])
    const opened = await openPacketSocket(index, routerFilter(watched, captureDefaults.maxAddresses), captureDefaults.receiveBufferBytes)
    if (starting === undefined) return opened.close()
    socket = opened
    look()
  }

  const stop = async () => {
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
    start: () => (starting ??= open()),
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
