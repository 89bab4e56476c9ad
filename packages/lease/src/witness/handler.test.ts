import { silentLogger } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { record, SECRET } from './witness.fixture.ts'
import { answerRequest, type WitnessContext, type WitnessRequest } from './handler.ts'
import { answerMac, encodeRead, encodeSwap, requestMac } from './protocol.ts'
import { witnessKey } from './secret.ts'
import { WitnessStore } from './store.ts'

const key = witnessKey(SECRET)
const nonce = 'AAAAAAAAAAAAAAAAAAAAAA'

function handler(write: () => Promise<void> = async () => {}) {
  const clock = new TestClock()
  const store = new WitnessStore({ records: new Map(), write, maxLeases: 1, maxWaiting: 2, logger: silentLogger })
  const counted: string[] = []
  const context: WitnessContext = {
    store,
    keys: new Map([[key.id, key]]),
    writeTimeoutMs: 5_000,
    clock,
    count: (call) => void counted.push(call),
  }
  return { answer: (request: WitnessRequest) => answerRequest(context, request), store, clock, counted }
}

function signed(path: string, body: Uint8Array, method = 'POST'): WitnessRequest {
  return { method, path, key: key.id, nonce, mac: requestMac(key, { nonce, method, path, body }), body }
}

const text = ({ body }: { readonly body: Uint8Array }) => Buffer.from(body).toString()

describe('answerRequest', () => {
  const good = signed('/v1/read', encodeRead('shop'))
  const unsigned = [
    { what: 'no key', request: { ...good, key: undefined }, failure: 'unsigned' },
    { what: 'no nonce', request: { ...good, nonce: undefined }, failure: 'unsigned' },
    { what: 'no mac', request: { ...good, mac: undefined }, failure: 'unsigned' },
    { what: 'a nonce that is too short', request: { ...good, nonce: 'AAAA' }, failure: 'unsigned' },
    { what: 'a key that nobody knows', request: { ...good, key: '2' }, failure: 'unknown-key' },
    { what: 'a key named like a method of objects', request: { ...good, key: 'constructor' }, failure: 'unknown-key' },
    { what: 'the mac of another body', request: { ...good, body: encodeRead('mail') }, failure: 'wrong-mac' },
    { what: 'the mac of another path', request: { ...good, path: '/v1/swap' }, failure: 'wrong-mac' },
    { what: 'the mac of another method', request: { ...good, method: 'GET' }, failure: 'wrong-mac' },
    { what: 'the mac of another nonce', request: { ...good, nonce: 'AAAAAAAAAAAAAAAAAAAAAQ' }, failure: 'wrong-mac' },
    { what: 'a mac that was cut', request: { ...good, mac: good.mac?.slice(1) }, failure: 'wrong-mac' },
  ]
  it.each(unsigned)('says nothing but 401 to a request with $what', async ({ request, failure }) => {
    const { answer, counted } = handler()
    expect(await answer(request)).toEqual({ status: 401, body: new Uint8Array(), failure })
    expect(counted).toEqual([])
  })

  it('answers whatever is signed with a signature of its own, and never throws', async () => {
    const { answer } = handler()
    const path = fc.constantFrom('/v1/read', '/v1/swap', '/', '/v1/read/', '/healthz')
    const name = fc.constantFrom('shop', '__proto__', 'constructor', 'toString', '', 'a\nb', 'ä', 7, null)
    const call = fc.record(
      {
        name,
        expected: fc.oneof(fc.constant(null), fc.string(), fc.integer()),
        next: fc.oneof(fc.jsonValue(), fc.constant(record()), fc.constant({ ...record(), token: -1 })),
        more: fc.jsonValue(),
      },
      { requiredKeys: ['name'] },
    )
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.json().map((any) => Buffer.from(any)),
      call.map((any) => Buffer.from(JSON.stringify(any))),
    )
    await fc.assert(
      fc.asyncProperty(path, body, async (where, bytes) => {
        const request = signed(where, bytes)
        const { status, mac, failure, body: said } = await answer(request)
        expect([200, 400, 404, 507]).toContain(status)
        expect(failure === undefined).toBe(status === 200)
        expect(mac).toBe(answerMac(key, { requestMac: request.mac ?? '', status, body: said }))
      }),
      { numRuns: 500 },
    )
  })

  const refused = [
    { what: 'another path', request: signed('/v1/delete', encodeRead('shop')), status: 404, failure: 'unknown-call' },
    { what: 'another method', request: signed('/v1/read', encodeRead('shop'), 'DELETE'), status: 404, failure: 'unknown-call' },
    { what: 'a body that is no JSON', request: signed('/v1/read', Buffer.from('{')), status: 400, failure: 'bad-body' },
    {
      what: 'a record that is none',
      request: signed('/v1/swap', encodeSwap('shop', null, { ...record(), token: 0 })),
      status: 400,
      failure: 'bad-body',
    },
  ]
  it.each(refused)('refuses $what with a reason, signed', async ({ request, status, failure }) => {
    const answer = await handler().answer(request)
    expect(answer).toMatchObject({ status, failure, mac: expect.any(String) })
    expect(JSON.parse(text(answer))).toEqual({ error: expect.any(String) })
  })

  it('refuses a creation once there are as many leases as may be', async () => {
    const { answer } = handler()
    expect(await answer(signed('/v1/swap', encodeSwap('shop', null, record())))).toMatchObject({ status: 200 })
    expect(await answer(signed('/v1/swap', encodeSwap('mail', null, record())))).toMatchObject({ status: 507, failure: 'full' })
  })

  it('a disk that hangs costs a caller its deadline, and what waited behind it is not made afterwards', async () => {
    let goOn = () => {}
    const { answer, clock, store } = handler(() => new Promise((resolve) => (goOn = resolve)))
    const first = answer(signed('/v1/swap', encodeSwap('shop', null, record())))
    await clock.advance(1)
    const second = answer(signed('/v1/swap', encodeSwap('shop', record(), record({ revision: 'instance.2' }))))
    await clock.advance(1)
    const third = answer(signed('/v1/swap', encodeSwap('shop', record(), record({ revision: 'instance.3' }))))
    await clock.advance(1)
    expect(await answer(signed('/v1/swap', encodeSwap('shop', null, record())))).toMatchObject({ status: 503, failure: 'busy' })
    await clock.advance(5_000)
    for (const late of [first, second, third]) expect(await late).toMatchObject({ status: 503, failure: 'write-failed' })
    goOn()
    await store.idle()
    expect(store.read('shop')).toEqual(record())
    expect(clock.pendingTimers).toBe(0)
  })

  it('a recorded request that is sent again changes nothing', async () => {
    const { answer, store } = handler()
    const creation = signed('/v1/swap', encodeSwap('shop', null, record()))
    const renewal = signed('/v1/swap', encodeSwap('shop', record(), record({ revision: 'instance.2' })))
    const release = signed(
      '/v1/swap',
      encodeSwap('shop', record({ revision: 'instance.2' }), record({ holder: null, revision: 'instance.3' })),
    )
    const takeover = signed('/v1/swap', encodeSwap('shop', record({ revision: 'instance.3' }), record({ token: 2, revision: 'other.1' })))
    for (const request of [creation, renewal, release, takeover]) expect(text(await answer(request))).toBe('{"swapped":true}')
    for (const request of [creation, renewal, release, takeover]) {
      expect(JSON.parse(text(await answer(request)))).toEqual({ swapped: false, current: record({ token: 2, revision: 'other.1' }) })
    }
    expect(store.read('shop')).toEqual(record({ token: 2, revision: 'other.1' }))
  })
})
