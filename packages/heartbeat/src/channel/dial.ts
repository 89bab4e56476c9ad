import { connect, type TLSSocket } from 'node:tls'
import type { Clock } from '@hotspare/core'
import { clipDetail, errorText, networkFault } from '@hotspare/core'
import type { SocketAddress } from '../address.ts'
import type { PairKey } from './keys.ts'
import { type ImpostorReason, impostorReason, impostorText, refuseCertificate, SECURE_OPTIONS } from './secure.ts'

export type DialResult =
  | { readonly ok: true; readonly socket: TLSSocket }
  | {
      readonly ok: false
      /** The peer's machine answered, and said that nothing listens there. */
      readonly portClosed: boolean
      /** Something took the connection, and tore it down before the key was proven. */
      readonly cut: boolean
      readonly refusal?: ImpostorReason | undefined
      readonly detail: string
    }

export interface DialOptions {
  readonly address: SocketAddress
  readonly key: PairKey
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Connects, and proves and demands the key. Never rejects; nothing of a failed attempt is left. */
export function dial({ address, key, timeoutMs, clock, signal }: DialOptions): Promise<DialResult> {
  return new Promise((resolve) => {
    const socket = connect({
      ...SECURE_OPTIONS,
      host: address.host,
      port: address.port,
      // No certificate is trusted, and none is accepted either.
      ca: [],
      checkServerIdentity: refuseCertificate,
      pskCallback: () => ({ identity: key.identity, psk: key.key }),
    })
    socket.setNoDelay(true)
    const finish = (result: DialResult) => {
      timer.cancel()
      signal.removeEventListener('abort', stop)
      socket.off('close', closed)
      if (!result.ok) socket.destroy()
      resolve(result)
    }
    const fail = (detail: string, what: Partial<Extract<DialResult, { ok: false }>> = {}) =>
      finish({ ok: false, portClosed: false, cut: false, ...what, detail })
    const stop = () => fail('dialling was ended')
    const closed = () => fail('the connection was closed during the handshake', { cut: true })
    const timer = clock.schedule(timeoutMs, () => fail(`no connection within ${timeoutMs} ms`))
    signal.addEventListener('abort', stop, { once: true })
    socket.once('close', closed)
    // Stays on the socket: an error may come when the result is out, and would end the process unheard.
    socket.on('error', (error) => {
      const refusal = impostorReason(error)
      const fault = networkFault(error)
      const text = refusal ? impostorText(refusal, error) : clipDetail(errorText(error))
      fail(text, { portClosed: fault === 'refused', cut: fault === 'reset', refusal })
    })
    socket.once('secureConnect', () => {
      // TLS 1.3 calls a session that is based on a pre-shared key a reused one; without a key there would be a certificate.
      if (socket.isSessionReused()) finish({ ok: true, socket })
      else fail(impostorText('certificate', undefined), { refusal: 'certificate' })
    })
    if (signal.aborted) stop()
  })
}
