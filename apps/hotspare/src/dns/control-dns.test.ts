import { setTimeout as sleep } from 'node:timers/promises'
import { Resolver } from 'node:dns/promises'
import { errorCode, silentLogger, systemClock, systemRandom, type TargetState } from '@hotspare/core'
import { hasBind, startBind } from '@hotspare/dns-wire/testing'
import { expect, it, onTestFinished } from 'vitest'
import { parseConfig } from '../config/load.ts'
import { until } from '../e2e/processes.fixture.ts'
import { openControlDns } from './control-dns.ts'

const ZONE = 'example.test'
const KEY = { name: 'hotspare', algorithm: 'hmac-sha256', secret: 'c2VudGluZWwtb2YtdGhlLXRzaWcta2V5LTUxZDA=' } as const
/** Longer than a change takes, by far. */
const QUIET_MS = 150

async function configured(records: string, port = 53) {
  const { config } = await parseConfig(
    `
node: one
pools:
  shop:
    targets: [{ name: a, url: "http://192.0.2.11" }, { name: b, url: "http://192.0.2.12" }]
    health: { type: tcp }
dns:
  server: { listen: "127.0.0.1:5353", zones: { ${ZONE}: { nameServers: [ns.${ZONE}] } } }
  providers: { main: { type: rfc2136, server: { address: 127.0.0.1, port: ${port} }, key: { name: hotspare, algorithm: hmac-sha256, secret: "${KEY.secret}" } } }
  records: [${records}]
`,
    { file: 'h.yaml', env: {}, hostname: 'one' },
  )
  if (!config.dns) throw new Error('it has records')
  return config.dns
}

async function opened({ isWriter }: { readonly isWriter: boolean }) {
  const bind = await startBind({ zones: [{ name: ZONE }], keys: [KEY] })
  onTestFinished(() => bind.stop())
  const dns = await configured(
    `{ provider: main, zone: ${ZONE}, name: www, answers: shop, ttl: 1s, holdDown: 0s, verify: false }`,
    bind.port,
  )
  const states = new Map<string, TargetState>(dns.records.flatMap(({ targets }) => targets.map(({ id }) => [id, 'up'] as const)))
  const control = openControlDns({
    dns,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    stateOf: (id) => states.get(id),
    told: () => {},
    isWriter,
  })
  if (!control) throw new Error('it has records')
  onTestFinished(() => control.stop())
  const resolver = new Resolver({ timeout: 1_000, tries: 3 })
  resolver.setServers([`127.0.0.1:${bind.port}`])
  const ask = () =>
    resolver.resolve4(`www.${ZONE}`).then(
      (values) => values.toSorted().join(),
      (error: unknown) => errorCode(error),
    )
  const set = (name: 'a' | 'b', state: TargetState) => {
    states.set(`shop/${name}`, state)
    control.report(`shop/${name}`, state)
  }
  return { control, ask, set }
}

const BOTH = '192.0.2.11,192.0.2.12'

it('a file whose records only its own server has needs none', async () => {
  const dns = await configured(`{ provider: embedded, zone: ${ZONE}, name: www, answers: shop }`)
  const rest = { clock: systemClock, random: systemRandom, logger: silentLogger, stateOf: () => undefined, told: () => {}, isWriter: true }
  expect(openControlDns({ dns, ...rest })).toBeUndefined()
})

// What failed once was waited for by all that came after: nothing was let go of any more.
it('one that cannot begin says so to whoever starts it, and can be stopped all the same', async () => {
  const dns = await configured(`{ provider: main, zone: ${ZONE}, name: www, answers: shop }`)
  const broken = dns.providers.flatMap((each) => (each.type === 'rfc2136' ? [{ ...each, options: { server: 'no address' } }] : []))
  const rest = { clock: systemClock, random: systemRandom, logger: silentLogger, stateOf: () => undefined, told: () => {} }
  const control = openControlDns({ dns: { ...dns, providers: broken }, ...rest, isWriter: true })
  await expect(control?.start()).rejects.toThrow(/server/)
  await control?.stop()
  expect(control?.snapshot()).toBeUndefined()
})

it.skipIf(!hasBind())('a node that does not write changes nothing, and says so, until the one that wrote is gone', async () => {
  const { control, ask, set } = await opened({ isWriter: false })
  await control.start()
  set('b', 'down')
  await sleep(QUIET_MS)
  expect(await ask()).toBe('ENOTFOUND')
  expect(control.snapshot()).toBeUndefined()
  expect(control.force()).toBe(false)

  // It begins with what it has learnt meanwhile.
  control.setWriter(true)
  await until(async () => (await ask()) === '192.0.2.11', 'it writes what is up')
  expect(control.snapshot()).toHaveLength(1)
  expect(control.force()).toBe(true)
})

it.skipIf(!hasBind())('a node that gives the writing up leaves the records, and writes them again when it comes back', async () => {
  const { control, ask, set } = await opened({ isWriter: true })
  await control.start()
  await until(async () => (await ask()) === BOTH, 'the record is made')
  control.setWriter(false)
  await until(() => control.snapshot() === undefined, 'it has stopped')
  set('a', 'down')
  await sleep(QUIET_MS)
  expect(await ask()).toBe(BOTH)

  // To and fro within one turn: the last word counts.
  control.setWriter(true)
  control.setWriter(false)
  control.setWriter(true)
  await until(async () => (await ask()) === '192.0.2.12', 'it writes again')
})

it.skipIf(!hasBind())('one that has stopped writes no more, whoever else is gone, and leaves the record', async () => {
  const { control, ask, set } = await opened({ isWriter: true })
  await control.start()
  await until(async () => (await ask()) === BOTH, 'the record is made')
  await control.stop()
  control.setWriter(false)
  control.setWriter(true)
  set('a', 'down')
  await sleep(QUIET_MS)
  expect(await ask()).toBe(BOTH)
  expect(control.snapshot()).toBeUndefined()
  await control.stop()
})
