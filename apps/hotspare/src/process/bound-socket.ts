import { lookup } from 'node:dns/promises'
import net, { isIP, type Server } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { type Clock, errorCode, errorText, HotspareError, sleep } from '@hotspare/core'
import { formatListen } from '../config/addresses.ts'
import type { ListenAddress } from '../config/config.ts'
import { processDefaults } from './defaults.ts'
import { knock } from './handover.ts'

/** A port that is ours, on which this process accepts nothing: children that are given the handle do. */
export interface BoundSocket {
  /** With the port that was taken where any free one was asked for. */
  readonly address: ListenAddress
  /** To be sent to a child with a message; it may go to many, one after the other. */
  readonly handle: Server
  close(): void
}

/** Who listens, for the error. */
export interface SocketPurpose {
  readonly code: `HOTSPARE_${string}`
  readonly who: string
  /** What an operator can do when the port is taken. */
  readonly way: string
}

/** Of Node's own kind; its types know only the public ones that stand for it in a message. */
type Handle = Server & { getsockname(out: { address?: string; port?: number }): number; close(): void }

function isHandle(made: unknown): made is Handle {
  return typeof made === 'object' && made !== null && 'getsockname' in made && 'close' in made
}

/**
 * Binds a socket without listening on it. As long as it is open, the port stays ours: once a child has listened on it,
 * connections wait in the kernel while there is no child. Node's own `cluster` shares its sockets by the same hook, which
 * has no public name: everything public accepts connections in this process as well.
 *
 * @throws HotspareError with the code of `purpose`; `HOTSPARE_APP_SOCKETS` where this Node has no such hook
 */
export async function bindSocket(listen: ListenAddress, purpose: SocketPurpose): Promise<BoundSocket> {
  const create: unknown = Reflect.get(net, '_createServerHandle')
  if (typeof create !== 'function') throw missingHook()
  const { code, who, way } = purpose
  const refuse = (why: string, cause?: unknown) =>
    new HotspareError({ code, message: `${who}: cannot listen on ${formatListen(listen)}: ${why}`, cause })
  const host = await ipOf(listen.host).catch((error: unknown) => {
    throw refuse(errorText(error), error)
  })
  const made: unknown = Reflect.apply(create, net, [host, listen.port, isIP(host), undefined, 0])
  if (typeof made === 'number') throw refuse(hintOf(getSystemErrorName(made), way), new SystemFailure(made))
  if (!isHandle(made)) throw missingHook()
  const bound: { address?: string; port?: number } = {}
  made.getsockname(bound)
  const { address = host, port = 0 } = bound
  // libuv tells of a port in use only when somebody listens; until then the socket is bound to nothing.
  if (port === 0 || (listen.port !== 0 && port !== listen.port)) {
    made.close()
    throw refuse(hintOf('EADDRINUSE', way), new SystemFailure(-98))
  }
  return { address: { host: address, port }, handle: made, close: () => void made.close() }
}

function missingHook(): HotspareError {
  return new HotspareError({
    code: 'HOTSPARE_APP_SOCKETS',
    message: `sockets: Node ${process.version} cannot bind one for a child process: use Node 24, or one from 22.19 on that can`,
  })
}

/** Binds a socket; where a worker without a guard has the port, asks for it and waits. @throws as {@link bindSocket} */
export async function bindOrTakeOver(
  listen: ListenAddress,
  purpose: SocketPurpose,
  options: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<BoundSocket> {
  const { clock, signal } = options
  const deadlineMs = clock.monotonicMs() + processDefaults.handoverMs
  let knocked = false
  for (;;) {
    try {
      return await bindSocket(listen, purpose)
    } catch (error) {
      const inUse = HotspareError.is(error) && errorCode(error.cause) === 'EADDRINUSE'
      if (!inUse || clock.monotonicMs() > deadlineMs) throw error
      if (!knocked && !(await knock({ ...listen, host: await ipOf(listen.host) }))) throw error
      knocked = true
    }
    await sleep(TRY_AGAIN_MS, { clock, signal })
  }
}

/** Between a port that is given up and a new worker that listens nobody is served. */
const TRY_AGAIN_MS = 20

/** What Node's own errors would carry: a code. */
class SystemFailure extends Error {
  readonly code: string

  constructor(errno: number) {
    super(getSystemErrorName(errno))
    this.code = this.message
  }
}

/** The address that a name of this machine stands for. */
async function ipOf(host: string): Promise<string> {
  return isIP(host) ? host : (await lookup(host)).address
}

function hintOf(name: string, way: string): string {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: `another process listens there; stop it or ${way}`,
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'ports below 1024 need the right CAP_NET_BIND_SERVICE',
  }
  return hints[name] ?? name
}
