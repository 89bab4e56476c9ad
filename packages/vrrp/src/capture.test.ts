import { execFileSync, spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileURLToPath } from 'node:url'
import { createCapture } from './capture.ts'
import { bytesOf, keepalivedFrames } from './frames.fixture.ts'

const ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
const FIXTURE = fileURLToPath(new URL('capture.process.fixture.ts', import.meta.url))
const names = ['one', 'two'].map((name) => `hsvrrp-${process.pid}-${name}`)
const [one = '', two = ''] = names

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need root on Linux'
  try {
    run('setpriv', '--version')
    run('ip', 'netns', 'add', `${one}-probe`)
    run('ip', 'netns', 'delete', `${one}-probe`)
    return undefined
  } catch {
    return 'network namespaces cannot be made here, or setpriv is missing'
  }
}

/** Runs the fixture, which captures until its input ends. @returns its lines */
function capture(
  namespace: string,
  script: readonly object[],
  wrapper: readonly string[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const command = [
    'netns',
    'exec',
    namespace,
    ...wrapper,
    process.execPath,
    '--conditions=@hotspare/source',
    FIXTURE,
    JSON.stringify(script),
  ]
  const child = spawn('ip', command, { env: ENV, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (text) => (output += String(text)))
  return new Promise((resolve) =>
    child.once('close', () =>
      resolve(
        output
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    ),
  )
}

it('an interface that is not there is an error that names it, and so is a name that is none', async () => {
  for (const name of ['nowhere0', '../../etc'])
    await expect(createCapture({ interface: name, onHeard: () => {} }).start()).rejects.toThrow(
      expect.objectContaining({ code: 'HOTSPARE_VRRP_INTERFACE', message: expect.stringContaining(name) }),
    )
})

it.each([
  [{ addresses: ['10.0.0.100', '10.0.0'] }, 'addresses.1'],
  [{ lookEveryMs: 0 }, 'lookEveryMs'],
  [{ onHeard: undefined as never }, 'onHeard'],
  [{ clock: {} as never }, 'clock'],
  [{ address: '10.0.0.100' }, 'address'],
])('refuses %j', (change, key) => {
  expect(() => createCapture({ interface: 'eth0', onHeard: () => {}, ...change })).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_VRRP_OPTIONS', message: expect.stringContaining(key) }),
  )
})

it('may be started again when its start has failed', async () => {
  const made = createCapture({ interface: 'nowhere0', onHeard: () => {} })
  const first = made.start()
  await expect(first).rejects.toThrow('nowhere0')
  const second = made.start()
  expect(second).not.toBe(first)
  await expect(second).rejects.toThrow('nowhere0')
})

const reason = whyNot()
describe('between two namespaces', () => {
  beforeAll(() => {
    if (reason !== undefined) return
    for (const name of names) run('ip', 'netns', 'add', name)
    run('ip', '-n', one, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', two)
    for (const [index, name] of names.entries()) {
      run('ip', '-n', name, 'link', 'set', 'eth0', 'address', `02:00:00:00:00:0${index + 1}`, 'up')
      run('ip', '-n', name, 'address', 'add', `10.78.0.${index + 1}/24`, 'dev', 'eth0')
      run('ip', '-n', name, 'address', 'add', `fd78::${index + 1}/64`, 'dev', 'eth0', 'nodad')
    }
    run('ip', '-n', two, 'address', 'add', '10.78.0.100/32', 'dev', 'eth0')
    run('ip', '-n', two, 'address', 'add', 'fd78::100/128', 'dev', 'eth0', 'nodad')
  })
  afterAll(() => {
    if (reason === undefined) for (const name of names) run('ip', 'netns', 'delete', name)
  })

  it('without CAP_NET_RAW it says what is missing', async (context) => {
    if (reason !== undefined) context.skip(reason)
    const [line] = await capture(one, [], ['setpriv', '--bounding-set', '-net_raw', '--inh-caps', '-net_raw'])
    expect(line).toMatchObject({ code: 'HOTSPARE_VRRP_PERMISSION', message: expect.stringContaining('CAP_NET_RAW') })
  })

  it('with CAP_NET_RAW alone it hears adverts of both directions with their times, and who has an address, once asked', async (context) => {
    if (reason !== undefined) context.skip(reason)
    const advert = Buffer.from(bytesOf(keepalivedFrames.version3)).toString('hex')
    const only = ['setpriv', '--bounding-set', '-all,+net_raw', '--inh-caps', '-all']
    const lines = await capture(
      one,
      [
        { sleep: 100 },
        { send: advert },
        { sleep: 50 },
        { send: advert },
        { ask: '10.78.0.100' },
        { ask: 'fd78::100' },
        { ask: '10.78.0.77' },
        { sleep: 500 },
      ],
      only,
    )
    expect(lines.filter(({ type }) => type === 'advert')).toMatchObject([{ routerId: 53 }, { routerId: 53 }])
    const [first, second] = lines.filter(({ type }) => type === 'advert').map(({ atMs }) => Number(atMs))
    // The kernel's stamps, and not those of a look each 20 ms: the pause is in them, to a millisecond of a timer.
    expect(Number(second) - Number(first)).toBeGreaterThan(45)
    expect(lines.filter(({ type }) => type === 'claim').map(({ address, hardware }) => [address, hardware])).toEqual([
      ['10.78.0.100', '02:00:00:00:00:02'],
      ['fd78::100', '02:00:00:00:00:02'],
    ])
  })
})
