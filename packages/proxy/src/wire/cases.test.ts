import { describe, expect, it } from 'vitest'
import { readRequests, readResponses, verdictOf } from './messages.fixture.ts'
import { requestCases } from './request-cases.fixture.ts'
import { responseCases } from './response-cases.fixture.ts'

describe('a request with', () => {
  it.each(requestCases)('$name: $verdict', ({ bytes, verdict }) => {
    expect(verdictOf(readRequests([Buffer.from(bytes, 'latin1')]))).toBe(verdict)
  })

  it.each(requestCases)('$name is read the same byte by byte', ({ bytes }) => {
    expect(readRequests(singly(bytes))).toEqual(readRequests([Buffer.from(bytes, 'latin1')]))
  })
})

describe('an answer with', () => {
  it.each(responseCases)('$name: $verdict', ({ bytes, verdict, asked }) => {
    expect(verdictOf(readResponses([Buffer.from(bytes, 'latin1')], asked))).toBe(verdict)
  })

  it.each(responseCases)('$name is read the same byte by byte', ({ bytes, asked }) => {
    expect(readResponses(singly(bytes), asked)).toEqual(readResponses([Buffer.from(bytes, 'latin1')], asked))
  })
})

it('the tables name each case once', () => {
  const names = [requestCases, responseCases].map((cases) => cases.map(({ name }) => name))
  for (const list of names) expect(new Set(list).size).toBe(list.length)
  expect(names.flat().length).toBeGreaterThan(80)
})

function singly(bytes: string): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from(byte, 'latin1'))
}
