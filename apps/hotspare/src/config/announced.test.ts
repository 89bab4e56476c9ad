import { describe, expect, it } from 'vitest'
import { configFingerprint } from './fingerprint.ts'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { formatSummary, summarize } from './summary.ts'

const OPTIONS = { file: 'h.yaml', env: {}, hostname: 'web-1' }

/** The resource stands on line 9. */
const fileWith = (resource: string, { policy = 'keep', more = '' } = {}) => `cluster:
  nodes: { web-1: { peer: 10.0.0.1:7401 }, web-2: { peer: 10.0.0.2:7401 } }
  secret: 0123456789abcdef0123456789abcdef
  arbiter: { type: etcd, endpoints: [http://10.0.0.5:2379], ttl: 2s }
services:
  shop:
    members: [web-1, web-2]
    onControlLoss: ${policy}
    resources: [${resource}]
    check: { type: tcp, address: "127.0.0.1:5432" }
${more}`

async function problemsOf(text: string): Promise<readonly string[]> {
  const error: unknown = await parseConfig(text, OPTIONS).catch((thrown: unknown) => thrown)
  if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.replace('h.yaml:', ''))
  throw new Error('the file is in order')
}

const KEEPALIVED = '{ type: keepalived, address: 10.0.0.100, interface: eth0, routerId: 77 }'

describe('an address that others announce', () => {
  it.for([
    [
      'is announced as a network',
      fileWith('{ type: bgp, address: 10.0.0.100/24 }'),
      /^9:39: services\.shop\.resources\[0\]\.address: .*a single address, \/32 or \/128/,
    ],
    [
      'names a session that is more than a name',
      fileWith('{ type: bgp, address: 10.0.0.100, sessions: ["edge; down all"] }'),
      /^9:62: services\.shop\.resources\[0\]\.sessions\[0\]: .*expected the name of a protocol/,
    ],
    [
      'has a session twice',
      fileWith('{ type: bgp, address: 10.0.0.100, sessions: [a, a] }'),
      /^9:65: services\.shop\.resources\[0\]\.sessions\[1\]: this session is there twice/,
    ],
    [
      'needs more sessions than there are',
      fileWith('{ type: bgp, address: 10.0.0.100, sessions: [a], minEstablished: 2 }'),
      /^9:82: services\.shop\.resources\[0\]\.minEstablished: there are 1 sessions, and 2 of them cannot be established/,
    ],
    [
      'has a relative socket',
      fileWith('{ type: bgp, address: 10.0.0.100, socket: bird.ctl }'),
      /^9:59: services\.shop\.resources\[0\]\.socket: .*an absolute path/,
    ],
    [
      'is to be released by keepalived',
      fileWith(KEEPALIVED, { policy: 'release' }),
      /^9:25: services\.shop\.resources\[0\]\.type: "release" cannot be kept with keepalived; /,
    ],
    [
      'has no number of VRRP',
      fileWith('{ type: keepalived, address: 10.0.0.100, interface: eth0 }'),
      /^9:17: services\.shop\.resources\[0\]\.routerId: missing/,
    ],
    [
      'has a number of VRRP that another one has',
      fileWith(`${KEEPALIVED}, { type: keepalived, address: 10.0.0.101, interface: eth0, routerId: 77 }`),
      /^9:159: services\.shop\.resources\[1\]\.routerId: another address has the number 77 on this interface/,
    ],
    [
      'shares a folder with another keepalived',
      fileWith(`${KEEPALIVED}, { type: keepalived, address: 10.0.0.101, interface: eth0, routerId: 78, pidFile: /run/other.pid }`),
      /^9:172: services\.shop\.resources\[1\]\.pidFile: the folder .* belongs to another keepalived/,
    ],
    [
      'has a pace that VRRP cannot tell',
      fileWith('{ type: keepalived, address: 10.0.0.100, interface: eth0, routerId: 77, advertInterval: 15ms }'),
      /^9:105: services\.shop\.resources\[0\]\.advertInterval: .*hundredths of a second/,
    ],
  ] as const)('is told where it is wrong when it %s', async ([, text, expected]) => {
    const [problem, ...others] = await problemsOf(text)
    expect(problem).toMatch(expected)
    expect(others).toEqual([])
  })

  it('has defaults that fit Debian', async () => {
    const { config } = await parseConfig(fileWith(`{ type: bgp, address: "fd00::100" }, ${KEEPALIVED}`), OPTIONS)
    expect(config.services[0]?.resources).toEqual([
      {
        type: 'bgp',
        address: 'fd00::100/128',
        interfaces: { 'web-1': 'lo', 'web-2': 'lo' },
        socket: '/run/bird/bird.ctl',
        sessions: undefined,
        minEstablished: 1,
      },
      {
        type: 'keepalived',
        address: '10.0.0.100/32',
        interfaces: { 'web-1': 'eth0', 'web-2': 'eth0' },
        routerId: 77,
        advertIntervalMs: 100,
        folder: '/run/hotspare/keepalived',
        pidFile: '/run/keepalived.pid',
      },
    ])
  })

  it('may be found elsewhere on each node, and nothing else may differ', async () => {
    const fingerprint = async (more: string) => {
      const { config } = await parseConfig(fileWith(`{ type: bgp, address: 10.0.0.100${more} }`), OPTIONS)
      return configFingerprint(config)
    }
    const plain = await fingerprint('')
    expect(await fingerprint(', socket: /run/bird2/bird.ctl')).toBe(plain)
    expect(await fingerprint(', minEstablished: 2')).not.toBe(plain)
  })

  it('stands in the summary with whoever announces it', async () => {
    const { config } = await parseConfig(fileWith(`{ type: bgp, address: "fd00::100", sessions: [edge1] }, ${KEEPALIVED}`), OPTIONS)
    const bound = { worstCaseMs: 1_000, formula: '1s' }
    const lines = formatSummary(summarize(config, () => ({ down: bound, up: bound }))).split('\n')
    expect(lines).toContain('  bgp fd00::100/128 on lo, announced by BIRD (/run/bird/bird.ctl) with 1 or more sessions of edge1')
    expect(lines).toContain('  keepalived 10.0.0.100/32 on eth0, by keepalived with the router id 77; it reads /run/hotspare/keepalived')
  })
})
