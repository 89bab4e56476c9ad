import { once } from 'node:events'
import type { Server } from 'node:net'
import { errorCode, errorText, HotspareError } from '@hotspare/core'

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'ports below 1024 need the right CAP_NET_BIND_SERVICE',
}

/**
 * @param socket a bound one, instead of `host` and `port`
 * @throws HotspareError `HOTSPARE_PROXY_LISTEN`
 */
export async function listenOn(server: Server, address: { readonly host: string; readonly port: number }, socket?: object): Promise<void> {
  const { host, port } = address
  try {
    server.listen(socket ?? { host, port })
    await once(server, 'listening')
  } catch (error) {
    const hint = HINTS[errorCode(error) ?? ''] ?? errorText(error)
    throw new HotspareError({
      code: 'HOTSPARE_PROXY_LISTEN',
      message: `tcp proxy: cannot listen on ${host}:${port}: ${hint}`,
      cause: error,
    })
  }
}
