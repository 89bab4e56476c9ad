import { azureZoneOptionsSchema } from '@hotspare/dns/azure'
import { bunnyZoneOptionsSchema } from '@hotspare/dns/bunny'
import { cloudflareZoneOptionsSchema } from '@hotspare/dns/cloudflare'
import { desecZoneOptionsSchema } from '@hotspare/dns/desec'
import { digitalOceanZoneOptionsSchema } from '@hotspare/dns/digitalocean'
import { dnsimpleZoneOptionsSchema } from '@hotspare/dns/dnsimple'
import { gandiZoneOptionsSchema } from '@hotspare/dns/gandi'
import { googleZoneOptionsSchema } from '@hotspare/dns/google'
import { hetznerZoneOptionsSchema } from '@hotspare/dns/hetzner'
import { ns1ZoneOptionsSchema } from '@hotspare/dns/ns1'
import { ovhZoneOptionsSchema } from '@hotspare/dns/ovh'
import { powerDnsZoneOptionsSchema } from '@hotspare/dns/powerdns'
import { rfc2136ZoneOptionsSchema } from '@hotspare/dns/rfc2136'
import { route53ZoneOptionsSchema } from '@hotspare/dns/route53'
import { tsigAlgorithms } from '@hotspare/dns-wire'
import { z } from 'zod'
import type { DnsProviderType } from './config-dns.ts'
import { fileKeys, judgedBy } from './file-keys.ts'
import type { ParsedDnsProvider } from './schema-dns.ts'
import { ofType, variant } from './schema-probes.ts'

/** What the file knows of a provider that its package does not say. */
interface ProviderEntry {
  /** One sentence, for the reference and for editors. */
  readonly what: string
  readonly schema: z.ZodType
  /** Keys whose form the package's own schema does not show to editors. */
  readonly schemas?: Readonly<Record<string, z.ZodType>> | undefined
}

const serverSchema = z
  .union([
    z.string().meta({ title: 'IP address', examples: ['192.0.2.53'] }),
    z.strictObject({
      address: z
        .string()
        .meta({ title: 'IP address', examples: ['192.0.2.53'] })
        .describe('Its IP address.'),
      port: z.int().min(1).max(65_535).optional().describe('Its port. Default: 53'),
    }),
  ])
  .describe('The primary of the zone: an IP address, or { address, port }.')

const tsigKeySchema = z
  .strictObject({
    name: z.string().describe('Its name, as the server has it.'),
    algorithm: z.enum(Object.keys(tsigAlgorithms)).describe('How it signs.'),
    secret: z
      .string()
      .meta({ title: 'secret', examples: ['${file:/etc/hotspare/tsig}'], writeOnly: true })
      .describe('Its secret, in base64. Keep it out of the file: ${env:NAME} or ${file:/path}.'),
  })
  .describe('The TSIG key that signs (RFC 8945).')

/** A provider that is missing here is a compile error. */
const entries: Readonly<Record<DnsProviderType, ProviderEntry>> = {
  rfc2136: {
    what: 'A DNS server that takes dynamic updates (RFC 2136): BIND, Knot, PowerDNS, Windows.',
    schema: rfc2136ZoneOptionsSchema,
    schemas: { server: serverSchema, key: tsigKeySchema },
  },
  powerdns: { what: 'PowerDNS Authoritative Server, by its HTTP API.', schema: powerDnsZoneOptionsSchema },
  route53: { what: 'Amazon Route 53.', schema: route53ZoneOptionsSchema },
  cloudflare: { what: 'Cloudflare DNS.', schema: cloudflareZoneOptionsSchema },
  google: { what: 'Google Cloud DNS.', schema: googleZoneOptionsSchema },
  azure: { what: 'Azure DNS.', schema: azureZoneOptionsSchema },
  hetzner: { what: 'Hetzner DNS, by the Cloud API.', schema: hetznerZoneOptionsSchema },
  digitalocean: { what: 'DigitalOcean DNS.', schema: digitalOceanZoneOptionsSchema },
  ovh: { what: 'OVHcloud DNS.', schema: ovhZoneOptionsSchema },
  gandi: { what: 'Gandi LiveDNS.', schema: gandiZoneOptionsSchema },
  desec: { what: 'deSEC.', schema: desecZoneOptionsSchema },
  dnsimple: { what: 'DNSimple.', schema: dnsimpleZoneOptionsSchema },
  ns1: { what: 'NS1 Connect.', schema: ns1ZoneOptionsSchema },
  bunny: { what: 'Bunny DNS.', schema: bunnyZoneOptionsSchema },
}

const secret = (words: string) => `${words} Keep it out of the file: \${env:NAME} or \${file:/path}.`

/** What options mean, by their names; those that mean something else at one provider stand in `ownWords`. */
const words: Readonly<Record<string, string>> = {
  endpoint: 'Where its API is reached, if not at the usual place.',
  callMs: 'How long a reading or a change may take as a whole.',
  token: secret('An API token that may edit the zone.'),
  apiKey: secret('An API key that may edit the zone.'),
  accessKey: secret('An API key of the account.'),
  zoneId: 'The id of the zone. Default: asked for by its name.',
  account: 'The number of the account. Default: the one that the token belongs to.',
  minimumTtlSeconds: 'The shortest TTL, in seconds, where the plan has another than usual.',
  whenSerialStands: 'What is done where the server would not raise the serial of the zone with a change.',
  server: 'The server.',
  key: 'The TSIG key that signs (RFC 8945).',
  keys: 'An access key. Without one, the role of the instance is used, from its metadata service.',
  region: 'The region.',
  project: 'The id of the project.',
  subscription: 'The id of the subscription.',
  resourceGroup: 'The resource group of the zone.',
  client: 'An app registration. Without one, the managed identity of the machine is used.',
  metadataEndpoint: 'Where the metadata service is reached, if not at the usual place.',
  loginEndpoint: 'Where tokens for the client are granted, if not at the usual place.',
  applicationKey: secret('The key of the application.'),
  applicationSecret: secret('Its secret.'),
  consumerKey: secret('A consumer key with rights on /domain/zone/*.'),
}

const ownWords: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['powerdns', { server: 'The id of the server in its API. Default: localhost.' }],
  ['google', { key: 'The text of the key file of a service account: ${file:/path}. Without one, the account of the instance is used.' }],
])

/** Whichever zone is asked for later: a package judges its options with one. */
const ANY_ZONE = 'example.com'
/** What the app gives, and no file. */
const GIVEN = { zone: 'type', clock: 'type', dispatcher: 'type' }

function providerVariant(type: string, { what, schema, schemas }: ProviderEntry) {
  const keys = fileKeys(schema, { elsewhere: GIVEN, schemas })
  const meanings = { ...words, ...ownWords.get(type) }
  const shape = Object.entries(keys.shape).map(([key, each]) => {
    const meaning = each.description || meanings[key] || meanings[`${key}Ms`]
    return [key, meaning === undefined ? each : each.describe(meaning)] as const
  })
  return variant<ParsedDnsProvider>(
    { type: z.literal(type).describe(what), ...Object.fromEntries(shape) },
    {
      read(values, context) {
        const options = keys.optionsOf(values)
        const judged = judgedBy(schema, { ...options, zone: ANY_ZONE }, keys, context)
        return judged === undefined ? undefined : accepted(type, options)
      },
    },
  )
}

/** What the schema of its package has taken. */
function accepted(type: string, options: object): ParsedDnsProvider
function accepted(type: string, options: object): object {
  return { type, options }
}

/** Whichever is of the type that is written: its keys are the options of the package. */
export const dnsProviderSchema: z.ZodType<ParsedDnsProvider> = ofType(
  Object.entries(entries).map(([type, entry]) => providerVariant(type, entry)),
)
