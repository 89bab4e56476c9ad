import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HotspareError } from '@hotspare/core'
import { outlierOptionsSchema } from '@hotspare/health/outliers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig, type ParseOptions, parseConfig } from './load.ts'
import { ConfigError, formatProblem } from './problem.ts'

const FULL = `
node: web-1
log: { level: debug, format: json }
api: { listen: 0.0.0.0:7400, token: "\${env:TOKEN}" }
pools:
  shop:
    targets:
      - http://10.0.0.11:8080
      - { url: "https://10.0.0.12", name: spare, tier: 1, weight: 2 }
      - url: http://[::1]:9000
    health:
      type: http
      path: /healthz?full=1
      interval: 2s
      timeout: 750ms
      rise: 1
      fall: 5
      trafficFailures: 0
      method: HEAD
      headers: { x-probe: "\${file:probe-key}" }
      status: 200
      host: shop.example.com
    balance: round-robin
proxies:
  - name: web
    listen: 0.0.0.0:8080
    pool: shop
    attempts: 2
    timeouts: { connect: 1s, firstByte: 1m30s, idle: 10m, drain: 0s }
    forwarded: append
alerts:
  channels:
    ops: { type: webhook, url: "\${env:HOOK}", secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", headers: { authorization: Bearer abc } }
    mail: { type: smtp, url: "smtp://ops:hunter22@mail:25", from: Hotspare <hs@example.com>, to: [ops@example.com] }
    terminal: { type: console }
  routes:
    - { match: { severity: critical }, to: [ops, mail] }
    - { match: { severity: [warning, info] }, to: [terminal] }
    - { to: [terminal] }
timeline: { keep: 500 }
`
const OPTIONS: ParseOptions = {
  file: '/etc/hotspare.yaml',
  hostname: 'host-1',
  env: { TOKEN: 'swordfish-swordfish', HOOK: 'https://chat.example.com/hooks/12345' },
  readFile: (path) => (path === '/etc/probe-key' ? Promise.resolve(Buffer.from('open sesame\n')) : Promise.reject(new Error(path))),
}

/** What the packages have by themselves, but for what is decided for the app. */
const OUTLIERS = outlierOptionsSchema.parse({ consecutiveErrors: 0, consecutiveLocalErrors: 0 })
const HEALTH = {
  monitor: { observer: expect.objectContaining({ massGroups: 5 }), historySize: 20, maxConcurrentProbes: 100 },
  quorum: undefined,
  dependencyWindowMs: 5_000,
}

const NO_MAINTENANCE = { on: false, allow: [], retryAfterMs: 300_000 }
const LIMITS = {
  maxHeaderBytes: 16_384,
  maxBodyBytes: Number.MAX_SAFE_INTEGER,
  headersTimeoutMs: 30_000,
  maxConnections: 20_000,
  maxRequests: 10_000,
  maxConnectionsPerTarget: 1_024,
  maxWaitingPerTarget: 1_024,
}

const parse = (text: string, options: Partial<ParseOptions> = {}) => parseConfig(text, { ...OPTIONS, ...options })
const warningsOf = async (text: string) => (await parse(text)).warnings.map((warning) => formatProblem('h.yaml', warning))

describe('a configuration file', () => {
  it('fills in everything that a short file leaves out', async () => {
    const { config, warnings } = await parse(`
pools:
  shop:
    targets: [http://10.0.0.11:8080]
proxies:
  - { listen: ":8080", pool: shop }
`)
    expect(warnings).toEqual([])
    expect(config).toEqual({
      node: 'host-1',
      log: { level: 'info', format: 'auto' },
      api: { listen: { host: '127.0.0.1', port: 7400 }, token: undefined },
      pools: [
        {
          name: 'shop',
          targets: [
            {
              id: 'shop/10.0.0.11:8080',
              name: '10.0.0.11:8080',
              url: 'http://10.0.0.11:8080',
              protocol: 'http',
              host: '10.0.0.11',
              port: 8080,
              weight: 1,
              tier: 0,
            },
          ],
          health: { type: 'tcp', intervalMs: 1_000, timeoutMs: 500, rise: 2, fall: 3, trafficFailures: 5 },
          outliers: OUTLIERS,
          balance: { algorithm: 'least-request', options: { choices: 2, activeRequestBias: 1 } },
          maintenance: NO_MAINTENANCE,
          panic: true,
          panicThreshold: 0,
        },
      ],
      proxies: [
        {
          name: '[::]:8080',
          listen: { host: '::', port: 8080 },
          pool: 'shop',
          routes: [],
          errorPages: [],
          attempts: 3,
          timeouts: { connectMs: 2_000, firstByteMs: 30_000, idleMs: 60_000, drainMs: 30_000 },
          forwarded: 'replace',
          limits: LIMITS,
        },
      ],
      alerts: { channels: [], routes: [] },
      checks: [],
      engines: [],
      health: HEALTH,
      timeline: { keep: 10_000 },
      cluster: undefined,
      services: [],
      witness: undefined,
    })
  })

  it('takes every key that it knows', async () => {
    const { config, warnings } = await parse(FULL)
    expect(warnings).toEqual([])
    expect(config).toEqual({
      node: 'web-1',
      log: { level: 'debug', format: 'json' },
      api: { listen: { host: '0.0.0.0', port: 7400 }, token: 'swordfish-swordfish' },
      pools: [
        {
          name: 'shop',
          targets: [
            expect.objectContaining({ id: 'shop/10.0.0.11:8080', tier: 0, weight: 1 }),
            {
              id: 'shop/spare',
              name: 'spare',
              url: 'https://10.0.0.12',
              protocol: 'https',
              host: '10.0.0.12',
              port: 443,
              weight: 2,
              tier: 1,
            },
            expect.objectContaining({ id: 'shop/[::1]:9000', host: '::1', port: 9000 }),
          ],
          health: {
            type: 'http',
            path: '/healthz?full=1',
            method: 'HEAD',
            host: 'shop.example.com',
            headers: { 'x-probe': 'open sesame' },
            status: '200',
            body: undefined,
            intervalMs: 2_000,
            timeoutMs: 750,
            rise: 1,
            fall: 5,
            trafficFailures: 0,
          },
          outliers: OUTLIERS,
          balance: { algorithm: 'round-robin' },
          maintenance: NO_MAINTENANCE,
          panic: true,
          panicThreshold: 0,
        },
      ],
      proxies: [
        {
          name: 'web',
          listen: { host: '0.0.0.0', port: 8080 },
          pool: 'shop',
          routes: [],
          errorPages: [],
          attempts: 2,
          timeouts: { connectMs: 1_000, firstByteMs: 90_000, idleMs: 600_000, drainMs: 0 },
          forwarded: 'append',
          limits: LIMITS,
        },
      ],
      alerts: {
        channels: [
          {
            type: 'webhook',
            name: 'ops',
            url: 'https://chat.example.com/hooks/12345',
            secret: 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz',
            headers: { authorization: 'Bearer abc' },
          },
          { type: 'smtp', name: 'mail', url: 'smtp://ops:hunter22@mail:25', from: 'Hotspare <hs@example.com>', to: ['ops@example.com'] },
          { type: 'console', name: 'terminal' },
        ],
        routes: [
          { severities: ['critical'], to: ['ops', 'mail'] },
          { severities: ['warning', 'info'], to: ['terminal'] },
          { severities: undefined, to: ['terminal'] },
        ],
      },
      checks: [],
      engines: [],
      health: HEALTH,
      timeline: { keep: 500 },
      cluster: undefined,
      services: [],
      witness: undefined,
    })
  })

  it('reads the sketch of the design', async () => {
    const { config, warnings } = await parse(`
node: web-1
api: { listen: 127.0.0.1:7400 }
pools:
  shop:
    targets:
      - http://10.0.0.11:8080
      - { url: http://10.0.0.12:8080, tier: 1 }          # spare
    health: { type: http, path: /healthz, interval: 1s, timeout: 500ms, fall: 3, rise: 2 }
    balance: least-request
proxies:
  - { listen: 0.0.0.0:8080, pool: shop }
alerts:
  channels: { ops: { type: webhook, url: "\${env:HOOK}" }, mail: { type: smtp, url: "smtp://mail:25", to: [ops@example.com] } }
  routes: [ { match: { severity: critical }, to: [ops, mail] } ]
`)
    expect(warnings).toEqual([])
    expect(config.pools[0]?.targets.map(({ id, tier }) => ({ id, tier }))).toEqual([
      { id: 'shop/10.0.0.11:8080', tier: 0 },
      { id: 'shop/10.0.0.12:8080', tier: 1 },
    ])
  })

  it('is frozen all the way down', async () => {
    const { config } = await parse(FULL)
    const thawed: unknown[] = []
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) thawed.push(value)
      Object.values(value).forEach(look)
    }
    look(config)
    expect(thawed).toEqual([])
  })

  it('sends every alert to every channel where there are no routes', async () => {
    const { config } = await parse(`${FULL.slice(0, FULL.indexOf('  routes:'))}timeline: {}\n`)
    expect(config.alerts.routes).toEqual([{ severities: undefined, to: ['ops', 'mail', 'terminal'] }])
  })

  it('keeps a default timeout from being longer than a short interval', async () => {
    const { config, warnings } = await parse(
      'pools: { a: { targets: [http://a], health: { type: tcp, interval: 200ms } } }\nproxies: [{ listen: ":1", pool: a }]',
    )
    expect(config.pools[0]?.health.timeoutMs).toBe(200)
    expect(warnings).toEqual([])
  })

  it('makes a name of a host name that is none', async () => {
    const node = async (hostname: string) => (await parse('pools: { a: { targets: [http://a] } }', { hostname })).config.node
    expect(await node('web 1.example.com')).toBe('web-1.example.com')
    expect(await node('_')).toBe('localhost')
    expect(await node('h'.repeat(100))).toBe('h'.repeat(63))
  })

  it('may repeat itself with anchors and aliases', async () => {
    const { config } = await parse(`
pools:
  a: { targets: [http://a], health: &check { type: http, path: /up } }
  b: { targets: [http://b], health: *check }
`)
    expect(config.pools.map(({ health }) => health.type === 'http' && health.path)).toEqual(['/up', '/up'])
  })

  it('may begin with a byte order mark and end its lines as Windows does', async () => {
    const { config } = await parse('\uFEFFpools:\r\n  shop:\r\n    targets: [http://a]\r\n')
    expect(config.pools[0]?.name).toBe('shop')
  })
})

describe('warnings', () => {
  it('name what is allowed and probably not meant, in file order', async () => {
    expect(
      await warningsOf(`api: { token: swordfish }
pools:
  shop:
    targets: [http://a]
    health: { type: tcp, interval: 100ms, timeout: 1s }
  spare: { targets: [http://b] }
proxies: [{ listen: ":8080", pool: shop }]
alerts:
  channels: { ops: { type: console }, mail: { type: console } }
  routes: [{ to: [ops] }]
`),
    ).toEqual([
      'h.yaml:1:15: api.token: shorter than 16 characters; it can be guessed; `openssl rand -hex 32` makes a good one',
      'h.yaml:5:52: pools.shop.health.timeout: longer than the interval; a target that hangs is then probed less often',
      'h.yaml:6:3: pools.spare: no proxy uses this pool; its targets are probed and get no traffic',
      'h.yaml:9:39: alerts.channels.mail: no route leads to this channel',
    ])
  })
})

describe('the redactor of a configuration', () => {
  it('knows what came from outside and what stands in the file itself', async () => {
    const { redactor } = await parse(FULL)
    for (const secret of [
      'swordfish-swordfish',
      'open sesame',
      '/hooks/12345',
      'hunter22',
      'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz',
      'Bearer abc',
    ]) {
      const text = secret === '/hooks/12345' ? 'https://chat.example.com/hooks/12345' : secret
      expect(redactor.redact(`<${text}>`)).toBe('<[redacted]>')
    }
  })

  it('leaves plain addresses and headers readable', async () => {
    const { redactor } = await parse(`
pools: { a: { targets: [http://a], health: { type: http, headers: { accept: application/json } } } }
alerts: { channels: { mail: { type: smtp, url: "smtp://mail.example.com:25", to: [ops@example.com] } } }
`)
    expect(redactor.redact('application/json from smtp://mail.example.com:25')).toBe('application/json from smtp://mail.example.com:25')
  })
})

describe('loading a file', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotspare-load-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  const failure = async (file: string): Promise<ConfigError> => {
    const error: unknown = await loadConfig(file, { env: {}, hostname: 'h' }).catch((thrown: unknown) => thrown)
    if (error instanceof ConfigError) return error
    throw new Error(`expected a ConfigError, got ${String(error)}`)
  }

  it('says what is wrong with a file that cannot be read', async () => {
    const missing = join(folder, 'hotspare.yaml')
    expect((await failure(missing)).message).toBe(`${missing}:1:1: the file cannot be read: no such file`)
    expect((await failure(folder)).message).toBe(`${folder}:1:1: the file cannot be read: it is a folder`)
    expect((await failure('/dev/zero')).message).toBe('/dev/zero:1:1: the file is larger than 1024 KiB')
  })

  it('says where a file is not UTF-8', async () => {
    const file = join(folder, 'hotspare.yaml')
    await writeFile(file, Buffer.concat([Buffer.from('pools:\n  caf'), Buffer.from([0xe9, 0x3a, 0x0a])]))
    expect((await failure(file)).message).toBe(`${file}:2:6: the file is not UTF-8 text`)
    await writeFile(file, Buffer.from('\uFEFFpools: {}', 'utf16le'))
    expect((await failure(file)).message).toBe(`${file}:1:1: the file is UTF-16, not UTF-8`)
  })

  it('reads secrets next to the file', async () => {
    const file = join(folder, 'hotspare.yaml')
    await writeFile(file, 'pools: { a: { targets: [http://a] } }\napi:\n  token: ${file:token}\n')
    await writeFile(join(folder, 'token'), 'swordfish-swordfish\n')
    expect((await loadConfig(file, { env: {}, hostname: 'h' })).config.api.token).toBe('swordfish-swordfish')
  })

  it("ends with the caller's abort", async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(loadConfig(join(folder, 'x'), { env: {}, hostname: 'h', signal })).rejects.toThrow('enough')
  })
})

describe('a ConfigError', () => {
  it('is recognised by its code and carries each problem as data', async () => {
    const error: unknown = await parse('pools:\n  shop: { targets: [http://a], balanse: x }\n').catch((thrown: unknown) => thrown)
    expect(HotspareError.is(error) && error.code).toBe('HOTSPARE_CONFIG_INVALID')
    expect(error).toMatchObject({
      file: '/etc/hotspare.yaml',
      problems: [{ line: 2, column: 32, path: 'pools.shop', message: 'unknown key "balanse"', hint: 'did you mean "balance"?' }],
    })
  })

  it('lists the first hundred problems and counts the rest', async () => {
    const error: unknown = await parse(
      `pools: [${'1,'.repeat(3)}]\n${Array.from({ length: 150 }, (_, index) => `k${index}: 1\n`).join('')}`,
    ).catch((thrown: unknown) => thrown)
    const { problems, message } = error as ConfigError
    expect(problems).toHaveLength(100)
    expect(message.split('\n').at(-1)).toBe('/etc/hotspare.yaml: and 51 more')
  })
})
