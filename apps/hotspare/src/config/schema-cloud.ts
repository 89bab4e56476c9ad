import { awsRoutesOptionsSchema, elasticIpOptionsSchema, privateIpOptionsSchema } from '@hotspare/vip/aws'
import { azureIpConfigurationOptionsSchema } from '@hotspare/vip/azure'
import { reservedIpOptionsSchema } from '@hotspare/vip/digitalocean'
import { aliasIpOptionsSchema, googleRouteOptionsSchema } from '@hotspare/vip/google'
import { floatingIpOptionsSchema, hetznerAliasIpOptionsSchema } from '@hotspare/vip/hetzner'
import { robotFailoverIpOptionsSchema } from '@hotspare/vip/hetzner-robot'
import { ovhIpOptionsSchema } from '@hotspare/vip/ovh'
import { z } from 'zod'
import type { CloudOptions, CloudResourceConfig, CloudType } from './config-cloud.ts'
import { limits } from './defaults.ts'
import { type Choice, countSchema, memberNameSchema, readable, readOption, tokenSchema } from './schema-scalars.ts'

/** As the file has it: the options of the package, and beside them what it is given to. */
export type CloudInput = {
  readonly [Type in CloudType]: Omit<CloudOptions[Type], 'clock' | 'dispatcher'> & {
    readonly type: Type
    readonly targets: Record<string, string>
  }
}[CloudType]

/** One option, understood by the package that will use it, so that what is accepted here is accepted there. */
function option(
  schema: z.ZodType,
  name: string,
  example: string,
  words: string,
  wrap?: (value: string) => unknown,
): z.ZodType<string, string> {
  return readable((text) => readOption(text, name, schema, {}, wrap), { title: TITLES[name] ?? name, examples: [example] }).describe(words)
}

const TITLES: Readonly<Record<string, string>> = {
  address: 'IP address',
  endpoint: 'URL',
  metadataEndpoint: 'URL',
  loginEndpoint: 'URL',
  floatingIp: 'number',
  network: 'network',
  tables: 'route table',
}

function secret(words: string): z.ZodType<string, string> {
  return tokenSchema.describe(`${words} Keep it out of the file: \${env:NAME} or \${file:/path}.`)
}

/** What it is given to, on each member. */
function targets(pattern: RegExp, example: string, words: string): z.ZodType<Record<string, string>, Record<string, string>> {
  const target = readable((text) => (pattern.test(text) ? { ok: true, value: text } : { ok: false, hint: `${words}, like ${example}` }), {
    title: 'target',
    examples: [example],
  })
  return z.record(memberNameSchema, target).describe(`For each member: ${words}.`)
}

function endpoint(schema: z.ZodType, name: string, words: string): z.ZodOptional<z.ZodType<string, string>> {
  return option(schema, name, 'https://api.example.com', words).optional()
}

const ELASTIC = elasticIpOptionsSchema
const apiOf = (schema: z.ZodType) => ({ endpoint: endpoint(schema, 'endpoint', 'Where its API is reached, if not at the usual place.') })
const metadataOf = (schema: z.ZodType) => ({
  metadataEndpoint: endpoint(schema, 'metadataEndpoint', 'Where the metadata service is reached, if not at the usual place.'),
})

const aws = {
  region: option(ELASTIC, 'region', 'eu-central-1', 'The region.'),
  keys: z
    .strictObject({
      accessKeyId: secret('The id of the key.'),
      secretAccessKey: secret('Its secret.'),
      sessionToken: secret('Of a session.').optional(),
    })
    .optional()
    .describe('An access key. Without one, the role of the instance is used, from its metadata service (IMDSv2).'),
  ...apiOf(ELASTIC),
  ...metadataOf(ELASTIC),
}
const awsTargets = targets(/^(?:eni|i)-[0-9A-Za-z-]+$/, 'eni-0a1b2c3d', 'the network interface or the instance')

const ROUTE = googleRouteOptionsSchema
const google = {
  project: option(ROUTE, 'project', 'my-project', 'The id of the project.'),
  key: readable((text) => readOption(text, 'key', ROUTE, {}), {
    title: 'key file',
    examples: ['${file:/etc/hotspare/google.json}'],
    writeOnly: true,
  })
    .optional()
    .describe(
      'The text of the key file of a service account: ${file:/path}. Without one, the account of the instance is used, from its metadata server.',
    ),
  ...apiOf(ROUTE),
  ...metadataOf(ROUTE),
}
const googleTargets = targets(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'europe-west3-a/web-1', 'the zone and the name of the instance')
const numbers = (words: string) => targets(/^\d{1,15}$/, '4242', words)
const hetznerToken = secret('A token of the project that may write.')
const address = (schema: z.ZodType, words: string, example = '10.0.0.100') => option(schema, 'address', example, words)

const typed = <Type extends CloudType>(type: Type, words: string) => ({ type: z.literal(type).describe(words) })

const AZURE = azureIpConfigurationOptionsSchema
const OVH = ovhIpOptionsSchema

const schemas = [
  z
    .strictObject({
      ...typed('aws-elastic-ip', 'An Elastic IP of AWS.'),
      allocation: option(ELASTIC, 'allocation', 'eipalloc-0a1b2c3d', 'The id of its allocation.'),
      ...aws,
      targets: awsTargets,
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('aws-private-ip', 'A secondary private address on one of several network interfaces of a subnet at AWS.'),
      address: address(privateIpOptionsSchema, 'An address of the subnet.', '10.0.1.100'),
      subnet: option(privateIpOptionsSchema, 'subnet', 'subnet-0a1b2c3d', 'The subnet of all the interfaces.'),
      ...aws,
      targets: targets(/^eni-[0-9A-Za-z-]+$/, 'eni-0a1b2c3d', 'the network interface'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('aws-route', 'An address outside the VPC that its route tables lead to one instance at AWS.'),
      address: address(awsRoutesOptionsSchema, 'An address outside the range of the VPC.', '192.168.100.1'),
      tables: z
        .array(option(awsRoutesOptionsSchema, 'tables', 'rtb-0a1b2c3d', 'A route table.', (value) => [value]))
        .min(1)
        .max(limits.routeTables)
        .describe('Every route table whose subnets are to reach it.'),
      ...aws,
      targets: awsTargets,
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('google-route', 'A static route to one instance at Google Cloud.'),
      name: option(ROUTE, 'name', 'shop-entry', 'The name of the route, which belongs to Hotspare alone.'),
      network: option(ROUTE, 'network', 'default', 'The VPC network.'),
      address: address(ROUTE, 'An address outside all subnets.', '10.9.9.9'),
      priority: countSchema(0, 65_535).optional().describe('Of the route. Default: 100'),
      ...google,
      targets: googleTargets,
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('google-alias-ip', 'An alias IP of one instance at Google Cloud.'),
      address: address(aliasIpOptionsSchema, 'An address of the subnet, or of a secondary range of it.'),
      rangeName: option(aliasIpOptionsSchema, 'rangeName', 'services', "The secondary range. Default: the subnet's own").optional(),
      interface: option(aliasIpOptionsSchema, 'interface', 'nic0', 'The network interface of every instance. Default: nic0').optional(),
      ...google,
      targets: googleTargets,
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('azure-ip', 'An IP configuration that moves from one network interface to another at Azure.'),
      subscription: option(AZURE, 'subscription', '00000000-0000-4000-8000-000000000001', 'The id of the subscription.'),
      resourceGroup: option(AZURE, 'resourceGroup', 'shop', 'The resource group of all the interfaces.'),
      name: option(AZURE, 'name', 'shop-entry', 'The name of the IP configuration.'),
      address: address(AZURE, 'A private address of the subnet.'),
      publicAddress: option(
        AZURE,
        'publicAddress',
        '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Network/publicIPAddresses/shop',
        'The resource id of a public address that goes with it.',
      ).optional(),
      client: z
        .strictObject({
          tenant: option(AZURE, 'name', 'contoso.example', 'The tenant.'),
          id: option(AZURE, 'name', '00000000-0000-4000-8000-000000000002', 'The id of the application.'),
          secret: secret('Its secret.'),
        })
        .optional()
        .describe('An app registration. Without one, the managed identity of the virtual machine is used, from its metadata service.'),
      ...apiOf(AZURE),
      ...metadataOf(AZURE),
      loginEndpoint: endpoint(AZURE, 'loginEndpoint', 'Where tokens for the client are granted, if not at the usual place.'),
      targets: targets(/^[\w.-]{1,80}$/, 'web-1-nic', 'the name of the network interface'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('hetzner-floating-ip', 'A floating IP of Hetzner Cloud.'),
      floatingIp: option(floatingIpOptionsSchema, 'floatingIp', '4711', 'Its number, as a text.'),
      token: hetznerToken,
      ...apiOf(floatingIpOptionsSchema),
      targets: numbers('the number of the server'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('hetzner-alias-ip', 'An alias IP in a private network of Hetzner Cloud.'),
      network: option(hetznerAliasIpOptionsSchema, 'network', '815', 'The number of the network, as a text.'),
      address: address(hetznerAliasIpOptionsSchema, 'An address of the network that no server has as its own.'),
      token: hetznerToken,
      ...apiOf(hetznerAliasIpOptionsSchema),
      targets: numbers('the number of the server'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('hetzner-failover-ip', "A failover IP of Hetzner's dedicated servers."),
      address: address(robotFailoverIpOptionsSchema, 'The failover IP.', '203.0.113.10'),
      user: option(robotFailoverIpOptionsSchema, 'user', '#ws+abcdef', 'The user of the web service.'),
      password: secret('Its password.'),
      ...apiOf(robotFailoverIpOptionsSchema),
      targets: targets(/^[0-9a-f.:]+$/, '198.51.100.1', 'the main address of the server'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('digitalocean-reserved-ip', 'A reserved IP of DigitalOcean.'),
      address: address(reservedIpOptionsSchema, 'The reserved IP.', '203.0.113.10'),
      token: secret('An access token that may read and update reserved IPs.'),
      ...apiOf(reservedIpOptionsSchema),
      targets: numbers('the number of the Droplet'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
  z
    .strictObject({
      ...typed('ovh-ip', 'An Additional IP of OVHcloud.'),
      address: address(OVH, 'The Additional IP.', '203.0.113.10'),
      applicationKey: secret('The key of the application.'),
      applicationSecret: secret('Its secret.'),
      consumerKey: secret('A consumer key with the rights GET and POST on /ip/*.'),
      ...apiOf(OVH),
      targets: targets(/^[a-z0-9][a-z0-9.-]+$/, 'ns1234.ip-203-0-113.eu', 'the name of the service'),
    })
    .transform(({ type, targets: given, ...options }) => ({ type, options, targets: given })),
] as const

/** One for each type, as members of the union of all resources: the options in one place, apart from what the app knows of them. */
export const cloudSchemas: readonly Choice<CloudResourceConfig, CloudInput>[] = schemas
