import { z } from 'zod'
import type { Reading } from './addresses.ts'
import type { ControlLossPolicy, FailbackConfig, ServiceConfig, VipResourceConfig } from './config.ts'
import type { CloudResourceConfig } from './config-cloud.ts'
import type { FencingMode } from './config-fencing.ts'
import { defaults, limits } from './defaults.ts'
import { readVirtualAddress, type VirtualAddress } from './ip-addresses.ts'
import { announcedSchemas, type BgpInput, type KeepalivedInput, type ParsedBgp, type ParsedKeepalived } from './schema-announced.ts'
import { type CloudInput, cloudSchemas } from './schema-cloud.ts'
import { type FollowingInput, followingSchema, type ParsedFollowing } from './schema-following.ts'
import { serviceCheckSchema } from './schema-checks.ts'
import { fencingModeSchema } from './schema-fencing.ts'
import { amountSchema, countSchema, durationSchema, memberNameSchema, nameSchema, readable } from './schema-scalars.ts'

export interface ServiceInput {
  readonly members: string[]
  readonly onControlLoss: ControlLossPolicy
  /** `type`, and the keys of that type: those of the package's options. */
  readonly check: unknown
  readonly resources: ResourceInput[]
  readonly failback?: 'manual' | { readonly after: string } | undefined
  readonly maxFailoversPerHour?: number | undefined
  readonly load?: number | undefined
  readonly after?: string[] | undefined
  readonly with?: string | undefined
  readonly apartFrom?: string[] | undefined
  readonly priority?: number | undefined
  readonly fencing?: FencingMode | undefined
}

type ResourceInput = VipInput | BgpInput | KeepalivedInput | FollowingInput | CloudInput

interface VipInput {
  readonly type: 'vip'
  readonly address: string
  readonly interface: string | Record<string, string>
}

/** A resource before it is known which members it follows. */
export type ParsedResource = ParsedInterfaceResource | ParsedFollowing | CloudResourceConfig

/** One that is on an interface. */
export type ParsedInterfaceResource = ParsedVip | ParsedBgp | ParsedKeepalived

interface ParsedVip extends Omit<VipResourceConfig, 'address' | 'interfaces'> {
  readonly address: VirtualAddress
  readonly interface: string | Readonly<Record<string, string>>
}

/** A service before it knows its name. */
export interface ParsedService extends Omit<ServiceConfig, 'name' | 'resources'> {
  readonly resources: readonly ParsedResource[]
}

/** Linux: IFNAMSIZ is 16 with the closing NUL. Only what needs no quotation marks in a command that people type, and is no option of it. */
const INTERFACE = /^(?!\.{1,2}$)[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,14}$/

const interfaceSchema = readable(
  (text): Reading<string> =>
    INTERFACE.test(text)
      ? { ok: true, value: text }
      : { ok: false, hint: 'up to 15 letters, digits, "-", "_", "." and "@"; no spaces or slashes' },
  { title: 'interface', examples: ['eth0'] },
)

const anyInterfaceSchema = z.union([interfaceSchema, z.record(memberNameSchema, interfaceSchema)])

const vipSchema = z.strictObject({
  type: z.literal('vip').describe('A virtual IP address: the active member has it, and nobody else.'),
  address: readable(readVirtualAddress, { title: 'IP address', examples: ['10.0.0.100/32', 'fd00::100/128'] }).describe(
    'The address with its prefix; without one it is /32 or /128.',
  ),
  interface: anyInterfaceSchema.describe('The interface that carries it; where it is not called the same everywhere, one for each member.'),
})

const { bgp: bgpSchema, keepalived: keepalivedSchema } = announcedSchemas(anyInterfaceSchema)

const resourceSchema: z.ZodType<ParsedResource, ResourceInput> = z.discriminatedUnion('type', [
  vipSchema,
  bgpSchema,
  keepalivedSchema,
  followingSchema,
  ...cloudSchemas,
])

/** The words of each choice are shown where none was made. */
const controlLossSchema: z.ZodType<ControlLossPolicy, ControlLossPolicy> = z.union([
  z.literal('keep').describe('the address stays, and a site that keeps no data serves on'),
  z
    .literal('release')
    .describe('the kernel takes the address away before another node gets it: for databases and whatever must have one writer'),
])

const failbackSchema: z.ZodType<FailbackConfig, NonNullable<ServiceInput['failback']>> = z.union([
  z
    .literal('manual')
    .describe('people do it; { after: 10m } lets it happen by itself')
    .transform((type): FailbackConfig => ({ type })),
  z
    .strictObject({ after: durationSchema('1s', '7d').describe('How long the more preferred member has to be well before it takes over.') })
    .transform(({ after }): FailbackConfig => ({ type: 'after', afterMs: after })),
])

const servicesSchema = z.array(nameSchema).min(1).max(limits.services)

export const serviceSchema: z.ZodType<ParsedService, ServiceInput> = z.strictObject({
  members: z.array(memberNameSchema).min(1).max(limits.clusterNodes).describe('Nodes that can be active, in order of preference.'),
  onControlLoss: controlLossSchema.describe(
    'What happens to the addresses when all of Hotspare is dead on their node. `keep`: they stay. `release`: the kernel takes them away before another node gets them.',
  ),
  check: serviceCheckSchema.describe('What each member runs against itself to know whether it could be active.'),
  resources: z
    .array(resourceSchema)
    .min(1)
    .max(limits.resources)
    .describe('What moves with the service, in the order in which it is acquired.'),
  failback: failbackSchema
    .prefault(defaults.service.failback)
    .describe('Whether a more preferred member that is well again takes over by itself: `manual` waits for people.'),
  fencing: fencingModeSchema
    .optional()
    .describe(
      'Whether a member that may still hold something is switched off before another one takes over. `required`: nothing is taken over before that is certain. `automatic`: it is tried once, and the takeover goes on. Default: it is not.',
    ),
  maxFailoversPerHour: countSchema(1, 1_000)
    .prefault(defaults.service.maxFailoversPerHour)
    .describe('After so many failovers within an hour the service stays where it is, until people act.'),
  after: servicesSchema
    .optional()
    .describe('Services that have to be active before this one is taken, on whichever node; it leaves a node before them.'),
  with: nameSchema
    .optional()
    .describe(
      'The service that it goes with: it is active where that one is, comes after it, and follows it at once. Both have the same members. It never moves the other one.',
    ),
  apartFrom: servicesSchema
    .optional()
    .describe('Services that it is not taken on one node with, where another member is well; it shares a node rather than be down.'),
  priority: z
    .int()
    .min(-1_000)
    .max(1_000)
    .optional()
    .describe(
      'Where several services are to be taken over at once, those with a higher one go first, and the others wait a few seconds for them. Default: 0.',
    ),
  load: amountSchema
    .optional()
    .describe(
      'What the service asks of the node that it is active on, in the units of `capacity` of the nodes. Without it the service is not counted.',
    ),
})
