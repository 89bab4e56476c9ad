import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@hotspare/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bgpResource, type BgpResourceOptions } from './resource.ts'
import { memorySegment } from '../memory.ts'
import { TestNetwork, whyNoNamespaces } from '../netns.fixture.ts'
import { TestRight } from '../right.fixture.ts'
import { runCommand } from '../run-command.ts'
import { createVip } from '../vip.ts'
import type { Vip } from '../vip-types.ts'

const ADDRESS = '10.0.0.100/32'

/** A stand-in for BIRD's socket. `answer`: undefined for silence, a socket's fate for what breaks off. */
async function fakeBird(answer: (command: string, socket: Socket) => string | undefined, greeting = '0001 BIRD 2.0.12 ready.\n') {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-bird-'))
  const socket = join(folder, 'ctl')
  const commands: string[] = []
  const open = new Set<Socket>()
  const server = createServer((client) => {
    open.add(client)
    client.on('error', () => {})
    client.on('close', () => open.delete(client))
    client.write(greeting)
    client.setEncoding('utf8').on('data', (text: string) => {
      for (const command of text.split('\n').filter(Boolean)) {
        commands.push(command)
        const reply = answer(command, client)
        if (reply !== undefined) client.write(reply)
      }
    })
  })
  await new Promise<void>((listening) => server.listen(socket, listening))
  onTestFinished(async () => {
    for (const client of open) client.destroy()
    await new Promise((closed) => server.close(closed))
    rmSync(folder, { recursive: true })
  })
  return { socket, commands, open }
}

/** A well BIRD with one session, which exports the address while that is here. */
function wellBird(isHere: () => boolean, state = 'up     06:30:17.244  Established   ') {
  return (command: string): string => {
    if (command === 'restrict') return '0016 Access restricted\n'
    if (command === 'show protocols') return `1002-edge1      BGP        ---        ${state}\n0000 \n`
    if (command !== `show route ${ADDRESS} export edge1`) return '9001 syntax error\n'
    return isHere() ? `1007-Table master4:\n ${ADDRESS}        unicast [direct1 06:30:40.277] * (240)\n0000 \n` : '8001 Network not found\n'
  }
}

function hangUp(_command: string, socket: Socket): undefined {
  socket.destroy()
}

function inMemory(options: BgpResourceOptions, lifetimeMs?: number) {
  const segment = memorySegment(systemClock)
  const host = segment.host('02:00:00:00:00:01')
  const vip = createVip({ address: ADDRESS, interface: 'eth0', driver: host, clock: systemClock, lifetimeMs })
  onTestFinished(() => vip.stop())
  return {
    vip,
    resource: bgpResource(vip, { timeoutMs: 20_000, exportWaitMs: 100, ...options }),
    isHere: (): boolean => segment.holders('10.0.0.100').length > 0,
  }
}

describe('an address that BIRD announces', () => {
  it.for([
    [{ socket: 'bird.ctl' }, 'socket'],
    [{ sessions: ['edge1; down all'] }, 'sessions'],
    [{ sessions: ['a', 'a'] }, 'sessions'],
    [{ sessions: ['a'], minEstablished: 2 }, 'minEstablished'],
  ] as const)('refuses %j', ([options, key]) => {
    expect(() => inMemory(options)).toThrow(new RegExp(`^bird: .*${key}`))
  })

  it('is not taken where BIRD does not run, and says so', async () => {
    const { resource, isHere } = inMemory({ socket: '/nonexistent/bird.ctl' })
    const outcome = await resource.acquire(new TestRight(systemClock, 60_000))
    expect(outcome).toEqual({ ok: false, because: 'BIRD at /nonexistent/bird.ctl: BIRD does not run', retryable: true })
    expect(isHere()).toBe(false)
    expect(resource.obstacle?.()).toContain('BIRD does not run')
  })

  it.for([
    ['is no BIRD', () => '0000 \n', 'HTTP/1.1 200 OK\n', 'it does not speak as BIRD does'],
    ['greets wrongly', () => '0000 \n', '0002 hello\n', 'it does not greet as BIRD does'],
    ['answers twice', () => '0016 \n0016 \n', undefined, 'it answers what was not asked'],
    ['cannot be restricted', () => '9001 syntax error\n', undefined, 'it cannot be told that we only look'],
    ['never ends', () => '1002-x\n'.repeat(40_000), undefined, 'it answers with more than'],
    ['hangs up', hangUp, undefined, 'it has closed the connection'],
  ] as const)('is not taken where what listens %s', async ([, answer, greeting, because]) => {
    const { socket } = await fakeBird(answer, greeting)
    const { resource, isHere } = inMemory({ socket })
    const outcome = await resource.acquire(new TestRight(systemClock, 60_000))
    expect(outcome).toMatchObject({ ok: false, because: expect.stringContaining(because) as string, retryable: true })
    expect(isHere()).toBe(false)
  })

  it('is not moved for a BIRD that is only slow, but nobody knows how it stands then', async () => {
    const { socket, open } = await fakeBird(() => undefined)
    const { resource } = inMemory({ socket, timeoutMs: 50 })
    expect(await resource.acquire(new TestRight(systemClock, 60_000))).toMatchObject({ ok: false })
    expect(resource.obstacle?.()).toBeUndefined()
    // A look that was given up leaves no connection behind.
    await expect.poll(() => open.size).toBe(0)
  })

  it('is not taken where too few sessions are established', async () => {
    const { socket } = await fakeBird(wellBird(() => true, 'start  06:30:13.093  Active        Socket: Connection refused'))
    const { resource, isHere } = inMemory({ socket })
    const because = '0 sessions with routers are established, and 1 are needed: edge1 is Active Socket: Connection refused'
    expect(await resource.acquire(new TestRight(systemClock, 60_000))).toEqual({ ok: false, because, retryable: true })
    expect(resource.obstacle?.()).toBe(because)
    expect(isHere()).toBe(false)
  })

  it('is not held while the export filter keeps it back, until the right is gone', async () => {
    const { socket } = await fakeBird(wellBird(() => false))
    const { resource } = inMemory({ socket })
    const right = new TestRight(systemClock, 60_000)
    const outcome = await resource.acquire(right)
    expect(outcome).toMatchObject({ ok: false, because: expect.stringContaining('does the export filter let it pass?') as string })
    expect(await resource.observe()).toMatchObject({ state: 'absent' })
    // From here on it has to be let go of, announced or not.
    right.end()
    expect(await resource.observe()).toMatchObject({ state: 'held' })
  })

  it('is acquired, seen and released, and BIRD is only ever looked at', async () => {
    const { socket, commands } = await fakeBird((command) => wellBird(() => isHere())(command))
    const { resource, isHere } = inMemory({ socket })
    expect(await resource.observe()).toMatchObject({ state: 'absent' })
    expect(await resource.acquire(new TestRight(systemClock, 60_000))).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^10\.0\.0\.100\/32 is announced to edge1 after \d+ ms$/) as string,
    })
    expect(await resource.observe()).toMatchObject({ state: 'held', because: 'it is announced to edge1' })
    expect(await resource.release()).toMatchObject({ ok: true })
    expect(await resource.observe()).toMatchObject({ state: 'absent' })
    expect(new Set(commands)).toEqual(new Set(['restrict', 'show protocols', `show route ${ADDRESS} export edge1`]))
    expect(commands[0]).toBe('restrict')
  })

  it('tells people the commands without ARP, and how to see the route', () => {
    const { resource } = inMemory({ sessions: ['edge1'] })
    const { manual, verification } = resource.instruction('acquire', 'web-1')
    expect(manual).toEqual(['ip address add 10.0.0.100/32 dev eth0'])
    expect(verification).toEqual({
      command: `birdc "show route 10.0.0.100/32 export 'edge1'"`,
      expect: String.raw`10\.0\.0\.100/32 `,
    })
    expect(resource.instruction('release', 'web-1').manual).toEqual(['ip address delete 10.0.0.100/32 dev eth0'])
  })
})

describe('with a real BIRD', () => {
  it('sees sessions come up, the route go out, and BIRD die and come back', { timeout: 60_000 }, async (context) => {
    const why = whyNoNamespaces()
    if (why !== undefined) context.skip(why)
    const hasBird = await runCommand('bird', ['--version']).catch(() => undefined)
    if (!hasBird) context.skip('bird is not installed')
    await using network = new TestNetwork('router', 'node')
    const folder = mkdtempSync(join(tmpdir(), 'hotspare-bird-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const start = (host: string, text: string) => {
      const file = join(folder, `${host}.conf`)
      writeFileSync(file, text)
      return network.spawn(host, 'bird', '-f', '-c', file, '-s', join(folder, `${host}.ctl`), '-P', join(folder, `${host}.pid`))
    }
    const quick = 'connect delay time 1; connect retry time 1; error wait time 1, 1; hold time 3;'
    start(
      'router',
      `router id 10.77.0.1; protocol device {}
protocol kernel { ipv4 { export all; }; }
protocol bgp node { local 10.77.0.1 as 65000; neighbor 10.77.0.2 as 65001; ${quick} ipv4 { import all; export none; }; }`,
    )
    const nodeFile = `router id 10.77.0.2; protocol device {} protocol direct { interface "lo"; ipv4; }
protocol bgp 'to-the.edge' { local 10.77.0.2 as 65001; neighbor 10.77.0.1 as 65000; ${quick}
  ipv4 { import none; export where net = ${ADDRESS} && source = RTS_DEVICE; }; }`
    const bird = start('node', nodeFile)
    const vip = kernelVip(network)
    const resource = bgpResource(vip, { socket: join(folder, 'node.ctl'), sessions: ['to-the.edge'] })
    const right = new TestRight(systemClock, 600_000)
    const routes = () => network.ip('router', 'route')

    const first = await resource.acquire(right)
    expect(first.ok).toBe(false)
    await expect.poll(async () => (await resource.observe(), resource.obstacle?.()), { timeout: 20_000 }).toBeUndefined()
    expect(await resource.acquire(right)).toMatchObject({ ok: true })
    await expect.poll(routes, { timeout: 5_000 }).toContain('10.0.0.100 via 10.77.0.2')

    bird.kill('SIGKILL')
    await expect.poll(routes, { timeout: 10_000 }).not.toContain('10.0.0.100')
    expect(await resource.observe()).toMatchObject({ state: 'unknown' })
    expect(resource.obstacle?.()).toContain('BIRD does not run')
    start('node', nodeFile)
    await expect.poll(async () => (await resource.observe()).state, { timeout: 20_000 }).toBe('held')
    await expect.poll(routes, { timeout: 5_000 }).toContain('10.0.0.100 via 10.77.0.2')

    expect(await resource.release()).toMatchObject({ ok: true })
    await expect.poll(routes, { timeout: 5_000 }).not.toContain('10.0.0.100')
  })
})

/** The address of a namespace's kernel, by commands. */
function kernelVip(network: TestNetwork): Vip {
  const vip: Partial<Vip> = {
    address: ADDRESS,
    interface: 'lo',
    obstacle: () => undefined,
    verdict: () => ({ state: 'held', since: 0, because: 'it is on lo' }),
    observe: () => {
      const isHere = network.ip('node', 'address', 'show', 'dev', 'lo').includes('10.0.0.100')
      return Promise.resolve({ state: isHere ? 'held' : 'absent', since: 0, because: `it is ${isHere ? '' : 'not '}on lo` })
    },
    claim: () => {
      network.ip('node', 'address', 'replace', ADDRESS, 'dev', 'lo')
      return Promise.resolve({ ok: true, detail: 'added' })
    },
    release: () => {
      network.ip('node', 'address', 'delete', ADDRESS, 'dev', 'lo')
      return Promise.resolve({ ok: true, detail: 'removed' })
    },
  }
  return vip as Vip
}
