import { expect, it } from 'vitest'
import { tcpAddress } from './target-address.ts'

it.each(['', 'a', '10.0.0.1:5432', 'tcp://', 'tcp://:5432', 'tcp://db', 'tcp://db:0', 'tcp://db:65536', 'tcp://[::1]'])(
  'finds no host and port in %j',
  (url) => {
    expect(tcpAddress(url)).toBeUndefined()
  },
)

it.each([
  ['tcp://10.0.0.1:5432', '10.0.0.1', 5432],
  ['tcp://db.example.org:1', 'db.example.org', 1],
  ['tcp://[::1]:65535', '::1', 65_535],
  ['http://10.0.0.1', '10.0.0.1', 80],
  ['https://[2001:db8::1]', '2001:db8::1', 443],
  ['https://a:8443', 'a', 8443],
])('reads %s', (url, host, port) => {
  expect(tcpAddress(url)).toEqual({ host, port })
})
