import { optionsError } from '@hotspare/core'
import { isIP, isIPv6 } from 'node:net'
import { z } from 'zod'
import { engineDefaults } from './defaults.ts'
import type { EngineMember, EngineMemberState } from './engine.ts'

/** A member, understood. */
export interface WantedMember {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly weight: number
  readonly state: EngineMemberState
}

/**
 * What may stand in a command or a configuration as a name. HAProxy's own rule for names (its manual, section 2.4), and
 * narrower than nginx's: no space, line break, `;`, `{`, quotation mark or `$` gets through.
 */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}$/

/** RFC 1123, section 2.1; the underscore is common in private networks. */
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/

export const engineNameSchema: z.ZodType<string, string> = z
  .string()
  .regex(ID, { error: 'up to 63 letters, digits, "-", "_", "." and ":"; a letter or digit first' })

/** A zone (`fe80::1%eth0`) may hold anything, and is none of an engine's addresses. */
const hostSchema = z.string().refine((host) => (isIP(host) !== 0 ? !host.includes('%') : HOST_NAME.test(host) && !/^[\d.]+$/.test(host)), {
  error: 'an IP address without brackets, or a host name',
})

const membersSchema: z.ZodType<readonly WantedMember[], readonly EngineMember[]> = z
  .array(
    z
      .strictObject({
        id: engineNameSchema,
        host: hostSchema,
        port: z.int().min(1).max(65_535),
        weight: z.number().min(0).max(1e9).optional(),
        state: z.enum(['serve', 'spare', 'drain', 'off']),
      })
      .refine(({ state, weight }) => state !== 'serve' || weight !== 0, { error: 'serves with weight 0: let it drain', path: ['weight'] })
      .transform(({ weight, ...rest }) => ({ ...rest, weight: weight ?? 1 })),
  )
  .min(1)
  .max(engineDefaults.maxMembers)
  .refine((members) => new Set(members.map(({ id }) => id)).size === members.length, { error: 'two members have the same id' })

/**
 * @param who `haproxy web`
 * @throws HotspareError `HOTSPARE_PROXY_ENGINE_MEMBERS`
 */
export function readMembers(who: string, members: unknown): readonly WantedMember[] {
  const parsed = membersSchema.safeParse(members)
  if (parsed.success) return parsed.data
  throw optionsError({ code: 'HOTSPARE_PROXY_ENGINE_MEMBERS', who, issues: parsed.error.issues })
}

export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}
