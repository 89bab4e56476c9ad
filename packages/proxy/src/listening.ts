import { once } from 'node:events'
import type { Server } from 'node:net'
import { errorCode, errorText, HotspareError } from '@hotspare/core'

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'ports below 1024 need the right CAP_NET_BIND_SERVICE',
}

export interface ListenOptions {
  /** How the error calls the listener: `proxy` */
  readonly who: string
  readonly host: string
  readonly port: number
  /** A bound one, instead of `host` and `port`. */
  readonly socket: object | undefined
}

/** @throws HotspareError `HOTSPARE_PROXY_LISTEN` that says what to do */
export async function listenOn(server: Server, { who, host, port, socket }: ListenOptions): Promise<void> {
  try {
    server.listen(socket ?? { host, port })
    await once(server, 'listening')
  } catch (error) {
    const hint = HINTS[errorCode(error) ?? ''] ?? errorText(error)
    throw new HotspareError({ code: 'HOTSPARE_PROXY_LISTEN', message: `${who}: cannot listen on ${host}:${port}: ${hint}`, cause: error })
  }
}

/** Where it listens: the port that was taken when 0 was asked for. Undefined before it does. */
export function listeningAddress(server: Server): { readonly host: string; readonly port: number } | undefined {
  const address = server.address()
  return typeof address === 'object' && address ? { host: address.address, port: address.port } : undefined
}
