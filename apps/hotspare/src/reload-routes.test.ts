import { HotspareError } from '@hotspare/core'
import { createClient } from '@hotspare/api/client'
import { expect, it } from 'vitest'
import { startApi } from './api-server.fixture.ts'
import { contextOf } from './commands/commands.fixture.ts'
import { reload as reloadCommand } from './commands/reload.ts'

const done = { ok: true, because: 'pool shop: target c added', changes: ['pool shop: target c added'], problems: [] }
const refused = { ok: false, because: 'the file cannot be used', changes: [], problems: ['x.yaml:1:1: one', 'x.yaml:2:1: two'] }

it.each(['?restrat=true', '?restart=yes', '?restart=true&restart=false'])('does nothing for %s', async (query) => {
  const asked: boolean[] = []
  const { url } = await startApi({ reload: async ({ restart }) => (asked.push(restart), done) })
  expect((await fetch(`${url}/api/v1/reload${query}`, { method: 'POST' })).status).toBe(400)
  expect((await fetch(`${url}/api/v1/reload`)).status).toBe(404)
  expect(asked).toEqual([])
})

it('says that a daemon in one process reads no file anew', async () => {
  const { url } = await startApi()
  const answer = await fetch(`${url}/api/v1/reload`, { method: 'POST' })
  expect([answer.status, await answer.json()]).toEqual([409, { error: 'this daemon is one process, which reads no file anew' }])
})

it('needs the token, as everything does', async () => {
  const { url } = await startApi({ token: 'open-sesame-and-more', reload: async () => done })
  expect((await fetch(`${url}/api/v1/reload`, { method: 'POST' })).status).toBe(401)
})

it('says it where nobody knows what has become of it', async () => {
  const silent = new HotspareError({ code: 'HOTSPARE_CORE_TIMEOUT', message: 'no answer', retryable: true })
  const { url } = await startApi({ reload: () => Promise.reject(silent) })
  await expect(createClient({ url }).reload()).rejects.toMatchObject({ code: 'HOTSPARE_API_REFUSED', retryable: true })
})

it('asks for what the command wants, and answers with what has become of it', async () => {
  const asked: boolean[] = []
  const { url } = await startApi({ reload: async ({ restart }) => (asked.push(restart), restart ? done : refused) })
  const [good, bad, data] = [contextOf(), contextOf(), contextOf()]
  expect(await reloadCommand({ url, restart: true }, good)).toBe(0)
  expect([good.out(), good.err()]).toEqual(['pool shop: target c added\n', ''])
  expect(await reloadCommand({ url }, bad)).toBe(1)
  expect([bad.out(), bad.err()]).toEqual(['', 'hotspare: x.yaml:1:1: one\nx.yaml:2:1: two\n'])
  expect(await reloadCommand({ url, json: true }, data)).toBe(1)
  expect(JSON.parse(data.out())).toEqual(refused)
  expect(asked).toEqual([true, false, false])
})
