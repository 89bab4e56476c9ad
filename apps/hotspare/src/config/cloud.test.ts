import { describe, expect, it } from 'vitest'
import { describedResource } from '../cluster/resources/described.ts'
import { cloudName, isCloud } from './config-cloud.ts'
import { configFingerprint } from './fingerprint.ts'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { formatService, summarizeService } from './summary-services.ts'

const SECRET = 'sentinel-of-the-provider-51d0'
const env = { SECRET, CLUSTER: 'sentinel-of-the-cluster-3f9a' }

const file = (resources: string, more = '') => `
node: web-1
cluster:
  nodes: { web-1: { peer: "10.0.0.1:7401" }, web-2: { peer: "10.0.0.2:7401" } }
  secret: \${env:CLUSTER}
  arbiter: { type: etcd, endpoints: ["http://10.0.0.5:2379"], ttl: 2s }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:80" }
    resources:
${resources
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
${more}`

const load = (text: string) => parseConfig(text, { file: 'h.yaml', env, hostname: 'web-1' })

const problemsOf = async (text: string) => {
  const error: unknown = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof ConfigError ? error.message : 'it was accepted'
}

const ENI = 'targets: { web-1: eni-0a, web-2: eni-0b }'
const ELASTIC = `type: aws-elastic-ip, allocation: eipalloc-0a1b, region: eu-central-1`

const GOOD: readonly [string, string, string][] = [
  [
    'aws-elastic-ip',
    `${ELASTIC}, keys: { accessKeyId: AKIAEXAMPLE, secretAccessKey: "\${env:SECRET}" }, ${ENI}`,
    'aws-elastic-ip eipalloc-0a1b',
  ],
  [
    'aws-private-ip',
    `type: aws-private-ip, address: 10.0.1.100, subnet: subnet-0a, region: eu-central-1, ${ENI}`,
    'aws-private-ip 10.0.1.100',
  ],
  [
    'aws-route',
    `type: aws-route, address: 192.168.100.1, tables: [rtb-0a, rtb-0b], region: eu-central-1, ${ENI}`,
    'aws-route 192.168.100.1',
  ],
  [
    'google-route',
    'type: google-route, name: shop-entry, network: default, address: 10.9.9.9, project: my-project, targets: { web-1: europe-west3-a/web-1, web-2: europe-west3-b/web-2 }',
    'google-route shop-entry',
  ],
  [
    'google-alias-ip',
    'type: google-alias-ip, address: 10.0.0.100, project: my-project, targets: { web-1: europe-west3-a/web-1, web-2: europe-west3-b/web-2 }',
    'google-alias-ip 10.0.0.100',
  ],
  [
    'azure-ip',
    'type: azure-ip, subscription: 00000000-0000-4000-8000-000000000001, resourceGroup: shop, name: shop-entry, address: 10.0.0.100, client: { tenant: contoso.example, id: hotspare, secret: "${env:SECRET}" }, targets: { web-1: nic-1, web-2: nic-2 }',
    'azure-ip 10.0.0.100',
  ],
  [
    'hetzner-floating-ip',
    'type: hetzner-floating-ip, floatingIp: "4711", token: "${env:SECRET}", targets: { web-1: "101", web-2: "102" }',
    'hetzner-floating-ip 4711',
  ],
  [
    'hetzner-alias-ip',
    'type: hetzner-alias-ip, network: "815", address: 10.0.0.100, token: "${env:SECRET}", targets: { web-1: "101", web-2: "102" }',
    'hetzner-alias-ip 10.0.0.100',
  ],
  [
    'hetzner-failover-ip',
    'type: hetzner-failover-ip, address: 203.0.113.10, user: "robot-user", password: "${env:SECRET}", targets: { web-1: 198.51.100.1, web-2: 198.51.100.2 }',
    'hetzner-failover-ip 203.0.113.10',
  ],
  [
    'digitalocean-reserved-ip',
    'type: digitalocean-reserved-ip, address: 203.0.113.10, token: "${env:SECRET}", targets: { web-1: "101", web-2: "102" }',
    'digitalocean-reserved-ip 203.0.113.10',
  ],
  [
    'ovh-ip',
    'type: ovh-ip, address: 203.0.113.10, applicationKey: "app-key-of-ovh", applicationSecret: "${env:SECRET}", consumerKey: "${env:SECRET}", targets: { web-1: ns1.example.eu, web-2: ns2.example.eu }',
    'ovh-ip 203.0.113.10',
  ],
]

describe('an address that a provider moves', () => {
  it.each<[string, string, string]>([
    ['the target of a member is missing', `- { ${ELASTIC}, targets: { web-1: eni-0a } }`, 'write it for web-2'],
    [
      'somebody is no member',
      `- { ${ELASTIC}, targets: { web-1: eni-0a, web-2: eni-0b, web-3: eni-0c } }`,
      '"web-3" is no member of this service',
    ],
    ['two members have one target', `- { ${ELASTIC}, targets: { web-1: eni-0a, web-2: eni-0a } }`, 'another member has this target'],
    ['a target is none', `- { ${ELASTIC}, targets: { web-1: web-1, web-2: eni-0b } }`, 'like eni-0a1b2c3d'],
    ['an address is there twice', `- { ${ELASTIC}, ${ENI} }\n- { ${ELASTIC}, ${ENI} }`, 'this service already has the address'],
    [
      'the region is none',
      `- { type: aws-elastic-ip, allocation: eipalloc-0a, region: Frankfurt, ${ENI} }`,
      'expected a region, like eu-central-1',
    ],
    ['a key is unknown', `- { ${ELASTIC}, reigon: x, ${ENI} }`, 'region'],
    ['the targets are missing', `- { ${ELASTIC} }`, 'targets: missing'],
  ])('is refused where %s, with the place', async (_, resources, words) => {
    const problems = await problemsOf(file(resources))
    expect(problems).toContain(words)
    expect(problems).toMatch(/h\.yaml:\d+:\d+/)
  })

  it.each(GOOD)('%s is understood, and described without a secret', async (_, keys, name) => {
    const { config } = await load(file(`- { ${keys} }`))
    const [service] = config.services
    const [resource] = service?.resources ?? []
    if (!service || !resource || !isCloud(resource) || !config.cluster) throw new Error('it is none of a provider')
    expect(cloudName(resource)).toBe(name)
    const described = describedResource(resource, service, config.cluster)
    expect(described.id).toBe(name)
    const bound = { worstCaseMs: 1, formula: '1ms' }
    const summary = summarizeService(service, config.cluster.arbiter, () => ({ down: bound, up: bound }))
    const shown = formatService(summary)
    expect(shown.join('\n')).toContain(`${name}, which its provider gives to `)
    const said = JSON.stringify([described.instruction('acquire', 'web-2'), described.instruction('release', 'web-1'), summary, shown])
    expect(said).not.toContain(SECRET)
    expect(config.services[0]?.resources[0]).toEqual(resource)
  })

  it('has a fingerprint that knows its targets, and not its secrets', async () => {
    const hetzner = (token: string, second: string) =>
      load(file(`- { type: hetzner-floating-ip, floatingIp: "4711", token: "${token}", targets: { web-1: "101", web-2: "${second}" } }`))
    const [first, otherToken, otherTarget] = await Promise.all([
      hetzner('${env:SECRET}', '102'),
      hetzner('a-literal-token-of-it', '102'),
      hetzner('${env:SECRET}', '103'),
    ])
    expect(configFingerprint(otherToken.config)).toBe(configFingerprint(first.config))
    expect(configFingerprint(otherTarget.config)).not.toBe(configFingerprint(first.config))
  })
})
