import type { CloudAnswer } from '@hotspare/cloud'
import { describe, expect, it } from 'vitest'
import { complaintOf, wasOvertaken } from './complaints.ts'

function answer(status: number, ...codes: readonly number[]): CloudAnswer {
  const errors = codes.map((code) => ({ code, message: `text ${code}` }))
  return { status, text: JSON.stringify({ success: false, errors, result: null }), header: () => undefined }
}

describe('complaintOf', () => {
  it.each([
    ['a page of somebody in between', { status: 502, text: '<html>', header: () => undefined }, {}],
    ['a token that is none', answer(400, 6003), { fault: 'credentials', code: '6003' }],
    ['a token that may not', answer(403, 9109), { fault: 'credentials' }],
    ['a limit without a time, which lasts five minutes', answer(429, 10_429), { retryAfterMs: 300_000 }],
    ['a limit by its code', answer(400, 971), { fault: 'limited', retryAfterMs: 300_000 }],
    ['something else', answer(400, 9_005), { code: '9005', message: 'text 9005' }],
  ] as const)('reads %s', (_, failed, expected) => {
    expect(complaintOf(failed)).toMatchObject(expected)
  })
})

describe('wasOvertaken', () => {
  it.each([
    ['a server that fails', answer(500, 81_044), false],
    ['a record that cannot be', answer(400, 9_005), false],
    ['a page of somebody in between', { status: 404, text: 'not here', header: () => undefined }, false],
    ['a record that has gone', answer(404, 81_044), true],
    ['a record that has come', answer(400, 81_058), true],
  ] as const)('judges %s', (_, failed, expected) => {
    expect(wasOvertaken(failed)).toBe(expected)
  })
})
