import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { ProbeRun } from '../run-probe.ts'

/** An address, and which kind it is. */
export interface FoundAddress {
  readonly address: string
  readonly family: 4 | 6
}

/**
 * Turns a host into one address, by the system's own look-up; an address is taken as it is.
 *
 * @throws what Node reports
 */
export async function lookUp(host: string, family: 4 | 6 | undefined, run: ProbeRun): Promise<FoundAddress> {
  const kind = isIP(host)
  if (kind !== 0) return { address: host, family: kind === 6 ? 6 : 4 }
  run.phase = 'looking up the name'
  const found = await lookup(host, { family: family ?? 0 })
  run.ended('dns')
  return { address: found.address, family: found.family === 6 ? 6 : 4 }
}
