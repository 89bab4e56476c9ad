import type { FastifyInstance, FastifyReply } from 'fastify'
import { apiPaths, type DnsForceResult, type Problem } from '@hotspare/api'
import type { ControlDns } from './control-dns.ts'

type Forced = Pick<ControlDns, 'force' | 'snapshot'>

/** Adds the word of people that so much is meant to change at once. */
export function addDnsRoutes(
  app: FastifyInstance,
  dns: Forced | undefined,
  refuse: (reply: FastifyReply, status: number, problem: Problem) => FastifyReply,
): void {
  app.post(apiPaths.dnsForce, (_request, reply) => {
    if (!dns) return refuse(reply, 409, { error: 'no record of this file answers at a provider' })
    return forceHeld(dns)
  })
}

/** Only what is held back now: a word given ahead would let the next mistake through. */
function forceHeld(dns: Forced): DnsForceResult {
  const engines = dns.snapshot()
  if (!engines) return { ok: false, because: 'another node writes these records, the first of the file that is alive: say it there' }
  const held = engines.reduce((sum, { massChange }) => sum + (massChange?.held ?? 0), 0)
  if (held === 0) return { ok: false, because: 'no change is held back' }
  dns.force()
  return { ok: true, because: `${held} ${held === 1 ? 'record is' : 'records are'} changed, though it is much at once` }
}
