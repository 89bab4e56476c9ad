import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Clock } from '@hotspare/core'
import { describeFailure, failed, type Finding, passed } from '../failure.ts'
import type { ProbeRun } from '../run-probe.ts'
import { closeCode, encodeControl, FrameReader, OPCODE } from './frames.ts'
import { type Handshake, HandshakeReader, handshakeText, judgeHandshake } from './handshake.ts'
import { websocketLimits } from './limits.ts'

/** With these codes a server says that it cannot serve now (RFC 6455, section 7.4.1, and its registry). */
const UNWELL_CODES = new Set([1_001, 1_011, 1_012, 1_013])

interface Talk extends Omit<Handshake, 'key'> {
  readonly clock: Clock
  /** How long the farewell may take at most, in milliseconds. */
  readonly farewellMs: () => number
}

/**
 * Handshake, ping, pong, farewell, over a connection that is open. Whatever the server does is a finding; the connection is gone when
 * it settles.
 */
export function talk(socket: Socket, order: Talk, run: ProbeRun): Promise<Finding> {
  return new Promise((resolve) => {
    const handshake = { ...order, key: randomBytes(16).toString('base64') }
    const ping = randomBytes(8)
    const header = new HandshakeReader()
    const frames = new FrameReader()
    let upgraded = false
    let verdict: Finding | undefined
    let receivedBytes = 0
    const settle = (finding: Finding) => {
      resolve(finding)
      socket.destroy()
    }
    const send = (opcode: number, payload: Buffer) => socket.write(encodeControl(opcode, payload, randomBytes(4)))
    const onPong = () => {
      run.ended('transfer')
      verdict = passed(`101 Switching Protocols${order.subprotocol === undefined ? '' : ` to ${order.subprotocol}`}, pong`)
      send(OPCODE.close, Buffer.from([0x03, 0xe8]))
      const timer = order.clock.schedule(order.farewellMs(), () => verdict && settle(verdict))
      socket.once('close', () => timer.cancel())
    }
    const onFrames = (bytes: Buffer) => {
      const found = frames.add(bytes)
      if (typeof found === 'string') return settle(verdict ?? failed('protocol', `not WebSocket: ${found}`))
      for (const { opcode, payload } of found) {
        if (opcode === OPCODE.close) return settle(verdict ?? closedBy(closeCode(payload)))
        if (opcode === OPCODE.pong && !verdict && payload.equals(ping)) onPong()
      }
      // The last of several is enough (RFC 6455, section 5.5.3), and whoever does not read is not answered: else a flood would fill our memory.
      const asked = found.findLast(({ opcode }) => opcode === OPCODE.ping)
      if (asked && !verdict && !socket.writableNeedDrain) send(OPCODE.pong, asked.payload)
      receivedBytes += bytes.length
      if (receivedBytes > websocketLimits.receivedBytes) {
        settle(verdict ?? failed('protocol', `more than ${websocketLimits.receivedBytes} bytes before the pong`))
      }
    }
    const onHeader = (bytes: Buffer) => {
      const head = header.add(bytes)
      if (!head) return
      const bad = 'outcome' in head ? head : judgeHandshake(head, handshake)
      if (bad) return settle(bad)
      upgraded = true
      run.ended('first-byte')
      run.phase = 'waiting for the pong'
      send(OPCODE.ping, ping)
      if ('rest' in head && head.rest.length > 0) onFrames(head.rest)
    }
    socket.on('data', (bytes: Buffer) => (upgraded ? onFrames(bytes) : onHeader(bytes)))
    // These stay for good: a connection may report an error after it was given up.
    socket.on('error', (error) => settle(verdict ?? describeFailure(error)))
    const ended = () => settle(verdict ?? failed('closed', `connection closed before ${upgraded ? 'the pong' : 'an answer'}`))
    socket.on('end', ended)
    socket.on('close', ended)
    socket.write(handshakeText(handshake), 'latin1')
  })
}

function closedBy(code: number): Finding {
  const detail = `closed by the server with code ${code} before the pong`
  return failed(UNWELL_CODES.has(code) ? 'unwell' : 'closed', detail)
}
