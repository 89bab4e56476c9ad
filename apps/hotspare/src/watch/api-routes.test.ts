import { createClient } from '@hotspare/api/client'
import { describe, expect, it } from 'vitest'
import { startApi } from '../api-server.fixture.ts'

async function ask(url: string, method = 'GET', body?: string): Promise<readonly [status: number, answer: unknown]> {
  const answer = await fetch(url, { method, ...(body === undefined ? {} : { body }) })
  return [answer.status, await answer.json()]
}

describe('a report', () => {
  it.each([
    ['without an outcome', ''],
    ['of an outcome that there is not', '?outcome=fine'],
    ['with a word too many', '?outcome=pass&details=x'],
    ['with an empty detail', '?outcome=pass&detail=%20'],
    ['with a measure that is no number', '?outcome=pass&measure=rows:many'],
    ['with a measure without a name', '?outcome=pass&measure=312'],
  ])('%s is refused, and changes nothing', async (_what, query) => {
    const { url, watch } = await startApi()
    expect(await ask(`${url}/api/v1/checks/backup/report${query}`, 'POST')).toMatchObject([400, { error: expect.stringMatching(/./) }])
    expect(watch.reports).toEqual([])
  })

  it('in a body is refused rather than passed over', async () => {
    const { url } = await startApi()
    const answer = await ask(`${url}/api/v1/checks/backup/report?outcome=pass`, 'POST', '{"outcome":"fail"}')
    expect(answer).toEqual([400, { error: 'a body is not read here', hint: expect.stringContaining('?outcome=pass') }])
  })

  it('to a check that there is not, or that looks for itself, says so', async () => {
    const { url } = await startApi()
    expect(await ask(`${url}/api/v1/checks/backupp/report?outcome=pass`, 'POST')).toEqual([
      404,
      { error: 'there is no check "backupp"', hint: 'did you mean "backup"?' },
    ])
    expect(await ask(`${url}/api/v1/checks/switch/report?outcome=pass`, 'POST')).toEqual([409, { error: 'check switch is of type tcp' }])
  })

  it('needs the token, as everything does that changes something', async () => {
    const { url, watch } = await startApi({ token: 'open-sesame-and-more' })
    expect((await ask(`${url}/api/v1/checks/backup/report?outcome=pass`, 'POST'))[0]).toBe(401)
    expect(watch.reports).toEqual([])
  })

  it('arrives with what it says', async () => {
    const { url, watch } = await startApi()
    const client = createClient({ url })
    const measures = { 'rows-count': 312, 'took-seconds': 1.5e-7 }
    expect(await client.report('backup', { outcome: 'degraded', detail: 'a & b', measures })).toMatchObject({ name: 'backup' })
    await client.report('backup', { outcome: 'pass' })
    expect(watch.reports).toEqual([
      ['backup', { outcome: 'degraded', detail: 'a & b', measures }],
      ['backup', { outcome: 'pass', detail: undefined, measures: {} }],
    ])
  })
})

describe('what is asked of checks and services', () => {
  it('is answered, or what there is is named', async () => {
    const { url, watch } = await startApi()
    const client = createClient({ url })
    expect(await client.checks()).toEqual({ checks: watch.checks() })
    expect(await client.explainCheck('switch')).toMatchObject({ check: { name: 'switch' }, text: ['switch is up'] })
    expect(await client.explainService('shop-entry')).toMatchObject({ service: 'shop-entry' })
    await expect(client.explainCheck('swich')).rejects.toThrow('did you mean "switch"?')
    await expect(client.explainService('x')).rejects.toThrow('this node looks at no service "x": services: shop-entry')
  })
})
