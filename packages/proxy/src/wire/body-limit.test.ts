import { expect, it } from 'vitest'
import { exchangeRaw, startProxy, until } from '../origins.fixture.ts'
import { countingOrigin } from './counting-origin.fixture.ts'
import { rawClient } from './raw-client.fixture.ts'

const post = (fields: string) => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`

it('a body past the limit is refused by its length before any of it is asked for, and no target hears of it', async () => {
  const origin = await countingOrigin()
  const { port, of } = await startProxy([origin], { maxBodyBytes: 10 })
  const client = rawClient(port)
  client.send(post('Content-Length: 11\r\nExpect: 100-continue'))
  await client.hears(/^HTTP\/1\.1 413 .*connection: close/s)
  expect(client.received()).not.toContain('100 Continue')
  await until(() => of('request-finished').length === 1, 'the event')
  expect(of('request-finished')).toMatchObject([
    { status: 413, outcome: 'refused', reason: 'body-too-large', attempts: 0, receivedBytes: 0 },
  ])
  expect(origin.connections()).toBe(0)
})

it('a body in chunks is refused once there are too many bytes, and the target does not take the part for the whole', async () => {
  const origin = await countingOrigin()
  const { port, of } = await startProxy([origin], { maxBodyBytes: 10 })
  const client = rawClient(port)
  client.send(`${post('Transfer-Encoding: chunked')}a\r\n0123456789\r\n`)
  await until(() => origin.connections() === 1, 'the attempt')
  client.send('1\r\nx\r\n0\r\n\r\n')
  await client.hears(/^HTTP\/1\.1 413 /)
  await until(() => of('request-finished').length === 1, 'the event')
  expect(of('request-finished')).toMatchObject([{ status: 413, outcome: 'refused', reason: 'body-too-large' }])
  expect(origin.bodies).toEqual([])
})

it('a refused body ends the connection, unless its end has come already: then the next request is one of its own', async () => {
  const origin = await countingOrigin()
  const { port } = await startProxy([origin], { maxBodyBytes: 10 })
  const next = 'GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
  const eleven = `${post('Transfer-Encoding: chunked')}b\r\n01234567890\r\n`
  const statuses = async (sent: string) => (await exchangeRaw(port, sent)).match(/HTTP\/1\.1 \d+/g)
  expect(await statuses(`${eleven}ffff\r\n${next}`)).toEqual(['HTTP/1.1 413'])
  expect(await statuses(`${eleven}0\r\n\r\n${next}`)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200'])
  expect(origin.bodies).toEqual([''])
})

it('a body of just the limit passes, whatever the chunks around it weigh', async () => {
  const origin = await countingOrigin()
  const { port } = await startProxy([origin], { maxBodyBytes: 10 })
  const single = Array.from({ length: 10 }, () => '1\r\nx\r\n').join('')
  const last = 'Connection: close'
  expect(await exchangeRaw(port, `${post(`Transfer-Encoding: chunked\r\n${last}`)}${single}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
  expect(await exchangeRaw(port, `${post(`Content-Length: 10\r\n${last}`)}0123456789`)).toMatch(/^HTTP\/1\.1 200 /)
  expect(origin.bodies).toEqual(['x'.repeat(10), '0123456789'])
})

it('a limit of 0 bytes refuses every body, and nothing else', async () => {
  const { port } = await startProxy([await countingOrigin()], { maxBodyBytes: 0 })
  expect(await exchangeRaw(port, `${post('Content-Length: 1')}x`)).toMatch(/^HTTP\/1\.1 413 /)
  expect(await exchangeRaw(port, post('Content-Length: 0\r\nConnection: close'))).toMatch(/^HTTP\/1\.1 200 /)
})
