import type { ChildProcess } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '@hotspare/core'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { VipDriver } from '../driver.ts'
import { parseIpAddresses, parseIpLinks } from '../ip-json.ts'
import { keepalivedInclude } from './config.ts'
import { Keepalived } from './daemon.ts'
import type { KeepalivedResourceOptions } from './options.ts'
import { keepalivedResource } from './resource.ts'
import { memorySegment } from '../memory.ts'
import { TestNetwork, whyNoNamespaces } from '../netns.fixture.ts'
import { TestRight } from '../right.fixture.ts'
import { runCommand } from '../run-command.ts'

const ADDRESS = '10.77.0.100/32'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-keepalived-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function inMemoryDriver(): VipDriver {
  return memorySegment(systemClock).host('02:00:00:00:00:01')
}

function inMemory(folder: string, change: Partial<KeepalivedResourceOptions> = {}) {
  const keepalived = new Keepalived({ folder: join(folder, 'ours'), pidFile: join(folder, 'keepalived.pid') })
  const driver = inMemoryDriver()
  const resource = keepalivedResource(keepalived, { address: ADDRESS, interface: 'eth0', routerId: 77, driver, ...change })
  onTestFinished(() => resource.stop())
  return { resource, keepalived }
}

describe('an address that keepalived is to have', () => {
  it.for([
    [{ address: '10.0.0' }, 'address'],
    [{ routerId: 0 }, 'routerId'],
    [{ routerId: 256 }, 'routerId'],
    [{ advertIntervalMs: 15 }, 'advertIntervalMs'],
    [{ interface: 'eth0\n}\nvrrp_instance x {' }, 'interface'],
    [{ clock: {} as Clock }, 'clock'],
  ] as const)('refuses %j', ([change, key]) => {
    expect(() => inMemory('/tmp', change)).toThrow(new RegExp(`^keepalived: ${key}: `))
  })

  it('refuses a folder whose name keepalived would read as two', () => {
    expect(() => new Keepalived({ folder: '/run/a b' })).toThrow(/^keepalived: folder: /)
  })

  it('is not had where keepalived does not run, and says so', async () => {
    const { resource } = inMemory(newFolder())
    await resource.start()
    expect(await resource.acquire(new TestRight(systemClock, 60_000))).toEqual({
      ok: false,
      because: 'keepalived does not run',
      retryable: true,
    })
    expect(resource.obstacle?.()).toBe('keepalived does not run')
    expect(await resource.observe()).toMatchObject({ state: 'absent' })
    expect(await resource.release()).toMatchObject({ ok: true })
  })

  it('takes no process for keepalived that only has its number', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'keepalived.pid'), `${process.pid}\n`)
    const { resource } = inMemory(folder)
    await resource.start()
    await resource.observe()
    expect(resource.obstacle?.()).toBe('keepalived does not run')
  })

  // Each look kept a thread for files, until this process could read none any more.
  it('is not held up by a pipe in the place of its pid file', async () => {
    const folder = newFolder()
    await runCommand('mkfifo', [join(folder, 'keepalived.pid')])
    const { resource } = inMemory(folder)
    await resource.start()
    for (let look = 0; look < 6; look++) await resource.observe()
    expect(resource.obstacle?.()).toBe('keepalived does not run')
  })

  it('says what is wrong with its folder', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'ours'))
    writeFileSync(join(folder, 'ours/notify.fifo'), 'no fifo')
    const { resource } = inMemory(folder)
    await resource.start()
    expect(resource.obstacle?.()).toBe(`keepalived: ${join(folder, 'ours/notify.fifo')} is no FIFO`)
    rmSync(join(folder, 'ours'), { recursive: true })
    writeFileSync(join(folder, 'ours'), 'no folder')
    await resource.observe()
    expect(resource.obstacle?.()).toMatch(/^keepalived: .* cannot be used: /)
  })

  it('takes away what an older file has named, and what a process before has allowed', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'ours'))
    for (const [name, text] of [
      ['hotspare_10_0_0_7.conf', 'old'],
      ['hotspare_10_0_0_7.track', '0\n'],
      ['hotspare_10_77_0_100.track', '0\n'],
      ['mine.txt', 'of somebody else'],
    ] as const)
      writeFileSync(join(folder, 'ours', name), text)
    const { resource } = inMemory(folder)
    await resource.start()
    expect(readdirSync(join(folder, 'ours')).toSorted()).toEqual([
      'hotspare_10_77_0_100.conf',
      'hotspare_10_77_0_100.track',
      'mine.txt',
      'notify.fifo',
    ])
    expect(readFileSync(join(folder, 'ours/hotspare_10_77_0_100.track'), 'utf8')).toBe('1\n')
  })

  it('goes on being heard of when another one of the same keepalived is stopped', async () => {
    const folder = newFolder()
    const { resource, keepalived } = inMemory(folder)
    const other = keepalivedResource(keepalived, { address: '10.77.0.101/32', interface: 'eth0', routerId: 78, driver: inMemoryDriver() })
    await Promise.all([resource.start(), other.start()])
    await other.stop()
    // Open for both, so that nobody is waited for where nobody reads.
    const fifo = openSync(join(folder, 'ours/notify.fifo'), constants.O_RDWR | constants.O_NONBLOCK)
    onTestFinished(() => closeSync(fifo))
    writeSync(fifo, 'INSTANCE "hotspare_10_77_0_100" BACKUP 254\n')
    await expect.poll(() => keepalived.said('hotspare_10_77_0_100')).toBe('BACKUP')
  })

  it('may take whole milliseconds, which is what nodes tell each other', () => {
    for (const advertIntervalMs of [10, 100, 130, 40_950]) {
      expect(Object.values(inMemory('/tmp', { advertIntervalMs }).resource.allowedMs).every(Number.isInteger)).toBe(true)
    }
  })

  it('tells people what to type', () => {
    const { resource } = inMemory('/run/hotspare/keepalived', { interfaceOf: (node) => (node === 'b' ? 'eth1' : 'eth0') })
    const track = '/run/hotspare/keepalived/ours/hotspare_10_77_0_100.track'
    expect(resource.instruction('acquire', 'b')).toMatchObject({
      manual: [`echo 0 > ${track}`],
      verification: { command: 'ip -o address show dev eth1 to 10.77.0.100', expect: String.raw`10\.77\.0\.100/` },
    })
    expect(resource.instruction('release', 'a')).toMatchObject({ manual: [`echo 1 > ${track}`], verification: { expect: '^$' } })
  })
})

describe('with a real keepalived', () => {
  beforeEach(async (context) => {
    const why = whyNoNamespaces()
    if (why !== undefined) context.skip(why)
    const found = await runCommand('keepalived', ['--version']).catch(() => undefined)
    if (!found) context.skip('keepalived is not installed')
  })

  it('takes, hands over, releases, and outlives the death of keepalived', { timeout: 60_000 }, async () => {
    await using network = new TestNetwork('a', 'b')
    const [a, b] = [managed(network, 'a'), managed(network, 'b')]
    await Promise.all([a.resource.start(), b.resource.start()])
    // As the engine does: where keepalived is still reading its file, the first one comes too soon, and says that it may be repeated.
    const taken = { ok: true, detail: 'it is on eth0; keepalived says MASTER' }
    await expect.poll(() => a.resource.acquire(right()), { timeout: 15_000, interval: 100 }).toMatchObject(taken)
    expect(a.hasIt()).toBe(true)

    // Ready while the other one has it, and there when that lets go.
    expect(await b.resource.acquire(right())).toEqual({
      ok: true,
      detail: 'keepalived is ready, and has it when the former holder lets go',
    })
    expect(b.hasIt()).toBe(false)
    expect(await a.resource.release()).toMatchObject({ ok: true })
    expect(a.hasIt()).toBe(false)
    await expect.poll(b.hasIt, { timeout: 5_000 }).toBe(true)
    await expect.poll(async () => (await b.resource.observe()).state).toBe('held')

    // Killed as a whole, it leaves the address behind; and back, it says so again.
    b.kill()
    await expect.poll(async () => (await b.resource.observe()).state, { timeout: 5_000 }).toBe('absent')
    expect(b.resource.obstacle?.()).toBe('keepalived does not run')
    expect(b.hasIt()).toBe(true)
    expect(await b.resource.release()).toMatchObject({ ok: true })
    expect(b.hasIt()).toBe(false)
    b.launch()
    await expect.poll(async () => (await b.resource.observe(), b.resource.obstacle?.()), { timeout: 5_000 }).toBeUndefined()
    expect(await b.resource.acquire(right())).toMatchObject({ ok: true })
    expect(b.hasIt()).toBe(true)

    // A right that ends takes nothing away that serves, and what is only allowed goes with it.
    const short = right()
    expect(await a.resource.acquire(short)).toMatchObject({ ok: true, detail: expect.stringContaining('ready') as string })
    short.end()
    await expect.poll(a.track).toBe('1')
    expect(b.hasIt()).toBe(true)
  })
})

function right(): TestRight {
  return new TestRight(systemClock, 600_000)
}

/** A keepalived in a namespace, and its address in our hands. */
function managed(network: TestNetwork, host: string) {
  const folder = newFolder()
  const ours = join(folder, 'ours')
  const pidFile = join(folder, 'keepalived.pid')
  writeFileSync(join(folder, 'keepalived.conf'), keepalivedInclude(ours))
  let child: ChildProcess | undefined
  const launch = () => {
    // The process of an old one may be a zombie here, which keepalived takes for a rival.
    for (const file of [pidFile, join(folder, 'vrrp.pid')]) rmSync(file, { force: true })
    const parameters = `--dont-fork --log-console --vrrp --use-file=${folder}/keepalived.conf --pid=${pidFile} --vrrp_pid=${folder}/vrrp.pid`
    child = network.spawn(host, 'keepalived', ...parameters.split(' '))
  }
  launch()
  onTestFinished(() => void child?.kill('SIGKILL'))
  const keepalived = new Keepalived({ folder: ours, pidFile })
  const resource = keepalivedResource(keepalived, { address: ADDRESS, interface: 'eth0', routerId: 77, driver: kernelOf(network, host) })
  onTestFinished(() => resource.stop())
  return {
    resource,
    launch,
    hasIt: () => network.ip(host, 'address', 'show', 'dev', 'eth0').includes('10.77.0.100/'),
    track: () => readFileSync(join(ours, 'hotspare_10_77_0_100.track'), 'utf8').trim(),
    kill: () => {
      // The child is stopped first: it would take the address away when it lost its parent.
      const vrrp = Number(readFileSync(join(folder, 'vrrp.pid'), 'utf8'))
      process.kill(vrrp, 'SIGSTOP')
      child?.kill('SIGKILL')
      process.kill(vrrp, 'SIGKILL')
    },
  }
}

/** What is asked of a kernel, in a namespace. */
function kernelOf(network: TestNetwork, host: string): VipDriver {
  const driver: Pick<VipDriver, 'open' | 'links' | 'entries' | 'removeAddress'> = {
    open: () => Promise.resolve(),
    links: () => Promise.resolve(parseIpLinks(network.ip(host, '-j', 'link', 'show')) ?? []),
    entries: (address) => {
      const all = parseIpAddresses(network.ip(host, '-j', 'address', 'show')) ?? []
      return Promise.resolve(all.filter((entry) => entry.address === address?.text))
    },
    removeAddress: ({ address, prefixLength, link }) => {
      network.ip(host, 'address', 'delete', `${address.text}/${prefixLength}`, 'dev', link.name)
      return Promise.resolve(true)
    },
  }
  return driver as VipDriver
}
