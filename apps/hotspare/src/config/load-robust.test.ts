import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'

const GOOD = `# a comment, ü
node: web-1
api: { listen: 127.0.0.1:7400, token: "\${env:TOKEN}" }
pools:
  shop: &shop
    targets:
      - http://10.0.0.11:8080
      - { url: 'http://10.0.0.12:8080', tier: 1 }
    health: { type: http, path: /healthz, interval: 1s, status: "200-299,304" }
  mail: *shop
proxies:
  - listen: 0.0.0.0:8080
    pool: shop
    timeouts: { connect: 1s }
alerts:
  channels:
    mail: { type: smtp, url: smtp://mail:25, to: [ops@example.com] }
  routes: [ { match: { severity: critical }, to: [mail] } ]
timeline:
  keep: 10_0
`.replace('10_0', '100')

/** Every text of the file, to be replaced by a secret. */
const model = (): Record<string, unknown> => ({
  node: 'web-1',
  log: { level: 'info', format: 'auto' },
  api: { listen: '127.0.0.1:7400', token: 'x' },
  pools: {
    shop: {
      targets: ['http://10.0.0.11:8080', { url: 'http://10.0.0.12', name: 'spare', tier: 1, weight: 2 }],
      health: {
        type: 'http',
        path: '/',
        interval: '1s',
        rise: 2,
        method: 'GET',
        headers: { 'x-key': 'a' },
        status: '200',
        host: 'a',
        body: 'b',
      },
      balance: 'least-request',
    },
    keyed: {
      targets: [{ url: 'http://10.0.0.11:8080', zone: 'fra', limit: 2 }],
      balance: { algorithm: 'ring-hash', function: 'ketama', key: { from: 'header', name: 'x-user' } },
      zones: { fra: 1 },
      slowStart: { window: '30s' },
      queue: { size: 5, timeout: '1s' },
      sticky: { cookie: 'at', secrets: ['x'.repeat(32)], maxAge: '1h', sameSite: 'lax', path: '/' },
    },
  },
  proxies: [{ name: 'web', listen: ':8080', pool: 'shop', attempts: 3, timeouts: { connect: '1s' }, forwarded: 'append' }],
  alerts: {
    channels: {
      ops: { type: 'webhook', url: 'http://a', secret: 'x', headers: { authorization: 'b' } },
      mail: { type: 'smtp', url: 'smtp://mail', from: 'a@b', to: ['a@b'] },
    },
    routes: [{ match: { severity: 'critical' }, to: ['ops'] }],
  },
  timeline: { keep: 5 },
  cluster: {
    nodes: { 'web-1': { peer: '10.0.0.1:7401', site: 'fra', paths: ['10.1.0.1:7401'] }, 'web-2': { peer: '10.0.0.2:7401' } },
    secrets: [{ id: 1, secret: 'x'.repeat(16) }],
    heartbeat: { interval: '100ms', timeout: '1500ms' },
    arbiter: { type: 'etcd', endpoints: ['http://10.0.0.5:2379'], ttl: '2s', prefix: 'x/', user: 'u', password: 'p' },
    state: '/var/lib/hotspare',
  },
  services: {
    entry: {
      members: ['web-1', 'web-2'],
      onControlLoss: 'release',
      check: {
        type: 'http',
        url: 'http://127.0.0.1:8080/',
        status: '200',
        host: 'a',
        headers: { 'x-key': 'a' },
        body: 'b',
        interval: '1s',
      },
      resources: [
        { type: 'vip', address: '10.0.0.100/24', interface: { 'web-1': 'eth0', 'web-2': 'ens3' } },
        { type: 'vip', address: 'fd00::1', interface: 'eth0' },
      ],
      failback: { after: '10m' },
      maxFailoversPerHour: 6,
    },
    db: {
      members: ['web-2'],
      onControlLoss: 'keep',
      check: { type: 'tcp', address: '127.0.0.1:5432' },
      resources: [{ type: 'vip', address: '10.0.0.101', interface: 'eth0' }],
      failback: 'manual',
    },
  },
  checks: {
    cache: { type: 'redis', address: 'r', user: 'u', password: 'p', dependsOn: ['shop/spare', 'zone'] },
    zone: { type: 'dns', address: '10.0.0.53', name: 'example.com', expectAnswers: ['192.0.2.1'] },
    program: { type: 'exec', file: '/bin/true', args: ['a'], env: { KEY: 'a' }, thresholds: [{ measure: 'duration-ms', enter: 5 }] },
    both: { type: 'all', of: { part: { type: 'script', address: 'a:1', steps: [{ send: 'x' }] } } },
  },
  health: { quorum: { alone: 'own' }, dependencyWindow: '5s' },
  witness: { listen: ':7402', file: '/var/lib/w.json', secrets: [{ id: 1, secret: 'x'.repeat(16) }] },
})

async function outcome(text: string, env: Record<string, string> = { TOKEN: 'swordfish-swordfish' }): Promise<ConfigError | undefined> {
  try {
    await parseConfig(text, { file: 'f', env, hostname: 'h', readFile: () => Promise.reject(new Error('no files')) })
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** What is wrong with the way in which the text is refused: nothing, for any text. */
async function flaws(text: string): Promise<string[]> {
  const error = await outcome(text)
  const lines = text.split('\n').length
  const bad = (error?.problems ?? []).filter(
    ({ line, column, message }) => !(line >= 1 && line <= lines && column >= 1) || /Invalid input|undefined|\[object|\n/.test(message),
  )
  return [
    ...bad.map(({ line, column, message }) => `${line}:${column}: ${message}`),
    ...(error?.problems.length === 0 ? ['no problem at all'] : []),
  ]
}

async function isRefusedWell(text: string): Promise<void> {
  expect(await flaws(text)).toEqual([])
}

describe('whatever a file holds', { timeout: 120_000 }, () => {
  it('is good as it stands', async () => {
    expect((await outcome(GOOD))?.message).toBeUndefined()
  })

  it('ends at most in a ConfigError when the file is cut off at any byte', async () => {
    for (let length = 0; length < GOOD.length; length++) expect(await flaws(GOOD.slice(0, length))).toEqual([])
  })

  it('ends at most in a ConfigError when any one byte is missing or another', async () => {
    for (let at = 0; at < GOOD.length; at++) {
      const other = '{}[]:,-#&*!|>\'"%@`$\t\n\r\0?x0'[at % 26] ?? 'x'
      expect(await flaws(GOOD.slice(0, at) + GOOD.slice(at + 1))).toEqual([])
      expect(await flaws(GOOD.slice(0, at) + other + GOOD.slice(at + 1))).toEqual([])
    }
  })

  it('ends at most in a ConfigError when lines are dropped, repeated and moved', async () => {
    const lines = GOOD.split('\n')
    const shuffled = fc
      .array(fc.nat({ max: lines.length - 1 }), { maxLength: 30 })
      .map((picks) => picks.map((pick) => lines[pick]).join('\n'))
    await fc.assert(fc.asyncProperty(shuffled, isRefusedWell), { numRuns: 300 })
  })

  it('ends at most in a ConfigError for texts that resemble YAML', async () => {
    const pieces = [
      'pools',
      'shop',
      'targets',
      'health',
      'type',
      'http',
      'http://a',
      ': ',
      ':',
      '\n',
      '\n  ',
      '\n    - ',
      '- ',
      '{ ',
      ' }',
      '[',
      ']',
      ', ',
      '"',
      "'",
    ]
    const rare = [
      '&a ',
      '*a',
      '!x ',
      '|\n',
      '>\n',
      '%YAML 1.1\n',
      '---\n',
      '...\n',
      '<<',
      '? ',
      '# ',
      '${env:',
      '${file:x}',
      '$${',
      '}',
      '\t',
      '\r\n',
      '0',
      '.inf',
      'null',
      '__proto__',
      '\uFEFF',
      '😀',
      '\uD800',
    ]
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...rare), fc.string({ unit: 'binary', maxLength: 3 })))
      .map((parts) => parts.join(''))
    await fc.assert(fc.asyncProperty(text, isRefusedWell), { numRuns: 500 })
  })

  it('ends at most in a ConfigError for any value at any key', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(null, -1, 1.5, 1e300, '', [], {}))
    const changed = fc.tuple(fc.nat(), value).map(([pick, replacement]) => {
      const file = model()
      const places = textsOf(file)
      places[pick % places.length]?.set(replacement)
      return stringify(file)
    })
    await fc.assert(fc.asyncProperty(changed, isRefusedWell), { numRuns: 300 })
  })
})

describe('a secret', { timeout: 120_000 }, () => {
  it('is in no problem, wherever it stands and whatever it breaks', async () => {
    const secret = fc
      .oneof(
        fc.string({ minLength: 4, maxLength: 20 }),
        fc.string({ minLength: 4, maxLength: 20, unit: 'grapheme' }),
        fc.string({ minLength: 3, maxLength: 12 }).map((text) => `http://${text}.example/x`),
        fc.string({ minLength: 3, maxLength: 12 }).map((text) => `smtp://u:${text}@`),
        fc.constantFrom(
          'type',
          'http',
          'shop',
          'pools',
          'expected',
          '12345',
          '1.2.3.4:5',
          'got the value',
          '${env:S}',
          'a\nb\nc',
          '"quoted"',
        ),
      )
      .filter((value) => value !== '' && !'[redacted]'.includes(value))
    await fc.assert(
      fc.asyncProperty(fc.nat(), secret, fc.constantFrom('${env:S}', 'http://${env:S}', 'x${env:S}y'), async (pick, value, reference) => {
        const file = model()
        const places = textsOf(file)
        places[pick % places.length]?.set(reference)
        const error = await outcome(stringify(file), { S: value })
        for (const { path, message, hint = '' } of error?.problems ?? []) {
          for (const text of [path, message, hint]) expect(text.split('[redacted]').some((part) => part.includes(value))).toBe(false)
        }
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)

  it('does not change a message that it causes, even where it is too short to be redacted', async () => {
    const messages = async (value: string) =>
      (await outcome('pools:\n  a:\n    targets: [http://a]\n    balance: ${env:S}\n', { S: value }))?.message
    expect(await messages('x')).toBe(
      'f:4:14: pools.a.balance: expected one of round-robin, least-request, peak-ewma, edf, random, first-available, ring-hash, maglev, rendezvous, jump, got the value of ${env:S}',
    )
    expect(await messages('yz')).toBe(await messages('x'))
    // One that is almost right gets no "did you mean".
    expect(await messages('raund-robin')).toBe(await messages('x'))
  })
})

interface Place {
  set(value: unknown): void
}

/** Every place of the model that holds no mapping and no list. */
function textsOf(node: unknown): Place[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null
      ? textsOf(value)
      : [{ set: (replacement: unknown) => void Reflect.set(node, key, replacement) }],
  )
}
