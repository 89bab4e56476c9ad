import { connect } from 'node:net'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import type { PickContext, Picked, PickOutcome, PickTarget, ProxyTarget, TargetPick } from './index.ts'
import { deadTarget, exchangeRaw, httpOrigin, rawOrigin, startProxy, until } from './origins.fixture.ts'

const UPGRADE = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'

const works = () => httpOrigin((_incoming, response) => response.end('works'))

/** A pick that remembers what it was told at its end; a second call shows as a second entry. */
function picked(target: ProxyTarget, more: Partial<TargetPick> = {}): TargetPick & { readonly outcomes: (PickOutcome | undefined)[] } {
  const outcomes: (PickOutcome | undefined)[] = []
  return { target, reason: 'test', done: (outcome) => void outcomes.push(outcome), outcomes, ...more }
}

/** A picker that answers when the test says so. */
function waiting() {
  let answer: (picked: Picked) => void = () => {}
  const contexts: PickContext[] = []
  const pick: PickTarget = (context) => {
    contexts.push(context)
    // As a queue does: it adds its listener while it waits.
    context.signal.addEventListener('abort', () => {})
    return new Promise((resolve) => (answer = resolve))
  }
  return { pick, contexts, answer: (value: Picked) => answer(value) }
}

describe('a picker that does not pick', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no idea')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no idea'))],
  ] as const)('that %s costs its request a 500, and the next is served', async (_what, fails) => {
    const origin = await works()
    const state = { broken: true }
    const { url, port, of } = await startProxy([], { pick: () => (state.broken ? fails() : picked(origin)) })
    expect((await request(url)).statusCode).toBe(500)
    expect(await exchangeRaw(port, UPGRADE)).toMatch(/^HTTP\/1\.1 500 /)
    state.broken = false
    expect((await request(url)).statusCode).toBe(200)
    const told = { outcome: 'refused', status: 500, because: 'the picker failed: no idea', attempts: 0 }
    expect(of('request-finished')).toMatchObject([told, told, { outcome: 'answered' }])
  })

  it.each([
    ['at once', () => ({ refused: 'the queue is full' })],
    ['later', () => Promise.resolve({ refused: 'the queue is full' })],
  ] as const)('sends a request away %s, with a 503 and its own words in the event', async (_when, pick) => {
    const { url, port, of } = await startProxy([], { pick })
    expect((await request(url)).statusCode).toBe(503)
    expect(await exchangeRaw(port, UPGRADE)).toMatch(/^HTTP\/1\.1 503 /)
    const told = { outcome: 'refused', status: 503, because: 'the queue is full', attempts: 0, targetId: undefined }
    expect(of('request-finished')).toMatchObject([told, told])
  })

  it.each(['GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', UPGRADE])(
    'is not waited for beyond the time to the first byte, and what it picks too late is given back',
    async (head) => {
      const line = waiting()
      const { port, of } = await startProxy([], { pick: line.pick, firstByteTimeoutMs: 50 })
      expect(await exchangeRaw(port, head)).toMatch(/^HTTP\/1\.1 503 /)
      expect(of('request-finished')).toMatchObject([{ outcome: 'refused', because: 'no target became free within 50 ms' }])
      expect(line.contexts[0]?.signal.aborted).toBe(true)
      const origin = await works()
      const late = picked(origin)
      line.answer(late)
      await until(() => late.outcomes.length === 1, 'the late pick is given back')
      expect(late.outcomes).toEqual([undefined])
      expect(origin.connections()).toBe(0)
    },
  )

  it.each(['GET / HTTP/1.1\r\nhost: a\r\n\r\n', UPGRADE])('hears that the client has left, and gets its late pick back', async (head) => {
    const line = waiting()
    const { port, proxy, of } = await startProxy([], { pick: line.pick })
    const client = connect(port, '127.0.0.1', () => client.write(head))
    client.on('error', () => {})
    await until(() => line.contexts.length === 1, 'the request waits')
    expect(line.contexts[0]?.signal.aborted).toBe(false)
    client.destroy()
    await until(() => line.contexts[0]?.signal.aborted === true, 'the picker hears of it')
    expect(of('request-finished')).toMatchObject([{ outcome: 'client-gone', attempts: 0 }])
    expect(proxy.active).toBe(0)
    const late = picked(await works())
    line.answer(late)
    await until(() => late.outcomes.length === 1, 'the late pick is given back')
  })
})

describe('a picker that waits', () => {
  it('has its request served when it has picked, its body whole and its tried targets left out', async () => {
    const dead = await deadTarget()
    const origin = await httpOrigin((incoming, response) => void incoming.pipe(response))
    const seen: string[][] = []
    const pick: PickTarget = async ({ exclude }) => {
      seen.push([...exclude])
      await new Promise((resolve) => setImmediate(resolve))
      return picked(exclude.size === 0 ? dead : origin)
    }
    const { url, of } = await startProxy([], { pick })
    const answer = await request(url, { method: 'POST', body: 'earl grey' })
    expect(await answer.body.text()).toBe('earl grey')
    expect(seen).toEqual([[], [dead.id]])
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered', attempts: 2, targetId: origin.id }])
  })

  it('loses nothing of what a WebSocket says before it has picked', async () => {
    const agreeing = await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
        socket.on('data', (chunk) => void socket.end(chunk))
      })
    })
    const line = waiting()
    const { port } = await startProxy([], { pick: line.pick })
    const client = connect(port, '127.0.0.1', () => client.write(UPGRADE))
    let heard = ''
    client.on('data', (chunk) => (heard += String(chunk)))
    await until(() => line.contexts.length === 1, 'the request waits')
    await new Promise<void>((resolve) => void client.write('too early', () => resolve()))
    line.answer(picked(agreeing))
    await until(() => heard.includes('too'), 'the echo')
    expect(heard).toMatch(/\r\n\r\ntoo early$/)
  })

  it('whose signal is asked for after the end gets one that has aborted', async () => {
    const origin = await works()
    let context: PickContext | undefined
    const { url } = await startProxy([], {
      pick: (given) => {
        context = given
        return Promise.resolve(picked(origin))
      },
    })
    await (await request(url)).body.text()
    expect(context?.signal.aborted).toBe(true)
  })
})

describe('what a picker is told', () => {
  it('is the method, the target as it was written, the headers and the address of the client', async () => {
    const origin = await works()
    const seen: unknown[] = []
    const { port } = await startProxy([], {
      pick({ request: { method, url, headers, remoteAddress } }) {
        seen.push({ method, url, user: headers['x-user'], cookie: headers.cookie, remoteAddress })
        return picked(origin)
      },
    })
    await exchangeRaw(
      port,
      'PUT http://a/x?y HTTP/1.1\r\nHost: a\r\nX-User: 7\r\nCookie: a=1\r\ncookie: b=2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
    )
    expect(seen).toEqual([{ method: 'PUT', url: 'http://a/x?y', user: '7', cookie: 'a=1; b=2', remoteAddress: '127.0.0.1' }])
  })

  it.each([
    [200, { ok: true }],
    [404, { ok: true }],
    [429, { ok: false }],
    [500, { ok: false }],
    [503, { ok: false }],
  ])('of an answer with status %i is the time to its head, and whether the target did its work', async (status, expected) => {
    const origin = await httpOrigin((_incoming, response) => response.writeHead(status).end())
    const pick = picked(origin)
    const { url } = await startProxy([], { pick: () => pick })
    await (await request(url)).body.text()
    await until(() => pick.outcomes.length > 0, 'the end')
    expect(pick.outcomes).toEqual([{ latencyMs: expect.any(Number), ...expected }])
  })

  it('of a target that failed is how long that took', async () => {
    const broken = await rawOrigin((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')))
    for (const target of [await deadTarget(), broken, await rawOrigin((socket) => socket.end('SSH-2.0-x\r\n'))]) {
      const pick = picked(target)
      const { url, port } = await startProxy([], { pick: () => pick, attempts: 1 })
      expect((await request(url)).statusCode).toBe(502)
      expect(pick.outcomes).toEqual([{ latencyMs: expect.any(Number), ok: false }])
      await exchangeRaw(port, UPGRADE)
      expect(pick.outcomes).toHaveLength(2)
    }
  })

  it('is nothing of a target that the attempt was taken from, or that the client did not wait for', async () => {
    const frozen = await rawOrigin(() => {})
    for (const head of ['GET / HTTP/1.1\r\nhost: a\r\n\r\n', UPGRADE]) {
      const taken = picked(frozen)
      const { port, proxy } = await startProxy([], { pick: ({ exclude }) => (exclude.size === 0 ? taken : undefined) })
      const before = frozen.connections()
      const answer = exchangeRaw(port, head.replace('host: a', 'host: a\r\nconnection: close'))
      await until(() => frozen.connections() === before + 1, 'the attempt')
      proxy.abandon(frozen.id, 'it is down')
      expect(await answer).toMatch(/^HTTP\/1\.1 503 /)
      expect(taken.outcomes).toEqual([undefined])

      const left = picked(frozen)
      const second = await startProxy([], { pick: () => left })
      const client = connect(second.port, '127.0.0.1', () => client.write(head))
      client.on('error', () => {})
      await until(() => frozen.connections() === before + 2, 'the attempt')
      client.destroy()
      await until(() => left.outcomes.length > 0, 'the end')
      expect(left.outcomes).toEqual([undefined])
    }
  })

  it('of a WebSocket is how soon the target agreed, once it has ended', async () => {
    const agreeing = await rawOrigin((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')),
    )
    const declining = await httpOrigin((_incoming, response) => response.writeHead(503).end())
    for (const [target, ok] of [
      [agreeing, true],
      [declining, false],
    ] as const) {
      const pick = picked(target)
      const { port } = await startProxy([], { pick: () => pick })
      await exchangeRaw(port, UPGRADE)
      await until(() => pick.outcomes.length > 0, 'the end')
      expect(pick.outcomes).toEqual([{ latencyMs: expect.any(Number), ok }])
    }
  })
})

describe('the cookie of a pick', () => {
  const cookieOf = (target: ProxyTarget) => `at=${target.id}; Path=/`

  it('is not in an answer of the proxy itself', async () => {
    const dead = await deadTarget()
    const { url, port } = await startProxy([], { pick: () => picked(dead, { setCookie: cookieOf(dead) }), attempts: 1 })
    expect((await request(url)).headers['set-cookie']).toBeUndefined()
    expect(await exchangeRaw(port, UPGRADE)).not.toMatch(/set-cookie/i)
  })

  it.each([
    ['held back until it is whole', 65_536],
    ['passed on as it comes', 0],
  ])('comes beside those of an answer that is %s', async (_how, bufferBytes) => {
    const origin = await httpOrigin((_incoming, response) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('x'))
    const { url } = await startProxy([], { pick: () => picked(origin, { setCookie: cookieOf(origin) }), bufferBytes })
    expect((await request(url)).headers['set-cookie']).toEqual(['a=1', 'b=2', cookieOf(origin)])
  })

  it('is that of the attempt that was answered, once, however many were made', async () => {
    const broken = await rawOrigin((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')))
    const targets = [await deadTarget(), broken, await works()]
    const pick: PickTarget = ({ exclude }) => {
      const target = targets[exclude.size]
      return target && picked(target, { setCookie: cookieOf(target) })
    }
    const { url, of } = await startProxy([], { pick })
    const answer = await request(url)
    expect(await answer.body.text()).toBe('works')
    expect(answer.headers['set-cookie']).toBe(cookieOf(targets[2]!))
    expect(of('request-retried')).toHaveLength(2)
  })

  it('comes with a WebSocket too, agreed or declined', async () => {
    const agreeing = await rawOrigin((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')),
    )
    const declining = await works()
    for (const target of [agreeing, declining]) {
      const { port } = await startProxy([], { pick: () => picked(target, { setCookie: cookieOf(target) }) })
      expect((await exchangeRaw(port, UPGRADE)).match(/^set-cookie: .*$/gim)).toEqual([`set-cookie: ${cookieOf(target)}`])
    }
  })
})
