import { randomInt } from 'node:crypto'
import type { Clock } from '@hotspare/core'
import type { ProbeRun } from '../run-probe.ts'
import { askTcp } from './ask-tcp.ts'
import { askUdp } from './ask-udp.ts'
import { dnsLimits } from './limits.ts'
import { lookUp } from './look-up.ts'
import { type DnsQuestion, type DnsReply, encodeQuery } from './message.ts'
import type { DnsServer } from './server-address.ts'

/** How a question is put. */
export interface DnsManner {
  readonly transport: 'udp' | 'tcp'
  readonly family: 4 | 6 | undefined
  readonly timeoutMs: number
  readonly clock: Clock
}

/** A reply, and how it came, as it fits behind an rcode. */
export interface DnsAsked {
  readonly reply: DnsReply
  readonly how: '' | ' over TCP' | ' over TCP (truncated over UDP)'
}

/**
 * Puts one question to one server. The id comes from a secure generator: it keeps forged answers out, with the random port.
 *
 * @throws what Node reports
 */
export async function ask(server: DnsServer, question: DnsQuestion, manner: DnsManner, run: ProbeRun): Promise<DnsAsked> {
  const { transport, family, timeoutMs, clock } = manner
  const query = encodeQuery(question, randomInt(65_536))
  const to = await lookUp(server.host, family, run)
  if (transport === 'udp') {
    const reply = await askUdp(query, { to, port: server.port, resendMs: timeoutMs / dnsLimits.sends, clock }, run)
    run.ended('first-byte')
    if (reply.kind !== 'truncated') return { reply, how: '' }
  }
  const reply = await askTcp(query, to, server.port, run)
  run.ended('transfer')
  return { reply, how: transport === 'tcp' ? ' over TCP' : ' over TCP (truncated over UDP)' }
}
