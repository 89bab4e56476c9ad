import { connect } from 'node:net'
import { TcpMessage, withLength } from '../tcp-message.ts'
import type { Way } from './way.ts'

/**
 * Sends a message over a TCP connection of its own, and takes the first that comes back; a second is not waited for.
 *
 * @throws what Node reports; an error with the code ECONNRESET where the connection ends before a whole message
 */
export async function askTcp(bytes: Uint8Array, { server, run }: Way): Promise<Uint8Array> {
  run.signal.throwIfAborted()
  run.phase = 'connecting over TCP'
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true })
    const message = new TcpMessage()
    const end = () => {
      run.signal.removeEventListener('abort', end)
      socket.destroy()
    }
    run.signal.addEventListener('abort', end, { once: true })
    socket.on('connect', () => {
      run.phase = 'waiting for the answer over TCP'
      run.sent()
      socket.write(withLength(bytes))
    })
    socket.on('data', (chunk) => {
      const whole = message.add(chunk)
      if (whole) {
        resolve(whole)
        end()
      } else run.phase = `reading the answer over TCP (${message.progress})`
    })
    // Stays for good: a socket may report an error after it was given up.
    socket.on('error', reject)
    socket.on('close', () => {
      end()
      reject(Object.assign(new Error(`the connection was closed before a whole answer (${message.progress})`), { code: 'ECONNRESET' }))
    })
  })
}
