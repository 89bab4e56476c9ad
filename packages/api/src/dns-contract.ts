import { z } from 'zod'

/** `POST /api/v1/dns/force`: what has become of letting a change of records through that was refused, as it is too much at once. */
export interface DnsForceResult {
  readonly ok: boolean
  /** One sentence for people. */
  readonly because: string
}

export const dnsForceResultSchema: z.ZodType<DnsForceResult> = z.object({ ok: z.boolean(), because: z.string() })
