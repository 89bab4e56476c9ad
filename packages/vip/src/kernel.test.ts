import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { macOf, TestNetwork, whyNoNamespaces } from './netns.fixture.ts'

const WHY_NOT = whyNoNamespaces()
const VIP = '10.77.0.100'
const VIP6 = 'fd77::100'

/** Waits for something that must come, far beyond when it should. */
async function eventually<T>(look: () => T | Promise<T>, isIt: (value: T) => boolean, withinMs = 10_000): Promise<T> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const value = await look()
    if (isIt(value) || performance.now() > endMs) return value
    await pause(10)
  }
}

beforeEach((context) => {
  if (WHY_NOT !== undefined) context.skip(WHY_NOT)
})

describe.for(['netlink', 'commands'] as const)('the %s driver', (driver) => {
  it.for([
    { address: `${VIP}/32`, what: 'IPv4', label: 'eth0:hs' },
    { address: `${VIP6}/128`, what: 'IPv6', label: undefined },
  ])('keeps its contract with $what', async ({ address, label }) => {
    await using network = new TestNetwork('a')
    const node = network.node('a', { address, driver })
    const results = await node.call<Record<string, unknown>>('contract')
    const [text, prefixLength] = address.split('/')
    const entry = { address: text, prefixLength: Number(prefixLength), unusable: false, ...(label === undefined ? {} : { label }) }
    const seconds = (least: number, most: number) => expect.toSatisfy((value: number) => value >= least && value <= most)
    expect(results).toEqual({
      before: [],
      removedNothing: false,
      added: [{ ...entry, validSeconds: seconds(5, 7) }],
      everyone: true,
      changed: [{ ...entry, validSeconds: seconds(25, 30) }],
      forever: [entry],
      refused: 'HOTSPARE_VIP_SYSTEM',
      wrongLink: 'HOTSPARE_VIP_SYSTEM',
      removed: true,
      after: [],
    })
    expect(network.exec('a', 'nft', 'list', 'ruleset').match(/jump refuse/g)).toHaveLength(4)
  })

  it('finds a stranger, refuses, and takes the address when it is free', async () => {
    await using network = new TestNetwork('a', 'b')
    network.ip('b', 'address', 'add', `${VIP}/32`, 'dev', 'eth0')
    const node = network.node('a', { address: VIP, driver })
    await node.call('start')
    expect(
      await eventually(
        () => node.call<string>('holder'),
        (mac) => mac !== 'nobody',
      ),
    ).toBe(macOf(1))
    // A command that starts slowly may be too late once.
    const refused = await eventually(
      () => node.call('claim'),
      ({ ok }) => !ok,
    )
    expect(refused).toMatchObject({ ok: false, because: `${macOf(1)} holds ${VIP} on this network, and is none of us` })
    expect(await node.call('claim', { options: { tolerate: [macOf(1)] } })).toMatchObject({ ok: true })
    await node.call('release')
    expect(network.ip('a', '-o', 'address', 'show', 'to', VIP)).toBe('')
  })
})

describe('a process that may not', () => {
  it.for(['netlink', 'commands'] as const)('is told what it needs, and nothing breaks (%s)', async (driver) => {
    await using network = new TestNetwork('a')
    const node = network.node('a', { address: VIP, driver, without: ['net_admin', 'net_raw'] })
    await node.call('start')
    expect(await node.call('observe')).toMatchObject({ state: 'absent' })
    const outcome = await node.call('claim')
    expect(outcome).toMatchObject({ ok: false, retryable: false, because: expect.stringContaining('needs CAP_NET_ADMIN and CAP_NET_RAW') })
    expect(await node.call('release')).toMatchObject({ ok: true })
    expect(await node.call('snapshot')).toMatchObject({ held: false, driver })
    expect(node.events.map(({ type }) => type)).toContain('vip-announcer-degraded')
    await node.call('stop')
  })
})

describe('the driver that is picked', () => {
  it('is netlink, with raw frames', async () => {
    await using network = new TestNetwork('a')
    const node = network.node('a', { address: VIP, driver: 'picked' })
    await node.call('start')
    expect(await node.call('snapshot')).toMatchObject({
      driver: 'netlink',
      announcer: 'raw',
      link: { name: 'eth0', mac: macOf(0), carrier: true },
    })
    expect(node.events).toEqual([])
  })

  it('is that of the commands where koffi is missing, and says that it is less', async () => {
    await using network = new TestNetwork('a', 'client')
    const node = network.node('a', { address: VIP, driver: 'picked', koffi: false })
    await node.call('start')
    expect(await node.call('snapshot')).toMatchObject({ driver: 'commands', announcer: 'arping' })
    expect(node.events).toMatchObject([{ type: 'vip-announcer-degraded', means: 'arping' }])
    expect(await node.call('claim')).toMatchObject({ ok: true })
    expect(network.reach('client', VIP)).toBe('ECONNREFUSED')
    expect(await node.call('release')).toMatchObject({ ok: true })
  })
})

describe('announcements', () => {
  it.for([
    { what: 'IPv4', vip: VIP },
    { what: 'IPv6', vip: VIP6 },
  ])('move neighbours that have just learnt another holder ($what)', async ({ vip }) => {
    await using network = new TestNetwork('a', 'b', 'client')
    const [a, b] = [network.node('a', { address: vip }), network.node('b', { address: vip })]
    await Promise.all([a.call('start'), b.call('start')])
    expect(await a.call('claim')).toMatchObject({ ok: true })
    expect(network.reach('client', vip)).toBe('ECONNREFUSED')
    const neighbour = () => network.ip('client', 'neighbour', 'show', 'to', vip)
    expect(neighbour()).toContain(macOf(0))
    // Taken over while the former holder still has it, right after it was learnt: in the second in which Linux locks an entry.
    expect(await b.call('claim', { options: { tolerate: [macOf(0)] } })).toMatchObject({ ok: true })
    a.signal('SIGKILL')
    network.ip('a', 'link', 'set', 'eth0', 'down')
    expect(await eventually(neighbour, (text) => text.includes(macOf(1)))).toContain(macOf(1))
    expect(network.reach('client', vip)).toBe('ECONNREFUSED')
  })

  it('come as a request and as a reply that names its sender as target', async () => {
    await using network = new TestNetwork('a', 'client')
    const observer = network.spawn('client', 'tcpdump', '-l', '-n', '-e', '-xx', '-i', 'eth0', 'arp', 'and', 'ether', 'src', macOf(0))
    let seen = ''
    observer.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text))
    observer.on('error', () => {})
    await once(observer.stderr, 'data')
    const node = network.node('a', { address: VIP })
    await node.call('claim')
    await eventually(
      () => seen,
      (text) => text.includes('is-at'),
    )
    const frame = (operation: string, target: string) => `0806 0001 0800 0604 ${operation} 0200 0000 0001 0a4d 0064 ${target} 0a4d 0064`
    const bytes = seen.replaceAll(/\n\s+0x[0-9a-f]+:\s+/g, ' ').replaceAll(/ +/g, ' ')
    expect(bytes).toContain(frame('0001', '0000 0000 0000'))
    expect(bytes).toContain(frame('0002', '0200 0000 0001'))
  })

  it('answer somebody else who claims the address', async () => {
    await using network = new TestNetwork('a', 'b', 'client')
    const node = network.node('a', { address: VIP })
    await node.call('claim')
    expect(network.reach('client', VIP)).toBe('ECONNREFUSED')
    network.ip('b', 'address', 'add', `${VIP}/32`, 'dev', 'eth0')
    try {
      network.exec('b', 'arping', '-U', '-c', '1', '-w', '1', '-I', 'eth0', VIP)
    } catch {
      // It ends with 1 when nobody answers.
    }
    network.ip('b', 'address', 'delete', `${VIP}/32`, 'dev', 'eth0')
    const conflict = await eventually(
      () => node.events.find(({ type }) => type === 'vip-conflict'),
      (event) => event !== undefined,
    )
    expect(conflict).toMatchObject({ mac: macOf(1) })
    expect(
      await eventually(
        () => network.ip('client', 'neighbour', 'show', 'to', VIP),
        (text) => text.includes(macOf(0)),
      ),
    ).toContain(macOf(0))
  })
})

const SERVER = `
  import { createServer } from 'node:net'
  createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(7, '::', () => console.log('up'))
`

/** Echoes through one connection every 10 ms, and tries a new one as often; says when each last worked, and how the first ended. */
const clientOf = (vip: string) => `
  import { connect } from 'node:net'
  const now = () => Math.round(performance.timeOrigin + performance.now())
  const socket = connect(7, '${vip}')
  let echoes = 0
  let slowest = 0
  let sent = 0
  socket.on('connect', () => console.log(JSON.stringify({ connected: now() })))
  socket.on('data', () => { echoes++; slowest = Math.max(slowest, performance.now() - sent); console.log(JSON.stringify({ echo: now(), echoes, slowest })) })
  socket.on('error', (error) => console.log(JSON.stringify({ ended: error.code, at: now() })))
  setInterval(() => {
    if (!socket.destroyed) { sent = performance.now(); socket.write('x') }
    const fresh = connect(7, '${vip}')
    fresh.setTimeout(200, () => fresh.destroy())
    fresh.on('error', () => {})
    fresh.on('connect', () => { console.log(JSON.stringify({ accepted: now() })); fresh.resetAndDestroy() })
  }, 20)
`

interface ClientLine {
  readonly connected?: number
  readonly echo?: number
  readonly echoes?: number
  readonly slowest?: number
  readonly ended?: string
  readonly at?: number
  readonly accepted?: number
}

function linesOf(child: ReturnType<TestNetwork['script']>): ClientLine[] {
  const lines: ClientLine[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as ClientLine))
  return lines
}

/** How late the client's process may note what its kernel saw in time, on a busy machine. */
const OBSERVER_LATENESS_MS = 200

const wallNow = () => performance.timeOrigin + performance.now()

// Beside each other: they wait for the timers of kernels.
describe.concurrent('an address with a lifetime', () => {
  it.for([
    { signal: 'SIGKILL', vip: VIP, driver: 'netlink' },
    { signal: 'SIGSTOP', vip: VIP, driver: 'netlink' },
    { signal: 'SIGSTOP', vip: VIP6, driver: 'netlink' },
    { signal: 'SIGKILL', vip: VIP, driver: 'commands' },
  ] as const)('goes by the kernel alone after $signal ($vip, $driver)', async ({ signal, vip, driver }) => {
    await using network = new TestNetwork('a', 'client')
    const rightMs = 2_000
    const server = network.script('a', SERVER)
    await once(server.stdout, 'data')
    const node = network.node('a', { address: vip, driver, lifetimeMs: rightMs })
    await node.call('start')
    expect(await node.call('claim', { rightMs })).toMatchObject({ ok: true })
    const client = linesOf(network.script('client', clientOf(vip)))
    await eventually(
      () => client.at(-1)?.echoes ?? client.findLast(({ echoes }) => echoes !== undefined)?.echoes ?? 0,
      (echoes) => echoes > 60,
    )
    // More than one lifetime of refreshes: no connection has noticed.
    expect(client.filter(({ ended }) => ended !== undefined)).toEqual([])
    node.signal(signal)
    const stoppedAt = wallNow()
    const ended = await eventually(
      () => client.find((line) => line.ended !== undefined),
      (line) => line !== undefined,
    )
    // The established connection was reset, not left to hang.
    expect(ended?.ended).toBe('ECONNRESET')
    await pause(200)
    const lastAnswer = Math.max(...client.map(({ echo = 0, accepted = 0 }) => Math.max(echo, accepted)))
    // The right was renewed for the last time before the signal, and ends no later than this.
    expect(lastAnswer).toBeLessThanOrEqual(stoppedAt + rightMs + OBSERVER_LATENESS_MS)
    // Nor does anybody answer who asks where it is.
    network.ip('client', 'neighbour', 'flush', 'dev', 'eth0')
    expect(network.reach('client', vip)).toMatch(/^(?:silent|EHOSTUNREACH)$/)
    expect(network.ip('client', 'neighbour', 'show', 'to', vip)).not.toContain(macOf(0))
    // And then the address itself goes.
    expect(
      await eventually(
        () => network.ip('a', '-o', 'address', 'show', 'to', vip),
        (text) => text === '',
      ),
    ).toBe('')
    // One that goes on finds out, and leaves it at that; one that was killed says nothing more.
    node.signal('SIGCONT')
    const isStopped = signal === 'SIGSTOP'
    const hasTold = () => node.events.some(({ type }) => type === 'vip-expired')
    expect(await eventually(hasTold, (told) => told === isStopped)).toBe(isStopped)
    expect(network.ip('a', '-o', 'address', 'show', 'to', vip)).toBe('')
  })

  it('goes at once when its right ends, and lets its own node reach the next holder', async () => {
    await using network = new TestNetwork('a', 'b')
    const [a, b] = [network.node('a', { address: VIP, lifetimeMs: 2_000 }), network.node('b', { address: VIP, lifetimeMs: 2_000 })]
    await Promise.all([a.call('start'), b.call('start')])
    expect(await a.call('claim', { rightMs: 2_000 })).toMatchObject({ ok: true })
    expect(await b.call('claim', { rightMs: 2_000 })).toMatchObject({ ok: false })
    await a.call('end-right')
    await eventually(
      () => a.events.some(({ type }) => type === 'vip-released'),
      (told) => told,
    )
    expect(network.ip('a', '-o', 'address', 'show', 'to', VIP)).toBe('')
    expect(await b.call('claim', { rightMs: 2_000 })).toMatchObject({ ok: true })
    expect(network.reach('a', VIP)).toBe('ECONNREFUSED')
    expect(network.exec('a', 'nft', 'list', 'ruleset')).not.toContain(VIP)
  })

  it('mends its gate when somebody flushes all of nftables', async () => {
    await using network = new TestNetwork('a', 'client')
    const node = network.node('a', { address: VIP, lifetimeMs: 2_000 })
    await node.call('start')
    await node.call('claim', { rightMs: 2_000 })
    network.exec('a', 'nft', 'flush', 'ruleset')
    const alive = () => network.exec('a', 'nft', 'list', 'ruleset')
    expect(await eventually(alive, (text) => text.split(VIP).length > 4)).toContain(VIP)
    expect(network.reach('client', VIP)).toBe('ECONNREFUSED')
    await node.call('stop')
  })
})

describe('an address without a lifetime', () => {
  it('stays when the process is killed, is adopted by the next one, and swept when asked to', async () => {
    await using network = new TestNetwork('a', 'client')
    const first = network.node('a', { address: `${VIP}/32` })
    await first.call('claim')
    first.signal('SIGKILL')
    expect(network.reach('client', VIP)).toBe('ECONNREFUSED')
    const second = network.node('a', { address: `${VIP}/32` })
    await second.call('start')
    expect(await second.call('observe')).toMatchObject({ state: 'held' })
    expect(await second.call('claim')).toMatchObject({ ok: true, detail: expect.stringContaining('is ours') })
    expect(network.ip('a', '-o', 'address', 'show', 'to', VIP).trim().split('\n')).toHaveLength(1)
    second.signal('SIGKILL')
    const third = network.node('a', { address: `${VIP6}/128` })
    await third.call('claim')
    third.signal('SIGKILL')
    const fourth = network.node('a', { address: VIP })
    expect(await fourth.call('sweep')).toMatchObject({ ok: true, detail: `removed ${VIP} on eth0, ${VIP6} on eth0` })
    expect(network.ip('a', '-o', 'address', 'show', 'to', '10.77.0.1')).not.toBe('')
  })

  it('counts as held when people have put it there, in whatever prefix, and goes with a release', async () => {
    await using network = new TestNetwork('a')
    network.ip('a', 'address', 'add', `${VIP}/24`, 'dev', 'eth0')
    const node = network.node('a', { address: `${VIP}/32` })
    await node.call('start', { options: { sweep: true } })
    expect(await node.call('observe')).toMatchObject({ state: 'held' })
    expect(await node.call('claim')).toMatchObject({ ok: true })
    expect(network.ip('a', '-o', 'address', 'show', 'to', VIP).trim().split('\n')).toHaveLength(1)
    expect(await node.call('release')).toMatchObject({ ok: true })
    expect(network.ip('a', '-o', 'address', 'show', 'to', VIP)).toBe('')
  })

  it('is claimed within milliseconds once it is known that nobody has it', async () => {
    await using network = new TestNetwork('a')
    const node = network.node('a', { address: VIP })
    await node.call('start')
    await node.call('probe')
    await node.call('claim')
    await node.call('release')
    await node.call('claim', { options: { probed: true } })
    const snapshot = await node.call<{ readonly tookMs: object }>('snapshot')
    expect(snapshot.tookMs).toMatchObject({ probe: 0 })
  })
})
