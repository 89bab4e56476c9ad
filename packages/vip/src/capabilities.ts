import { readFile } from 'node:fs/promises'

/** What moving an address takes, and its bit in the kernel's sets (capabilities(7)). */
const NEEDED = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n } as const

/**
 * Which of the needed capabilities a process lacks.
 *
 * @param status as `/proc/PID/status` has it; where it tells nothing, nothing is missing
 */
export function missingCapabilities(status: string): readonly string[] {
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/mu.exec(status)?.[1]
  if (effective === undefined) return []
  const set = BigInt(`0x${effective}`)
  return Object.entries(NEEDED).flatMap(([name, bit]) => ((set >> bit) & 1n ? [] : [name]))
}

/** Why this process could not move an address; undefined where nothing is known to stand in the way. */
export async function permissionProblem(): Promise<string | undefined> {
  const missing = missingCapabilities(await readFile('/proc/self/status', 'utf8').catch(() => ''))
  return missing.length === 0 ? undefined : `this process needs ${missing.join(' and ')}, or to run as root`
}
