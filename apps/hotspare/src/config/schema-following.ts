import { isIP } from 'node:net'
import { z } from 'zod'
import type { DnsResourceConfig } from './config-dns.ts'
import { defaults, limits } from './defaults.ts'
import { readDnsName } from './dns-names.ts'
import { dnsNameSchema, nameWithinSchema, ttlSchema, type VerifyInput, verifySchema, verifyWords } from './schema-dns.ts'
import { type Choice, memberNameSchema, nameSchema, textSchema } from './schema-scalars.ts'

export interface FollowingInput {
  readonly type: 'dns'
  readonly provider: string
  readonly zone: string
  readonly name: string
  readonly follows: Record<string, string | string[]>
  readonly ttl?: string | undefined
  readonly adopt?: boolean | undefined
  readonly verify?: VerifyInput | undefined
}

/** A record that follows, with its names as the file has them. */
export type ParsedFollowing = Omit<DnsResourceConfig, 'account'>

const valueSchema = textSchema('address or name', '192.0.2.1')

const schema = z
  .strictObject({
    type: z.literal('dns').describe('A DNS record that leads to the active member, changed under its lease and token.'),
    provider: nameSchema.describe('Who keeps it: one of `dns.providers`.'),
    zone: dnsNameSchema.describe('The zone that it is in.'),
    name: nameWithinSchema.describe('Its name in the zone; `@` is the zone itself.'),
    follows: z
      .record(memberNameSchema, z.union([valueSchema.transform((value) => [value]), z.array(valueSchema).min(1).max(limits.answers)]))
      .describe('What it holds while a member is active, for each member: addresses of one family, or one name (a CNAME).'),
    ttl: ttlSchema.prefault(defaults.dns.ttl).describe('How long resolvers may keep an answer.'),
    adopt: z
      .boolean()
      .prefault(false)
      .describe('Whether a record that is there already, and that nothing says is ours, is taken over the first time.'),
    verify: verifySchema.prefault(true).describe(verifyWords),
  })
  .superRefine(({ follows }, context) => {
    const kinds = new Set(Object.values(follows).flat().map(kindOf))
    if (kinds.size > 1) {
      context.addIssue({
        code: 'custom',
        path: ['follows'],
        message: 'IPv4 addresses, IPv6 addresses or names: a record holds one kind',
        params: { isWhole: true },
      })
    }
    for (const [member, values] of Object.entries(follows)) {
      for (const [index, value] of values.entries()) {
        if (kindOf(value) !== 'CNAME') continue
        const path = values.length > 1 ? ['follows', member, index] : ['follows', member]
        if (!readDnsName(value).ok)
          context.addIssue({ code: 'custom', path, message: 'neither an IP address nor a name of DNS', params: { isWhole: true } })
        else if (values.length > 1)
          context.addIssue({ code: 'custom', path, message: 'a CNAME leads to one name', params: { isWhole: true } })
      }
    }
  })
  .transform(({ ttl, ...rest }) => ({ ...rest, recordType: kindOf(Object.values(rest.follows).flat()[0] ?? ''), ttlSeconds: ttl }))

/** A member of the union of all resources. */
export const followingSchema: Choice<ParsedFollowing, FollowingInput> = schema

function kindOf(value: string): 'A' | 'AAAA' | 'CNAME' {
  const family = isIP(value)
  if (family === 0) return 'CNAME'
  return family === 4 ? 'A' : 'AAAA'
}
