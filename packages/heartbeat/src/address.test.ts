import { describe, expect, it } from 'vitest'
import { parseAddress } from './address.ts'

describe('an address', () => {
  it.each([
    '',
    '10.0.0.1',
    '10.0.0.1:',
    '10.0.0.1:70000',
    '10.0.0.256:1',
    '[10.0.0.1]:7401',
    'fd00::1:7401',
    '[fd00::1]',
    'web-2:7401',
    'localhost:7401',
    '10.0.0.1:7401 ',
    '[::1]:7401x',
  ])('is not %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it.each([
    { text: '10.0.0.1:7401', host: '10.0.0.1', port: 7_401, family: 4 },
    { text: '[fd00::1]:7401', host: 'fd00::1', port: 7_401, family: 6 },
    { text: '[fe80::1%eth0]:1', host: 'fe80::1%eth0', port: 1, family: 6 },
    { text: '0.0.0.0:0', host: '0.0.0.0', port: 0, family: 4 },
  ])('is $text', ({ text, ...address }) => {
    expect(parseAddress(text)).toEqual(address)
  })
})
