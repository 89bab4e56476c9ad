import { describe, expect, it } from 'vitest'
import { configFingerprint } from './fingerprint.ts'
import { parseConfig } from './load.ts'
import { ConfigError, formatProblem } from './problem.ts'
import { formatCluster, summarizeCluster } from './summary-services.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----'
const ENV = { SECRET: '0123456789abcdef0123456789abcdef', TOKEN: 'token-hunter22', KEY: 'hunter22-key', PEM }

const file = (arbiter: string) => `node: web-1
cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: \${env:SECRET}
  arbiter: { ${arbiter} }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: keep
    check: { type: tcp, address: "127.0.0.1:5432" }
    resources: [{ type: vip, address: 10.0.0.100, interface: eth0 }]
`
const parse = (arbiter: string) => parseConfig(file(arbiter), { file: 'h.yaml', env: ENV, hostname: 'web-1' })

async function problem(arbiter: string): Promise<string> {
  const error: unknown = await parse(arbiter).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.message
  throw new Error('expected a ConfigError')
}

const CONSUL = 'type: consul, endpoints: ["http://127.0.0.1:8500"], datacenter: fra, ttl: 2s'
const KUBERNETES = 'type: kubernetes, namespace: ha, ttl: 8s'
const S3 = 'type: s3, bucket: leases, region: eu-central-1, ttl: 5s, credentials: { type: instance }'
const STATIC =
  'type: s3, bucket: leases, region: eu-central-1, ttl: 5s, credentials: { type: static, accessKeyId: AKIA, secretAccessKey: "${env:KEY}" }'

describe('an arbiter that is asked over HTTP', () => {
  it.each([
    [
      'type: consul, endpoints: ["http://127.0.0.1:8500"], ttl: 2s',
      '5:3: cluster.arbiter.datacenter: missing; expected a data centre like fra',
    ],
    [
      `${CONSUL}, prefix: /a`,
      '5:100: cluster.arbiter.prefix: expected a key prefix like hotspare/lease/, got the text "/a"; it begins with no "/"',
    ],
    [`${CONSUL}, token: "a b"`, 'cluster.arbiter.token: expected a token'],
    [`${CONSUL}, ca: nothing`, 'cluster.arbiter.ca: expected a certificate bundle like ${file:/etc/hotspare/ca.pem}'],
    [`${CONSUL}, ca: "\${env:PEM}"`, 'cluster.arbiter.ca: cannot be read: '],
    [
      'type: consul, endpoints: ["https://c"], datacenter: fra, ttl: 2s, cert: "${env:PEM}"',
      '5:80: cluster.arbiter.cert: cert and key go together',
    ],
    ['type: kubernetes, ttl: 8s', 'cluster.arbiter.namespace: missing'],
    [
      'type: kubernetes, namespace: Ha, ttl: 8s',
      'cluster.arbiter.namespace: expected a namespace like hotspare, got the text "Ha"; expected lower-case',
    ],
    [`${KUBERNETES}, token: "\${env:TOKEN}", tokenFile: /t`, 'cluster.arbiter.tokenFile: write token or tokenFile'],
    [`${KUBERNETES}, tokenFile: t`, 'cluster.arbiter.tokenFile: expected a path'],
    [`${KUBERNETES}, server: "http://10.0.0.1", caFile: /ca`, 'cluster.arbiter.ca: the server must begin with https:// then'],
    [
      'type: s3, bucket: leases, region: eu-central-1, ttl: 5s',
      'cluster.arbiter.credentials: missing; expected a mapping like { type: static }',
    ],
    [S3.replace('leases', 'Leases'), 'cluster.arbiter.bucket: expected a bucket like hotspare, got the text "Leases"; expected 3 to 63'],
    [S3.replace('instance', 'static'), 'cluster.arbiter.credentials.accessKeyId: missing'],
    [S3.replace('instance', 'container, url: "ftp://x"'), 'cluster.arbiter.credentials.url: expected a URL'],
    [`${S3}, endpoint: "http://10.0.0.5:9000/x"`, 'cluster.arbiter.endpoint: expected a S3 URL'],
    [`${S3}, sesion: 1`, 'cluster.arbiter: unknown key "sesion"; did you mean "region"?'],
  ])('is refused where it cannot work, at its place: %s', async (arbiter, says) => {
    const message = await problem(arbiter)
    expect(message).toContain(says)
    expect(message).not.toContain('hunter22')
  })

  it('is understood, in each of its kinds', async () => {
    const arbiterOf = async (text: string) => {
      const { config, warnings } = await parse(text)
      expect(warnings).toEqual([])
      return config.cluster?.arbiter
    }
    expect(await arbiterOf(`${CONSUL}, token: "\${env:TOKEN}"`)).toEqual({
      type: 'consul',
      endpoints: ['http://127.0.0.1:8500'],
      datacenter: 'fra',
      prefix: 'hotspare/lease/',
      token: ENV.TOKEN,
      ttlMs: 2_000,
    })
    expect(await arbiterOf(`${KUBERNETES}, server: "https://10.0.0.1:6443/", tokenFile: /t, caFile: /ca`)).toEqual({
      type: 'kubernetes',
      namespace: 'ha',
      server: 'https://10.0.0.1:6443',
      tokenFile: '/t',
      caFile: '/ca',
      prefix: 'hotspare-',
      ttlMs: 8_000,
    })
    expect(await arbiterOf(`${STATIC}, endpoint: "https://minio:9000", pathStyle: false`)).toEqual({
      type: 's3',
      bucket: 'leases',
      region: 'eu-central-1',
      credentials: { type: 'static', accessKeyId: 'AKIA', secretAccessKey: ENV.KEY },
      endpoint: 'https://minio:9000',
      pathStyle: false,
      prefix: 'hotspare/lease/',
      ttlMs: 5_000,
    })
  })

  it.each([
    [CONSUL, '1.5s', '2s'],
    [KUBERNETES, '4s', '8s'],
    [S3, '3s', '5s'],
  ])('is doubted with a ttl that its answers will not keep: %s', async (arbiter, ttl, least) => {
    const { warnings } = await parse(arbiter.replace(/ttl: \d+s/, `ttl: ${ttl}`))
    expect(warnings.map((warning) => formatProblem('h.yaml', warning))).toEqual([
      expect.stringMatching(new RegExp(`^h\\.yaml:5:\\d+: cluster\\.arbiter\\.ttl: shorter than ${least}; .* services move for nothing$`)),
    ])
  })

  it('says in the summary which store it is, and keeps its secrets', async () => {
    for (const [arbiter, line] of [
      [`${CONSUL}, token: "\${env:TOKEN}"`, '  consul (data centre fra) says who may act; a lease lasts 2s'],
      [`${KUBERNETES}, token: "\${env:TOKEN}"`, '  kubernetes (namespace ha) says who may act; a lease lasts 8s'],
      [STATIC, '  s3 (bucket leases in eu-central-1) says who may act; a lease lasts 5s'],
    ] as const) {
      const { config, redactor } = await parse(arbiter)
      if (!config.cluster) throw new Error('no cluster')
      const lines = formatCluster(summarizeCluster(config, config.cluster), 'web-1')
      expect(lines).toContain(line)
      expect(lines.join('\n')).not.toContain('hunter22')
      expect(redactor.redact(`<${ENV.TOKEN} ${ENV.KEY}>`)).not.toContain(arbiter === STATIC ? ENV.KEY : ENV.TOKEN)
    }
  })

  it('is another for the fingerprint where it is another store, and the same by another way', async () => {
    const printOf = async (arbiter: string) => configFingerprint((await parse(arbiter)).config)
    const consul = await printOf(CONSUL)
    expect(await printOf(CONSUL.replace('127.0.0.1', '10.0.0.5'))).toBe(consul)
    expect(await printOf(`${CONSUL}, token: "\${env:TOKEN}"`)).toBe(consul)
    expect(await printOf(CONSUL.replace('fra', 'ams'))).not.toBe(consul)
    expect(await printOf(KUBERNETES.replace('ha,', 'hb,'))).not.toBe(await printOf(KUBERNETES))
    expect(await printOf(S3.replace('leases', 'others'))).not.toBe(await printOf(S3))
    expect(await printOf(STATIC)).toBe(await printOf(S3))
  })
})
