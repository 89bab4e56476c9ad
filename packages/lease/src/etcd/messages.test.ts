import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rangeRequest, readRange, readReply, readSwap, readToken, swapRequest } from './messages.ts'

const header = { cluster_id: '42', member_id: '7', revision: '3', raft_term: '2' }
const kv = { key: btoa('k'), create_revision: '2', mod_revision: '2', version: '1', value: btoa('v') }
const bytes = Buffer.from('v')

function readBody(status: number, text: string): unknown {
  const answer = readReply(status, text)
  return answer.ok ? answer.body : undefined
}

function outcome(read: () => unknown): string {
  try {
    return `answer: ${typeof read()}`
  } catch (error) {
    return (error as Error).message
  }
}

describe('answers of etcd', () => {
  const notRange: readonly unknown[] = [
    undefined,
    null,
    [],
    {},
    { kvs: [] },
    { header: {} },
    { header: { ...header, revision: 3 } },
    { header, kvs: [kv, kv] },
    { header, kvs: [{ ...kv, value: 'no base64!' }] },
    { header, kvs: [{ ...kv, key: btoa('other') }] },
    { header, kvs: 'none' },
  ]
  it.for(notRange.map((body) => [JSON.stringify(body) ?? 'undefined', body] as const))('%s is no answer to a range', ([, body]) => {
    expect(() => readRange(body, 'k')).toThrow(/the answer is/)
  })

  const notSwap: readonly unknown[] = [
    {},
    { succeeded: true },
    { header, succeeded: true },
    { header, succeeded: true, responses: [] },
    { header, succeeded: true, responses: [{ response_range: {} }] },
    { header, responses: [{ response_put: {} }] },
    { header, succeeded: 'true', responses: [{ response_put: {} }] },
    { header, succeeded: false, responses: [{ response_range: { kvs: [{ ...kv, key: btoa('other') }] } }] },
  ]
  it.for(notSwap.map((body) => [JSON.stringify(body), body] as const))('%s is no answer to a swap', ([, body]) => {
    expect(() => readSwap(body, 'k')).toThrow(/the answer is/)
  })

  it('are read without the fields that the gateway leaves out because they are zero', () => {
    expect(readRange({ header }, 'k')).toEqual({ clusterId: '42', value: null })
    expect(readRange({ header, kvs: [{ ...kv, value: undefined }] }, 'k').value).toEqual(Buffer.alloc(0))
    expect(readSwap({ header, responses: [{ response_range: {} }] }, 'k').value).toEqual({ swapped: false, found: null })
  })

  it('are read with fields that a later version adds', () => {
    expect(readRange({ header: { ...header, more: 1 }, kvs: [{ ...kv, lease: '0' }], count: '1', more: {} }, 'k').value).toEqual(bytes)
    const succeeded = { header, succeeded: true, responses: [{ response_put: { header } }], more: 1 }
    expect(readSwap(succeeded, 'k')).toEqual({ clusterId: '42', value: { swapped: true } })
    const failed = { header, succeeded: false, responses: [{ response_range: { kvs: [kv] } }] }
    expect(readSwap(failed, 'k').value).toEqual({ swapped: false, found: bytes })
  })

  it('never crash their reader with anything but an error of its own, and mean something only when they are whole', () => {
    const whole = [
      { header, kvs: [kv], count: '1' },
      { header, succeeded: true, responses: [{ response_put: { header: { revision: '3' } } }] },
      { header, responses: [{ response_range: { header: { revision: '3' }, kvs: [kv] } }] },
    ].map((body) => JSON.stringify(body))
    const cut = fc.tuple(fc.constantFrom(...whole), fc.nat(300)).map(([text, at]) => text.slice(0, at))
    const changed = fc
      .tuple(fc.constantFrom(...whole), fc.nat(300), fc.string({ maxLength: 3 }))
      .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1))
    const anything = fc.oneof(cut, changed, fc.json(), fc.string())
    fc.assert(
      fc.property(anything, fc.integer({ min: 100, max: 599 }), (text, status) => {
        for (const read of [readRange, readSwap, readToken]) {
          expect(outcome(() => read(readBody(status, text), 'k'))).toMatch(/^(?:answer|the answer is)/)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('replies of the gateway', () => {
  const rows: readonly { status: number; text: string; code: number | undefined }[] = [
    { status: 401, text: '{"error":"etcdserver: invalid auth token","message":"etcdserver: invalid auth token","code":16}', code: 16 },
    { status: 400, text: '{"code":3,"message":"etcdserver: user name is empty","details":[]}', code: 3 },
    { status: 503, text: '{"error":"etcdserver: no leader","code":14}', code: 14 },
    { status: 401, text: 'log in first', code: 16 },
    { status: 403, text: '<html>', code: 7 },
    { status: 502, text: 'Bad Gateway', code: undefined },
    { status: 302, text: '', code: undefined },
    { status: 404, text: '{"code":"5"}', code: undefined },
  ]
  it.for(rows)('are sorted by their code, and by their status where there is none: $status $text', ({ status, text, code }) => {
    expect(readReply(status, text)).toMatchObject({ ok: false, code })
  })
})

describe('requests to etcd', () => {
  it('bear keys and values in base64, and int64 as text', () => {
    expect(rangeRequest('k')).toEqual({ key: 'aw==' })
    expect(swapRequest('k', null, bytes)).toEqual({
      compare: [{ key: 'aw==', target: 'CREATE', result: 'EQUAL', create_revision: '0' }],
      success: [{ request_put: { key: 'aw==', value: 'dg==' } }],
      failure: [{ request_range: { key: 'aw==' } }],
    })
    expect(swapRequest('k', bytes, bytes)).toMatchObject({ compare: [{ target: 'VALUE', value: 'dg==' }] })
  })
})
