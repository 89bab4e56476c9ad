import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readKeepalived } from '../keepalived.ts'
import type { KeepalivedConfig } from './model.ts'
import { parseKeepalived, type ParseOptions } from './parse.ts'

const SECRET = 'hunter22'

function parse(text: string, options: ParseOptions = {}): KeepalivedConfig {
  return parseKeepalived({ file: 'k.conf', text }, options)
}

/** An instance with some lines of its own. */
function instance(lines = ''): string {
  return `vrrp_instance one {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n  10.0.0.100/24\n }\n${lines}\n}\n`
}

const told = ({ problems }: KeepalivedConfig) => problems.map(({ file, line, message }) => `${file}:${line}: ${message}`)

describe('what is wrong is told of with its place, and the rest is read', () => {
  it.each([
    ['a router of no number', instance(' virtual_router_id 256'), 'k.conf:7: virtual_router_id is a number from 1 to 255'],
    ['a priority of no number', instance(' priority high'), 'k.conf:7: priority is a number from 1 to 255; taken for 100'],
    ['an interval of no time', instance(' advert_int 1s'), 'k.conf:7: advert_int is a number of seconds from 0.01 to 255; taken for 1'],
    ['a version that is none', instance(' version 4'), 'k.conf:7: version is 2 or 3'],
    ['an address that is none', instance(' virtual_ipaddress {\n  10.0.0.300\n }'), 'k.conf:8: this is no address'],
    ['a prefix that is too long', instance(' virtual_ipaddress_excluded {\n  10.0.0.3/33\n }'), 'k.conf:8: this is no address'],
    ['a block that is not closed', `${instance()}vrrp_script a {\n interval 1`, 'k.conf:9: the block vrrp_script is not closed'],
    ['a brace that closes nothing', `${instance()}}`, 'k.conf:9: a } closes nothing'],
    ['an include of nothing', `${instance()}include conf.d/*`, 'k.conf:9: include conf.d/*: there is no such file, or it cannot be read'],
    ['a definition of itself', `$A=\${A}x\n${instance(' notify ${A}')}`, 'k.conf:8: a definition leads back to itself'],
    ['a sequence', `${instance()}~SEQ(A, 1, 3) x`, 'k.conf:9: ~SEQ and ~LST are not followed: what they make is missing here'],
    ['a twin', instance() + instance().replace('one', 'two'), 'k.conf:9: two has the virtual_router_id of one on the same interface'],
  ])('%s', (_, text, problem) => {
    const config = parse(text)
    expect(told(config)).toContain(problem)
    expect(config.instances[0]).toMatchObject({ name: 'one', routerId: 51, priority: 100, advertMs: 1_000 })
    expect(config.instances[0]?.addresses[0]).toMatchObject({ address: '10.0.0.100', prefixLength: 24 })
  })

  it('an instance without a number, and one without an address', () => {
    expect(told(parse('vrrp_instance a {\n}'))).toEqual(['k.conf:1: a has no virtual_router_id', 'k.conf:1: a has no address'])
  })

  it('files that include each other end', () => {
    const config = parse('include a', { read: (pattern, from) => [{ file: `${from}/${pattern}`, text: 'include a' }] })
    expect(config.problems.at(-1)?.message).toBe('includes go deeper than 16')
  })

  it('what is not understood is listed by its keyword, once for each', () => {
    const { unread } = parse(`${instance(' notify /a b\n garp_master_delay 5\n notify /c')}frobnicate { on }`)
    expect(unread).toEqual([
      { file: 'k.conf', line: 11, keyword: 'frobnicate', count: 1 },
      { file: 'k.conf', line: 7, keyword: 'notify', count: 2 },
      { file: 'k.conf', line: 8, keyword: 'garp_master_delay', count: 1 },
    ])
  })
})

describe('a password is in nothing that comes out', () => {
  it.each([
    [`authentication {\n auth_type PASS\n auth_pass ${SECRET}\n}`, 'password'],
    [`$P=${SECRET}\n authentication {\n auth_type AH\n auth_pass \${P}\n}`, 'header'],
    [`authentication {\n auth_type PASS ${SECRET}\n ${SECRET}\n}`, 'password'],
    [`authentication\n{\n auth_type PASS\n auth_pass "${SECRET}"\n}`, 'password'],
    [`authentication ${SECRET}\n -${SECRET}-`, 'none'],
    [`virtual_router_id ${SECRET}\n priority ${SECRET}\n virtual_ipaddress {\n ${SECRET}\n }`, 'none'],
  ])('%s', (lines, authentication) => {
    const config = parse(instance(lines))
    expect(config.instances[0]?.authentication).toBe(authentication)
    expect(JSON.stringify(config)).not.toContain(SECRET)
  })
})

describe('an instance', () => {
  it('has the defaults of keepalived', () => {
    expect(parse(instance()).instances).toEqual([
      {
        name: 'one',
        file: 'k.conf',
        line: 1,
        state: 'BACKUP',
        interface: 'eth0',
        routerId: 51,
        priority: 100,
        advertMs: 1_000,
        version: 2,
        family: 4,
        preempt: true,
        preemptDelayMs: 0,
        downAdverts: 3,
        addresses: [{ file: 'k.conf', line: 5, address: '10.0.0.100', family: 4, prefixLength: 24, interface: undefined, excluded: false }],
        unicastSource: undefined,
        unicastPeers: [],
        authentication: 'none',
        virtualHardware: false,
        tracks: [],
        syncGroup: undefined,
      },
    ])
  })

  it('has what its lines say, with comments, quotes and braces in any place', () => {
    const text = `! of the site
global_defs {
  router_id LVS_1 # with a comment
  vrrp_version 3
  default_interface bond0
}
vrrp_sync_group G { group { VI_1 } }
vrrp_script web { script "/bin/true # no comment"
  interval 2.5 # s
  weight -20
}
vrrp_instance "VI_1"
{
  state MASTER
  virtual_router_id 7
  priority 150
  advert_int 0.05
  nopreempt
  preempt_delay 300
  use_vmac vrrp7
  down_timer_adverts 5
  unicast_src_ip 10.0.0.1
  unicast_peer {
    10.0.0.2 min_ttl 250
    10.0.0.3
  }
  virtual_ipaddress {
    10.0.0.100/24 brd 10.0.0.255 dev eth1 label eth1:1
    10.0.0.101
  }
  virtual_ipaddress_excluded { fd00::100/64 }
  track_script {
    web weight 10
    db
  }
  track_interface { eth2 }
}`
    const { instances, scripts, syncGroups, routerName, problems, unread } = parse(text)
    expect([problems, unread]).toEqual([[], []])
    expect(routerName).toBe('LVS_1')
    expect(scripts).toMatchObject([{ name: 'web', intervalMs: 2_500, weight: -20 }])
    expect(syncGroups).toEqual([{ name: 'G', members: ['VI_1'] }])
    expect(instances).toMatchObject([
      {
        name: 'VI_1',
        state: 'MASTER',
        interface: 'bond0',
        version: 3,
        advertMs: 50,
        preempt: false,
        preemptDelayMs: 300_000,
        downAdverts: 5,
        virtualHardware: true,
        unicastSource: '10.0.0.1',
        unicastPeers: ['10.0.0.2', '10.0.0.3'],
        syncGroup: 'G',
        addresses: [
          { address: '10.0.0.100', prefixLength: 24, interface: 'eth1', excluded: false },
          { address: '10.0.0.101', prefixLength: 32, interface: undefined, excluded: false },
          { address: 'fd00::100', prefixLength: 64, excluded: true },
        ],
        tracks: [
          { kind: 'script', name: 'web', weight: 10 },
          { kind: 'script', name: 'db', weight: undefined },
          { kind: 'interface', name: 'eth2', weight: undefined },
        ],
      },
    ])
  })

  it('of IPv6 speaks version 3 whatever else is said', () => {
    const text = 'vrrp_instance a {\n interface eth0\n version 2\n virtual_router_id 1\n virtual_ipaddress {\n fe80::1\n }\n}'
    expect(parse(text).instances).toMatchObject([{ family: 6, version: 3 }])
  })
})

describe('what is written once for several machines', () => {
  const text = `@main $PRIORITY=240
@backup $PRIORITY=200
$NET=10.0.\${THIRD}
$INSTANCE= \\
vrrp_instance VI_\${NUM} { \\
  interface eth0 \\
  virtual_router_id \${NUM} \\
  priority $PRIORITY \\
  @^main advert_int 2 \\
  virtual_ipaddress { \\
    \${NET}.\${NUM}/32 \\
  } \\
}
$THIRD=9
$NUM=1
$INSTANCE
$NUM=2
$INSTANCE
`
  it.each([
    ['main', 240, 1_000],
    ['backup', 200, 2_000],
  ])('is read as %s reads it', (configId, priority, advertMs) => {
    const { instances, problems } = parse(text, { configId })
    expect(problems).toEqual([])
    expect(instances).toMatchObject([
      { name: 'VI_1', routerId: 1, priority, advertMs, addresses: [{ address: '10.0.9.1' }] },
      { name: 'VI_2', routerId: 2, priority, advertMs, addresses: [{ address: '10.0.9.2' }] },
    ])
  })
})

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-keepalived-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('that is not there is an error that names it', () => {
    expect(() => readKeepalived(join(folder, 'missing.conf'))).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_VRRP_CONFIG', message: expect.stringContaining('missing.conf: ENOENT') }),
    )
    expect(() => readKeepalived(folder)).toThrow(
      expect.objectContaining({
        code: 'HOTSPARE_VRRP_CONFIG',
        message: expect.stringContaining(`${folder}: it is no file: give the path`),
      }),
    )
  })

  it('includes others, relative to itself and in order, and their places are theirs', () => {
    mkdirSync(join(folder, 'conf.d'))
    writeFileSync(join(folder, 'keepalived.conf'), 'include conf.d/*.conf\nincluder "nothing/*.conf"\n')
    writeFileSync(join(folder, 'conf.d', 'b.conf'), 'include more.inc\n')
    writeFileSync(join(folder, 'conf.d', 'a.conf'), instance().replace('51', '1'))
    writeFileSync(join(folder, 'conf.d', 'more.inc'), `\n${instance().replace('one', 'two')}`)
    const { instances, problems } = readKeepalived(join(folder, 'keepalived.conf'))
    expect(instances).toMatchObject([
      { name: 'one', file: join(folder, 'conf.d', 'a.conf'), line: 1 },
      { name: 'two', file: join(folder, 'conf.d', 'more.inc'), line: 2 },
    ])
    expect(problems).toMatchObject([{ line: 2, message: expect.stringContaining('nothing/*.conf') }])
  })
})

describe('whatever a file holds', () => {
  const word = fc.constantFrom(
    'vrrp_instance',
    'virtual_ipaddress',
    'authentication',
    'priority',
    '{',
    '}',
    '"',
    "'",
    '\\',
    '$A=',
    '$A',
    '${A}',
    '@x',
    '@^x',
    '#',
    '10.0.0.1',
    '\n',
    '\n',
    'include f',
    '~SEQ(A,1,9)',
    'group',
    '51',
  )

  it('is read to its end without an exception', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 300, unit: 'binary' }),
      fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
    )
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(parse(one, { configId: 'x', read: () => [{ file: 'f', text: other }] }).problems.length).toBeLessThanOrEqual(200)
      }),
      { numRuns: 500 },
    )
  })

  it('definitions that double each other end soon', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => `$A${index}=\${A${index + 1}}\${A${index + 1}}`).join('\n')
    const lines = Array.from({ length: 25 }, (_, index) => `$B${index}= \\\n $B${index + 1} \\\n $B${index + 1}`).join('\n')
    const { problems } = parse(`${doubling}\n$A40=${'x'.repeat(1_000)}\n\${A0}\n${lines}\n$B0\n`)
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['the line is too long once its definitions are put in', 'more than 200000 lines; the rest is left out']),
    )
  })
})
