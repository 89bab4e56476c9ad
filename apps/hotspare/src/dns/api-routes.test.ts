import { createClient } from '@hotspare/api/client'
import type { AnsweringSnapshot } from '@hotspare/dns/answering'
import { expect, it } from 'vitest'
import { startApi } from '../api-server.fixture.ts'
import { contextOf } from '../commands/commands.fixture.ts'
import { force } from '../commands/dns/force.ts'

const calm: AnsweringSnapshot = { records: [], healthFailure: undefined, massChange: undefined, forcedMs: undefined }
const refusing: AnsweringSnapshot = { ...calm, massChange: { withdrawn: 6, published: 10, held: 3 } }

function dnsOf(engines: readonly AnsweringSnapshot[] | undefined) {
  const calls: string[] = []
  return { calls, snapshot: () => engines, force: () => calls.push('force') > 0 }
}

it('says that there is nothing to force where no record answers at a provider', async () => {
  const { url } = await startApi()
  const answer = await fetch(`${url}/api/v1/dns/force`, { method: 'POST' })
  expect([answer.status, await answer.json()]).toEqual([409, { error: 'no record of this file answers at a provider' }])
})

it.each([
  ['another node writes', undefined, 'another node writes these records, the first of the file that is alive: say it there'],
  ['nothing is held back', [calm], 'no change is held back'],
] as const)('forces nothing where %s', async (_, engines, because) => {
  const dns = dnsOf(engines)
  const { url } = await startApi({ dns })
  expect(await createClient({ url }).forceDns()).toEqual({ ok: false, because })
  expect(dns.calls).toEqual([])
})

it('lets through what is held back, in all zones', async () => {
  const dns = dnsOf([calm, refusing])
  const { url } = await startApi({ dns })
  expect(await createClient({ url }).forceDns()).toEqual({ ok: true, because: '3 records are changed, though it is much at once' })
  expect(dns.calls).toEqual(['force'])
})

it('needs the token, as everything does', async () => {
  const dns = dnsOf([refusing])
  const { url } = await startApi({ dns, token: 'open-sesame-and-more' })
  expect((await fetch(`${url}/api/v1/dns/force`, { method: 'POST' })).status).toBe(401)
  expect(dns.calls).toEqual([])
})

it('is what `hotspare dns force` asks for, and its exit code tells whether it was done', async () => {
  const [idle, busy] = [await startApi({ dns: dnsOf([calm]) }), await startApi({ dns: dnsOf([refusing]) })]
  const [no, yes, data] = [contextOf(), contextOf(), contextOf()]
  expect([await force({ url: idle.url }, no), no.out()]).toEqual([1, 'not done: no change is held back\n'])
  expect([await force({ url: busy.url }, yes), yes.out()]).toEqual([0, 'done: 3 records are changed, though it is much at once\n'])
  expect(await force({ url: busy.url, json: true }, data)).toBe(0)
  expect(JSON.parse(data.out())).toMatchObject({ ok: true })
})
