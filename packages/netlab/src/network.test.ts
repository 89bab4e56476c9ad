import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { expect, it, onTestFinished, type TestContext } from 'vitest'
import type { Attempt } from './attempts.ts'
import { missingForNetworks } from './need.ts'
import { createNetwork, type MachineSpec, type Network } from './network.ts'
import { startClient, startService } from './programs.ts'
import { Recording } from './recording.ts'

function open<Name extends string>(context: TestContext, specs: Readonly<Record<Name, MachineSpec>>): Network<Name> {
  for (const missing of missingForNetworks('ping')) context.skip(missing)
  const network = createNetwork(specs)
  onTestFinished(() => network.remove())
  return network
}

const PING = ['-c', '1', '-W', '1'] as const

it('machines with addresses of different networks and families reach each other', (context) => {
  const { machines } = open(context, { one: { addresses: ['10.0.0.1', '2001:db8::1'] }, two: { addresses: ['172.16.3.9', 'fd00::2'] } })
  expect(machines.one.execute('ping', [...PING, '172.16.3.9'])).toContain(' 0% packet loss')
  expect(machines.one.execute('ping', [...PING, 'fd00::2'])).toContain(' 0% packet loss')
})

it('a machine that is unplugged, cut off or without power is not reached, and all of it can be mended', (context) => {
  const { machines } = open(context, { one: { interfaces: ['lan', 'wan0'] }, two: {}, three: {} })
  const { one, two, three } = machines
  const reaches = (from: typeof one, to: typeof one) => {
    try {
      from.execute('ping', [...PING, to.address])
      return true
    } catch {
      return false
    }
  }
  expect(reaches(two, one)).toBe(true)
  one.unplug()
  expect(reaches(two, one)).toBe(false)
  one.plug()
  one.cutFrom(two)
  expect([reaches(two, one), reaches(three, one)]).toEqual([false, true])
  one.mend()
  expect(reaches(two, one)).toBe(true)
  one.execute('ip', ['address', 'add', '10.77.0.99/32', 'dev', 'wan0'])
  one.powerOff()
  one.plug()
  expect(reaches(two, one)).toBe(true)
  expect(one.execute('ip', ['-brief', 'address', 'show', 'wan0'])).not.toContain('10.77.0.99')
})

// Packets of IPv6 were never lost.
it('packets of both families are lost, and after mending none is', (context) => {
  const { machines } = open(context, { one: { addresses: ['10.0.0.1', '2001:db8::1'] }, two: { addresses: ['10.0.0.2', '2001:db8::2'] } })
  const { one, two } = machines
  const addresses = ['10.0.0.2', '2001:db8::2']
  two.losePercent(100, one)
  for (const address of addresses) expect(() => one.execute('ping', [...PING, address])).toThrow(`ping ${PING.join(' ')} ${address}`)
  two.mend()
  // Who has that address is asked for once more, a second after the last time.
  for (const address of addresses) expect(one.execute('ping', ['-c', '1', '-W', '5', address])).toContain(' 0% packet loss')
})

it('leaves nothing behind where a network cannot be made', (context) => {
  for (const missing of missingForNetworks()) context.skip(missing)
  expect(() => createNetwork({ one: { interfaces: ['a name that is too long'] } })).toThrow()
  const after = createNetwork({ switchless: {} })
  onTestFinished(() => after.remove())
  expect(after.machines.switchless.execute('ip', ['netns', 'list'])).not.toContain('-one')
})

it('a client sees when a service went and when it came back, and who answered', async (context) => {
  const { machines } = open(context, { web: {}, user: {} })
  const service = startService(machines.web, { name: 'web', ports: [8080] })
  await until(() => service.output().includes('ready'))
  const file = join(machines.user.folder, 'seen.jsonl')
  startClient(machines.user, { host: machines.web.address, port: 8080, everyMs: 5, timeoutMs: 200, exchange: true, file })
  const seen = new Recording<Attempt>(file)
  const outcomes = () => new Set(seen.values().map(({ outcome }) => outcome))
  await until(() => outcomes().has('ok'))
  expect(seen.values().find(({ outcome }) => outcome === 'ok')?.node).toBe('web')
  machines.web.unplug()
  await until(() => outcomes().has('timeout'))
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10)
}
