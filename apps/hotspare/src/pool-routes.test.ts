import { describe, expect, it } from 'vitest'
import { rawRequest, startApi } from './api-server.fixture.ts'

describe('asking a pool where a key goes', () => {
  it.each([
    ['an empty key', '?key=', 400],
    ['a key that is too long', `?key=${'x'.repeat(4_097)}`, 400],
    ['two keys', '?key=a&key=b', 400],
    ['a key that is misspelt', '?kee=a', 400],
    ['a key with something beside it', '?key=a&pool=mail', 400],
  ])('refuses %s, and asks nobody', async (_what, query, status) => {
    const { url, backend } = await startApi()
    const answer = await fetch(`${url}/api/v1/pools/shop/explain${query}`)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ hint: expect.stringContaining('?key=KEY') })
    expect(backend.calls).toEqual([])
  })

  it.each(['shpo', 'constructor', '__proto__', '..%2f..%2fetc', 'shop%2Fa', '%00'])('does not know the pool %s', async (name) => {
    const { url, backend } = await startApi()
    const answer = await fetch(`${url}/api/v1/pools/${name}/explain?key=a`)
    expect(answer.status).toBe(404)
    expect(backend.calls).toEqual([])
  })

  it('changes nothing: only GET is there', async () => {
    const { url } = await startApi()
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await fetch(`${url}/api/v1/pools/shop/explain`, { method })).status).toBe(404)
  })

  it('needs the token, as everything does', async () => {
    const { url, backend } = await startApi({ token: 'open-sesame-and-more' })
    expect((await fetch(`${url}/api/v1/pools/shop/explain?key=a`)).status).toBe(401)
    expect(backend.calls).toEqual([])
  })

  it('says that the worker has not answered', async () => {
    const { url } = await startApi()
    const answer = await fetch(`${url}/api/v1/pools/mail/explain`)
    expect([answer.status, await answer.json()]).toEqual([503, { error: 'pool mail: the worker has not answered yet' }])
  })

  it.each([
    ['', undefined],
    ['?key=alice', 'alice'],
    [`?key=${encodeURIComponent('ü & / ? # \u0000 \u{1F525}')}`, 'ü & / ? # \u0000 \u{1F525}'],
    [`?key=${'x'.repeat(4_096)}`, 'x'.repeat(4_096)],
    ['?key=constructor', 'constructor'],
  ])('hands the key on as it is: %s', async (query, key) => {
    const { url, backend } = await startApi()
    expect((await fetch(`${url}/api/v1/pools/shop/explain${query}`)).status).toBe(200)
    expect(backend.calls).toEqual([`explain shop ${key}`])
  })

  it('survives bytes that are no text, and never shows a secret', async () => {
    const { port, backend, redactor, url } = await startApi()
    expect(await rawRequest(port, 'GET /api/v1/pools/shop/explain?key=%ff%fe%zz')).toMatch(/^HTTP\/1\.1 (?:200|400) /)
    redactor.add('swordfish')
    backend.because = 'swordfish'
    expect(await (await fetch(`${url}/api/v1/pools/shop/explain?key=swordfish`)).text()).not.toContain('swordfish')
  })
})

describe('the maintenance of a pool', () => {
  it.each([
    ['no number', '?forMs=soon', 400],
    ['no time at all', '?forMs=0', 400],
    ['more than a timer takes', '?forMs=2147483648', 400],
    ['what is misspelt', '?formMs=5', 400],
    ['a reason that nobody reads', `?because=${'x'.repeat(501)}`, 400],
    ['two reasons', '?because=a&because=b', 400],
  ])('is refused with %s, and nothing changes', async (_what, query, status) => {
    const { url, backend } = await startApi()
    const answer = await fetch(`${url}/api/v1/pools/shop/maintenance${query}`, { method: 'POST' })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ hint: expect.stringContaining('?because=') })
    expect(backend.calls).toEqual([])
  })

  it('is not there for a pool that is not, or where the file says otherwise, or without the token', async () => {
    const { url, backend } = await startApi()
    for (const method of ['POST', 'DELETE']) expect((await fetch(`${url}/api/v1/pools/shpo/maintenance`, { method })).status).toBe(404)
    expect(backend.calls).toEqual([])
    const fixed = await fetch(`${url}/api/v1/pools/mail/maintenance`, { method: 'DELETE' })
    expect([fixed.status, await fixed.json()]).toEqual([409, { error: 'the file says so' }])
    const closed = await startApi({ token: 'open-sesame-and-more' })
    expect((await fetch(`${closed.url}/api/v1/pools/shop/maintenance`, { method: 'POST' })).status).toBe(401)
    expect(closed.backend.calls).toEqual([])
  })

  it('is set and ended', async () => {
    const { url, backend } = await startApi()
    const path = `${url}/api/v1/pools/shop/maintenance`
    expect(await (await fetch(`${path}?because=new%20shelves&forMs=5000`, { method: 'POST' })).json()).toMatchObject({
      pool: 'shop',
      maintenance: { because: 'new shelves' },
    })
    expect(await (await fetch(path, { method: 'DELETE' })).json()).toEqual({ pool: 'shop' })
    expect(backend.calls).toEqual(['maintenance shop new shelves 5000', 'maintenance shop off'])
  })
})
