import { endianness } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { errorText, HotspareError } from '@hotspare/core'

/** The few calls of the C library that sockets of the kernel need. Numbers are errno-style: below 0 for a failure. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number
  bind(descriptor: number, address: Uint8Array): number
  attachFilter(descriptor: number, program: Uint8Array): number
  send(descriptor: number, bytes: Uint8Array): number
  /** Does not wait. */
  receive(descriptor: number, into: Uint8Array): number
  close(descriptor: number): number
  /** Of the last call that failed. */
  errno(): number
}

const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const MSG_DONTWAIT = 0x40

/** @throws HotspareError `HOTSPARE_VIP_UNAVAILABLE` where the kernel's sockets cannot be reached from here */
export async function loadLibc(): Promise<Libc> {
  if (process.platform !== 'linux') throw unavailable(`this is ${process.platform}, and virtual addresses are Linux's`)
  if (endianness() !== 'LE') throw unavailable('this machine is big-endian, which the netlink driver does not speak')
  try {
    const { default: koffi } = await import('koffi')
    const library = koffi.load(null)
    const socket = library.func('int socket(int, int, int)')
    const bind = library.func('int bind(int, const void *, uint32_t)')
    const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)')
    const send = library.func('long send(int, const void *, size_t, int)')
    const recv = library.func('long recv(int, void *, size_t, int)')
    const close = library.func('int close(int)')
    return {
      socket: (family, type, protocol) => Number(socket(family, type, protocol)),
      bind: (descriptor, address) => Number(bind(descriptor, address, address.length)),
      attachFilter(descriptor, program) {
        // struct sock_fprog: how many instructions, and where they are.
        const header = new Uint8Array(16)
        const view = new DataView(header.buffer)
        view.setUint16(0, program.length / 8, true)
        view.setBigUint64(8, koffi.address(program), true)
        return Number(setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, header, header.length))
      },
      send: (descriptor, bytes) => Number(send(descriptor, bytes, bytes.length, MSG_DONTWAIT)),
      receive: (descriptor, into) => Number(recv(descriptor, into, into.length, MSG_DONTWAIT)),
      close: (descriptor) => Number(close(descriptor)),
      errno: () => koffi.errno(),
    }
  } catch (error) {
    throw unavailable(`koffi, which calls the C library, cannot be used: ${errorText(error)}`, error)
  }
}

/** An errno as an error: not being allowed is an error of its own, since the hint differs. */
export function systemError(what: string, errno: number): HotspareError {
  const [name, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error']
  if (name === 'EPERM' || name === 'EACCES') return permissionError(what)
  return new HotspareError({ code: 'HOTSPARE_VIP_SYSTEM', message: `vip: ${what}: ${name}: ${text}`, retryable: true })
}

export function permissionError(what: string): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_VIP_PERMISSION',
    message: `vip: ${what}: needs CAP_NET_ADMIN and CAP_NET_RAW: run as root, or give the systemd unit AmbientCapabilities`,
  })
}

export function unavailable(why: string, cause?: unknown): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_VIP_UNAVAILABLE', message: `vip: ${why}`, cause })
}
