import { assertNever } from '@hotspare/core'
import { TcpMessage, withLength } from '@hotspare/dns-wire'
import { earlyEnd, openConnection } from '../connection.ts'
import type { ProbeRun } from '../run-probe.ts'
import type { FoundAddress } from './look-up.ts'
import { type DnsQuery, type DnsMessage, type DnsReply, readMessage } from './message.ts'

/**
 * Asks over a TCP connection of its own.
 *
 * @throws what Node reports
 */
export async function askTcp(query: DnsQuery, to: FoundAddress, port: number, run: ProbeRun): Promise<DnsReply> {
  const socket = await openConnection({ host: to.address, port }, run)
  try {
    return await new Promise<DnsReply>((resolve, reject) => {
      const message = new TcpMessage()
      socket.on('data', (chunk: Buffer) => {
        const whole = message.add(chunk)
        if (whole) resolve(judgeWhole(readMessage(query, whole)))
        else run.phase = `reading the answer over TCP (${message.progress})`
      })
      socket.on('error', reject)
      socket.on('close', () => reject(earlyEnd()))
      socket.on('end', () => socket.destroy())
      socket.write(withLength(query.bytes))
    })
  } finally {
    socket.destroy()
  }
}

/** On a connection of our own there is no answer for somebody else, and room for every answer. */
function judgeWhole(reply: DnsMessage): DnsReply {
  switch (reply.kind) {
    case 'stray':
      return { kind: 'malformed', why: 'an answer over TCP that does not fit the question' }
    case 'truncated':
      return { kind: 'malformed', why: 'an answer that is truncated over TCP too' }
    case 'answer':
    case 'malformed':
      return reply
    default:
      return assertNever(reply)
  }
}
