import type { ServedCheck } from '@hotspare/dns'
import { verifyServed } from '@hotspare/dns/verify'
import type { VerifyConfig } from '../config/config-dns.ts'

/** Looks after a change whether the name servers answer with it: those that are named, or those that the zone has. */
export function servedCheck(zone: string, verify: VerifyConfig): ServedCheck | undefined {
  if (verify.type === 'off') return undefined
  const servers = verify.type === 'servers' ? { servers: verify.servers } : {}
  return (set, call) => verifyServed({ zone, set, ...servers, budgetMs: verify.withinMs }, call)
}
