import { describe, expect, it } from 'vitest'
import { parseStubStatus, targetAddress } from './origin.ts'

describe('parseStubStatus', () => {
  it.each(['', 'Active connections: 1\n', '<html>404 Not Found</html>'])('does not read %j', (text) => {
    expect(parseStubStatus(text)).toBeUndefined()
  })

  it('reads the connections that were taken, and the requests', () => {
    const text = 'Active connections: 2 \nserver accepts handled requests\n 120 119 345 \nReading: 0 Writing: 1 Waiting: 1 \n'
    expect(parseStubStatus(text)).toEqual({ connections: 119, requests: 345 })
  })
})

describe('targetAddress', () => {
  it('goes round the addresses', () => {
    const places = { port: 80, addresses: ['127.0.0.1', '127.0.0.2'] }
    expect([0, 1, 2, 9_999].map((index) => targetAddress(places, index))).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.1', '127.0.0.2'])
  })
})
