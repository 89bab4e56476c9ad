import { headerValueProblem, httpProbeOptionsSchema } from '@hotspare/health/http'
import { parseDuration } from '@hotspare/core'
import { z } from 'zod'
import { type Reading, readListen } from './addresses.ts'
import type { ControlLossPolicy, FailbackConfig, ListenAddress, ServiceCheckConfig, ServiceConfig, VipResourceConfig } from './config.ts'
import { defaults, limits } from './defaults.ts'
import { readVirtualAddress, type VirtualAddress } from './ip-addresses.ts'
import { probeHeadersSchema } from './schema-pools.ts'
import {
  countSchema,
  durationSchema,
  headerValueSchema,
  memberNameSchema,
  readable,
  readOption,
  statusSchema,
  textSchema,
} from './schema-scalars.ts'

export interface ServiceInput {
  readonly members: string[]
  readonly onControlLoss: ControlLossPolicy
  readonly check: ServiceCheckInput
  readonly resources: ResourceInput[]
  readonly failback?: 'manual' | { readonly after: string } | undefined
  readonly maxFailoversPerHour?: number | undefined
}

interface CheckTimingInput {
  readonly interval?: string | undefined
  readonly timeout?: string | undefined
  readonly rise?: number | undefined
  readonly fall?: number | undefined
}

interface HttpCheckInput extends CheckTimingInput {
  readonly type: 'http'
  readonly url: string
  readonly host?: string | undefined
  readonly headers?: Record<string, string> | undefined
  readonly status?: string | number | undefined
  readonly body?: string | undefined
}

interface TcpCheckInput extends CheckTimingInput {
  readonly type: 'tcp'
  readonly address: string
}

type ServiceCheckInput = HttpCheckInput | TcpCheckInput

interface ResourceInput {
  readonly type: 'vip'
  readonly address: string
  readonly interface: string | Record<string, string>
}

/** A resource before it is known which members it follows. */
export interface ParsedResource extends Omit<VipResourceConfig, 'address' | 'interfaces'> {
  readonly address: VirtualAddress
  readonly interface: string | Readonly<Record<string, string>>
}

/** A service before it knows its name. */
export interface ParsedService extends Omit<ServiceConfig, 'name' | 'resources'> {
  readonly resources: readonly ParsedResource[]
}

const { check: checkDefaults } = defaults

const timing = {
  interval: durationSchema('50ms', '1h').prefault(checkDefaults.interval).describe('From the start of one check to the start of the next.'),
  timeout: durationSchema('10ms', '1m')
    .optional()
    .describe(`A check without an answer has failed after this. Default: ${checkDefaults.timeout}, or the interval where that is shorter.`),
  rise: countSchema(1, 100).prefault(checkDefaults.rise).describe('Successes in a row that declare the service up.'),
  fall: countSchema(1, 100).prefault(checkDefaults.fall).describe('Failures in a row that declare the service down.'),
}

const checkUrlSchema = readable((text) => readOption(text, 'url', httpProbeOptionsSchema, {}), {
  title: 'URL',
  examples: ['http://127.0.0.1:8080/healthz'],
})
const checkAddressSchema: z.ZodType<ListenAddress, string> = readable(readCheckAddress, {
  title: 'address',
  examples: ['127.0.0.1:5432', '[::1]:5432'],
})

const checkSchema: z.ZodType<ServiceCheckConfig, ServiceCheckInput> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('http').describe('Sends a request and looks at the answer.'),
      url: checkUrlSchema.describe('What is asked for, as the member itself sees it: its own address or 127.0.0.1, never one that moves.'),
      host: headerValueSchema('host name', 'shop.example.com', headerValueProblem)
        .optional()
        .describe('Value of the Host header. Default: that of the URL.'),
      headers: probeHeadersSchema.prefault({}).describe('Further headers of the request.'),
      status: statusSchema.prefault(defaults.health.status).describe('The answers that count as healthy.'),
      body: textSchema('text', 'ok').optional().describe('A text that the body of the answer has to contain.'),
      ...timing,
    }),
    z.strictObject({
      type: z.literal('tcp').describe('Opens a connection and closes it.'),
      address: checkAddressSchema.describe(
        'Host and port, as the member itself sees them: its own address or 127.0.0.1, never one that moves.',
      ),
      ...timing,
    }),
  ])
  .transform(({ interval, timeout, ...rest }): ServiceCheckConfig => {
    const times = { intervalMs: interval, timeoutMs: timeout ?? Math.min(interval, parseDuration(checkDefaults.timeout)) }
    if (rest.type === 'http') return { ...rest, ...times, host: rest.host, body: rest.body }
    const { address, ...tcp } = rest
    return { ...tcp, ...times, host: address.host, port: address.port }
  })

/** Linux: IFNAMSIZ is 16 with the closing NUL. Only what needs no quotation marks in a command that people type, and is no option of it. */
const INTERFACE = /^(?!\.{1,2}$)[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,14}$/

const interfaceSchema = readable(
  (text): Reading<string> =>
    INTERFACE.test(text)
      ? { ok: true, value: text }
      : { ok: false, hint: 'up to 15 letters, digits, "-", "_", "." and "@"; no spaces or slashes' },
  { title: 'interface', examples: ['eth0'] },
)

const vipSchema = z.strictObject({
  type: z.literal('vip').describe('A virtual IP address: the active member has it, and nobody else.'),
  address: readable(readVirtualAddress, { title: 'IP address', examples: ['10.0.0.100/32', 'fd00::100/128'] }).describe(
    'The address with its prefix; without one it is /32 or /128.',
  ),
  interface: z
    .union([interfaceSchema, z.record(memberNameSchema, interfaceSchema)])
    .describe('The interface that carries it; where it is not called the same everywhere, one for each member.'),
})

const resourceSchema: z.ZodType<ParsedResource, ResourceInput> = z.discriminatedUnion('type', [vipSchema])

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

export const serviceSchema: z.ZodType<ParsedService, ServiceInput> = z.strictObject({
  members: z.array(memberNameSchema).min(1).max(limits.clusterNodes).describe('Nodes that can be active, in order of preference.'),
  onControlLoss: controlLossSchema.describe(
    'What happens to the addresses when all of Hotspare is dead on their node. `keep`: they stay. `release`: the kernel takes them away before another node gets them.',
  ),
  check: checkSchema.describe('What each member runs against itself to know whether it could be active.'),
  resources: z
    .array(resourceSchema)
    .min(1)
    .max(limits.resources)
    .describe('What moves with the service, in the order in which it is acquired.'),
  failback: failbackSchema
    .prefault(defaults.service.failback)
    .describe('Whether a more preferred member that is well again takes over by itself: `manual` waits for people.'),
  maxFailoversPerHour: countSchema(1, 1_000)
    .prefault(defaults.service.maxFailoversPerHour)
    .describe('After so many failovers within an hour the service stays where it is, until people act.'),
})

/** Reads `127.0.0.1:5432`: a host and a port to connect to. */
function readCheckAddress(text: string): Reading<ListenAddress> {
  const reading = readListen(text)
  if (!reading.ok)
    return {
      ok: false,
      hint: text.includes(':') ? reading.hint.replace(/, or :8080 for every address/, '') : 'write host:port, like 127.0.0.1:5432',
    }
  if (/^\s*:/.test(text)) return { ok: false, hint: 'write the host too, like 127.0.0.1:5432' }
  return reading.value.port === 0 ? { ok: false, hint: 'the port is a number from 1 to 65535' } : reading
}
