import { createInterface } from 'node:readline'
import { systemClock } from '@hotspare/core'
import { parseVirtualAddress } from './address.ts'
import { commandsDriver } from './commands.ts'
import type { VipDriver } from './driver.ts'
import { netlinkDriver } from './netlink.ts'
import { TestRight } from './right.fixture.ts'
import { sweepAddresses } from './sweep.ts'
import { createVip } from './vip.ts'
import type { ClaimOptions } from './vip-types.ts'

/**
 * A node of a test, in a network namespace of its own: one virtual address, driven by lines of JSON
 * `{ id, call, ... }` on the standard input, and answered by `{ id, result }`. Events come as `{ event }`.
 */

interface Setup {
  readonly address: string
  readonly interface: string
  readonly driver?: 'netlink' | 'commands' | 'picked'
  readonly lifetimeMs?: number
}

interface Request {
  readonly id: number
  readonly call: string
  readonly rightMs?: number
  readonly options?: object
}

const setup = JSON.parse(process.argv[2] ?? '{}') as Setup
const { driver: driverName, ...rest } = setup
const makeDriver = (): VipDriver => (driverName === 'commands' ? commandsDriver() : netlinkDriver())
const vip = createVip({ ...rest, ...(driverName === 'picked' ? {} : { driver: makeDriver() }) })
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
vip.subscribe((event) => say({ event }))

let right: TestRight | undefined
let renewing: NodeJS.Timeout | undefined

/** Everything that a driver promises, by both of them, with the addresses of the setup. */
async function contract(): Promise<Readonly<Record<string, unknown>>> {
  const driver = makeDriver()
  const address = parseVirtualAddress(setup.address)
  if (!address) throw new Error('no address')
  await driver.open()
  await driver.open()
  const link = (await driver.links()).find(({ name }) => name === setup.interface)
  if (!link) throw new Error('no link')
  const base = { link, address, prefixLength: address.prefixLength }
  const look = async () => (await driver.entries(address)).map((entry) => ({ ...entry, linkIndex: undefined, protocol: undefined }))
  const code = async (work: () => Promise<unknown>) => {
    try {
      return await work()
    } catch (error) {
      return (error as { code?: unknown }).code
    }
  }
  const results = {
    before: await look(),
    removedNothing: await driver.removeAddress(base),
    added: (await driver.setAddress({ ...base, label: `${link.name}:hs`, validSeconds: 7 }), await look()),
    everyone: (await driver.entries()).some((entry) => entry.address === address.text),
    changed: (await driver.setAddress({ ...base, validSeconds: 30 }), await look()),
    forever: (await driver.setAddress(base), await look()),
    noGate: await code(() => driver.removeGate(address)),
    refused: await code(() => driver.openGate(address, { openMs: 1_000, keptMs: 2_000 })),
    gate:
      (await driver.prepareGate(),
      await driver.prepareGate(),
      await driver.openGate(address, { openMs: 1_000, keptMs: 2_000 }),
      await driver.openGate(address, { openMs: 1_500, keptMs: 9_000 }),
      await driver.prepareGate(),
      await driver.shutGate(address, { keptMs: 9_000 }),
      await driver.removeGate(address),
      await driver.removeGate(address)),
    wrongLink: await code(() => driver.setAddress({ ...base, link: { ...link, index: 9_999, name: 'nowhere' } })),
    removed: await driver.removeAddress(base),
    after: await look(),
  }
  await driver.close()
  await driver.close()
  return results
}

async function answer({ call, rightMs, options }: Request): Promise<unknown> {
  switch (call) {
    case 'start':
      return vip.start(options)
    case 'claim': {
      if (rightMs !== undefined) {
        const own = new TestRight(systemClock, rightMs)
        right = own
        renewing = setInterval(() => own.isValid() && own.renew(rightMs), 50)
      }
      const claim: ClaimOptions = { ...options, right }
      return vip.claim(claim)
    }
    case 'stop-renewing':
      clearInterval(renewing)
      return right?.deadlineMs
    case 'end-right':
      clearInterval(renewing)
      return right?.end()
    case 'release':
      return vip.release()
    case 'observe':
      return vip.observe()
    case 'probe':
      return vip.probe()
    case 'holder':
      return (await vip.probeHolder()) ?? 'nobody'
    case 'snapshot':
      return vip.snapshot()
    case 'sweep':
      return sweepAddresses(makeDriver(), { except: [] })
    case 'contract':
      return contract()
    case 'stop':
      clearInterval(renewing)
      return vip.stop(options)
    default:
      throw new Error(`no call ${call}`)
  }
}

say({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  answer(request).then(
    (result) => say({ id: request.id, result: result ?? null }),
    (error: unknown) => say({ id: request.id, error: String(error) }),
  )
}
