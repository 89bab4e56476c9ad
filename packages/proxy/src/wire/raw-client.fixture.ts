import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { until } from '../origins.fixture.ts'

/** A client that says what it is told to, byte for byte, and keeps what it hears. */
export interface RawClient {
  readonly socket: Socket
  readonly received: () => string
  readonly closed: () => boolean
  send(text: string): void
  /** Waits for something in what has been received. */
  hears(pattern: RegExp): Promise<void>
}

export function rawClient(port: number): RawClient {
  const state = { received: '', closed: false }
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  socket.on('data', (data) => (state.received += data.toString('latin1')))
  socket.on('error', () => {})
  socket.once('close', () => (state.closed = true))
  onTestFinished(() => void socket.destroy())
  return {
    socket,
    received: () => state.received,
    closed: () => state.closed,
    send: (text) => void socket.write(text, 'latin1'),
    hears: (pattern) => until(() => pattern.test(state.received), `${pattern} in ${JSON.stringify(state.received)}`),
  }
}

/** What a target hears, and answers, as text. */
export function textTarget(answer: (heard: string, socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let heard = ''
    socket.on('data', (data) => {
      heard += data.toString('latin1')
      answer(heard, socket)
    })
  }
}
