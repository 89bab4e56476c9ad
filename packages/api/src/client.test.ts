import { createServer, type RequestListener } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from './client.ts'

async function daemon(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

const target = {
  id: 'shop/a',
  name: 'a',
  url: 'http://a',
  tier: 0,
  weight: 1,
  state: 'draining',
  since: 1,
  because: 'drained',
  active: 0,
  picks: 3,
}

describe('calls', () => {
  it('says that nobody answers, and that it is worth another try', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1' })
    await expect(client.status()).rejects.toMatchObject({
      code: 'HOTSPARE_API_UNREACHABLE',
      retryable: true,
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1: no answer: .*ECONNREFUSED.*hotspare run/),
    })
  })

  it('gives up on a silent daemon in time', async () => {
    const client = createClient({ url: await daemon(() => {}), timeoutMs: 100 })
    await expect(client.status()).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
    await expect(client.events().next()).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
  })

  it('passes on why the daemon refused, with its hint', async () => {
    const url = await daemon((_request, response) =>
      response.writeHead(404).end(JSON.stringify({ error: 'there is no target "x"', hint: 'did you mean "y"?' })),
    )
    await expect(createClient({ url }).explain('x')).rejects.toMatchObject({
      code: 'HOTSPARE_API_REFUSED',
      retryable: false,
      message: `${url}: there is no target "x": did you mean "y"?`,
    })
  })

  it.each([
    ['no JSON', '<html>', /not JSON/],
    ['another shape', '{"node":1}', /cannot be read/],
    ['nothing', '', /not JSON/],
  ])('says so when the answer is %s', async (_what, body, message) => {
    const client = createClient({ url: await daemon((_request, response) => response.end(body)) })
    await expect(client.status()).rejects.toMatchObject({ code: 'HOTSPARE_API_ANSWER', message: expect.stringMatching(message) })
  })

  it('encodes the id, sends the token, and ignores fields that it does not know', async () => {
    const seen: string[] = []
    const url = await daemon((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      response.end(JSON.stringify({ ...target, newer: true }))
    })
    const client = createClient({ url: `${url}/`, token: 'secret' })
    expect(await client.drain('shop/a')).toEqual(target)
    expect(await client.undrain('shop/a')).toEqual(target)
    expect(seen).toEqual(['POST /api/v1/targets/shop%2Fa/drain Bearer secret', 'DELETE /api/v1/targets/shop%2Fa/drain Bearer secret'])
  })
})

describe('events', () => {
  const line = (sequence: number): string =>
    `id: ${sequence}\nevent: target-down\ndata: ${JSON.stringify({ sequence, at: 1, type: 'target-down', text: 'd\u00fcster', targetId: 'shop/a' })}\n\n`

  it('yields entries as they come, however the bytes are split, and ends with the daemon', async () => {
    const url = await daemon((request, response) => {
      response.setHeader('x-path', request.url ?? '')
      void (async () => {
        for (const byte of Buffer.from(`: hello\n\n${line(7)}${line(8)}`)) {
          response.write(Buffer.of(byte))
          await pause(0)
        }
        response.end()
      })()
    })
    const entries = []
    for await (const entry of createClient({ url }).events({ after: 6 })) entries.push(entry)
    expect(entries).toMatchObject([
      { sequence: 7, text: 'd\u00fcster', targetId: 'shop/a' },
      { sequence: 8, type: 'target-down' },
    ])
  })

  it('ends quietly when the caller aborts', async () => {
    const url = await daemon((_request, response) => void response.write(line(1)))
    const abort = new AbortController()
    const entries = []
    for await (const entry of createClient({ url }).events({}, { signal: abort.signal })) {
      entries.push(entry.sequence)
      abort.abort()
    }
    expect(entries).toEqual([1])
  })

  it('throws when the daemon dies in the middle or sends what is no event', async () => {
    const dying = await daemon((_request, response) => void response.write(line(1), () => setTimeout(() => response.destroy(), 20)))
    await expect(Array.fromAsync(createClient({ url: dying }).events())).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
    const wrong = await daemon((_request, response) => response.end('data: nonsense\n\n'))
    await expect(Array.fromAsync(createClient({ url: wrong }).events())).rejects.toMatchObject({ code: 'HOTSPARE_API_ANSWER' })
  })
})
