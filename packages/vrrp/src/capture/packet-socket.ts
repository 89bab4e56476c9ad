import { endianness } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { errorText, HotspareError } from '@hotspare/core'
import { encodeFilter, type Instruction } from './filter.ts'

const AF_PACKET = 17
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2_000_000
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_ATTACH_FILTER = 26
const SOL_PACKET = 263
const PACKET_ADD_MEMBERSHIP = 1
const PACKET_STATISTICS = 6
const PACKET_MR_MULTICAST = 0
const ETH_P_ALL = 0x0003
const MSG_DONTWAIT = 0x40
/** When the frame that was read last came, as two numbers of 64 bits (Linux 5.1). */
const SIOCGSTAMPNS_NEW = 0x8010_8907
const FRAME_BYTES = 1_024
/** Where adverts go: 224.0.0.18 and ff02::12 (RFC 9568 section 5.1), as hardware addresses. */
const GROUPS = [
  [0x01, 0x00, 0x5e, 0x00, 0x00, 0x12],
  [0x33, 0x33, 0x00, 0x00, 0x00, 0x12],
]

export interface CapturedFrame {
  /** Only until the next one is read. */
  readonly bytes: Uint8Array
  /** When it came or went, by the wall clock of the kernel, in milliseconds since the Unix epoch; undefined where that is not told. */
  readonly wallMs: number | undefined
}

/** A packet(7) socket that hears what passes an interface in both directions, as far as its filter lets it. */
export interface PacketSocket {
  /** Does not wait. @returns undefined when there is nothing more */
  read(): CapturedFrame | undefined
  send(frame: Uint8Array): void
  /** Frames that the kernel had no room for since the last call. */
  takeDrops(): number
  close(): void
}

/**
 * @throws HotspareError `HOTSPARE_VRRP_PERMISSION` without CAP_NET_RAW, `HOTSPARE_VRRP_UNAVAILABLE` where there are no such sockets,
 * `HOTSPARE_VRRP_CAPTURE` where the kernel refuses
 */
export async function openPacketSocket(
  linkIndex: number,
  filter: readonly Instruction[],
  receiveBufferBytes: number,
): Promise<PacketSocket> {
  const library = await loadLibrary()
  // Protocol 0 hears nothing; only once the filter is in place does `bind` begin.
  const descriptor = library.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw library.failure('open a socket for raw frames')
  const attempt = (what: string, result: number) => {
    if (result >= 0) return
    const error = library.failure(what)
    library.close(descriptor)
    throw error
  }
  attempt('filter raw frames', library.attachFilter(descriptor, encodeFilter(filter)))
  // More than the system's limit is cut down without an error.
  library.set(descriptor, SOL_SOCKET, SO_RCVBUF, words(receiveBufferBytes))
  for (const group of GROUPS)
    attempt('hear multicast', library.set(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(linkIndex, group)))
  // All protocols: a socket for one of them does not see what this machine itself sends.
  attempt('listen for raw frames', library.bind(descriptor, linkLayerAddress(linkIndex, ETH_P_ALL)))

  const buffer = new Uint8Array(FRAME_BYTES)
  const stamp = new Uint8Array(16)
  const stampView = new DataView(stamp.buffer)
  // The first question switches the kernel's stamps on.
  library.control(descriptor, SIOCGSTAMPNS_NEW, stamp)
  let open = true
  return {
    read() {
      if (!open) return undefined
      const length = library.receive(descriptor, buffer)
      if (length < 0) return undefined
      const isStamped = library.control(descriptor, SIOCGSTAMPNS_NEW, stamp) === 0
      const wallMs = isStamped ? Number(stampView.getBigInt64(0, true)) * 1_000 + Number(stampView.getBigInt64(8, true)) / 1e6 : undefined
      return { bytes: buffer.subarray(0, Math.min(length, FRAME_BYTES)), wallMs }
    },
    send(frame) {
      if (open && library.send(descriptor, frame) < 0) throw library.failure('ask who has an address')
    },
    takeDrops() {
      const statistics = new Uint8Array(8)
      if (!open || library.get(descriptor, SOL_PACKET, PACKET_STATISTICS, statistics) < 0) return 0
      return new DataView(statistics.buffer).getUint32(4, true)
    },
    close() {
      if (open) library.close(descriptor)
      open = false
    },
  }
}

interface Library {
  socket(family: number, type: number, protocol: number): number
  bind(descriptor: number, address: Uint8Array): number
  attachFilter(descriptor: number, program: Uint8Array): number
  set(descriptor: number, level: number, option: number, value: Uint8Array): number
  get(descriptor: number, level: number, option: number, into: Uint8Array): number
  control(descriptor: number, request: number, into: Uint8Array): number
  send(descriptor: number, bytes: Uint8Array): number
  receive(descriptor: number, into: Uint8Array): number
  close(descriptor: number): number
  /** The last call that failed, as an error. */
  failure(what: string): HotspareError
}

async function loadLibrary(): Promise<Library> {
  if (process.platform !== 'linux') throw unavailable(`this is ${process.platform}, and adverts are captured on Linux alone`)
  if (endianness() !== 'LE') throw unavailable('this machine is big-endian, which the capture does not speak')
  try {
    const { default: koffi } = await import('koffi')
    const library = koffi.load(null)
    const socket = library.func('int socket(int, int, int)')
    const bind = library.func('int bind(int, const void *, uint32_t)')
    const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)')
    const getsockopt = library.func('int getsockopt(int, int, int, void *, void *)')
    const ioctl = library.func('int ioctl(int, unsigned long, void *)')
    const send = library.func('long send(int, const void *, size_t, int)')
    const recv = library.func('long recv(int, void *, size_t, int)')
    const close = library.func('int close(int)')
    const set = (descriptor: number, level: number, option: number, value: Uint8Array) =>
      Number(setsockopt(descriptor, level, option, value, value.length))
    return {
      socket: (family, type, protocol) => Number(socket(family, type, protocol)),
      bind: (descriptor, address) => Number(bind(descriptor, address, address.length)),
      attachFilter(descriptor, program) {
        // struct sock_fprog: how many instructions, and where they are.
        const header = new Uint8Array(16)
        const view = new DataView(header.buffer)
        view.setUint16(0, program.length / 8, true)
        view.setBigUint64(8, koffi.address(program), true)
        return set(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, header)
      },
      set,
      get: (descriptor, level, option, into) => Number(getsockopt(descriptor, level, option, into, words(into.length))),
      control: (descriptor, request, into) => Number(ioctl(descriptor, request, into)),
      send: (descriptor, bytes) => Number(send(descriptor, bytes, bytes.length, MSG_DONTWAIT)),
      receive: (descriptor, into) => Number(recv(descriptor, into, into.length, MSG_DONTWAIT)),
      close: (descriptor) => Number(close(descriptor)),
      failure: (what) => systemError(what, koffi.errno()),
    }
  } catch (error) {
    throw unavailable(`koffi, which calls the C library, cannot be used: ${errorText(error)}`, error)
  }
}

function systemError(what: string, errno: number): HotspareError {
  const [name, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error']
  if (name !== 'EPERM' && name !== 'EACCES') {
    return new HotspareError({ code: 'HOTSPARE_VRRP_CAPTURE', message: `vrrp: ${what}: ${name}: ${text}`, retryable: true })
  }
  const hint = 'run as root, or give the process that one capability (systemd: AmbientCapabilities=CAP_NET_RAW)'
  return new HotspareError({ code: 'HOTSPARE_VRRP_PERMISSION', message: `vrrp: ${what}: needs CAP_NET_RAW: ${hint}` })
}

function unavailable(why: string, cause?: unknown): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_VRRP_UNAVAILABLE', message: `vrrp: ${why}`, cause })
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}

/** `struct packet_mreq`. */
function membership(linkIndex: number, group: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, linkIndex, true)
  view.setUint16(4, PACKET_MR_MULTICAST, true)
  view.setUint16(6, group.length, true)
  bytes.set(group, 8)
  return bytes
}

/** `struct sockaddr_ll`. */
function linkLayerAddress(linkIndex: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(20)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, AF_PACKET, true)
  view.setUint16(2, etherType)
  view.setUint32(4, linkIndex, true)
  return bytes
}
