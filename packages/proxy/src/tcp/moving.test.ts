import { createHash, randomBytes } from 'node:crypto'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { deadTcpTarget, echo, echoProcess, named, startTcpProxy, tcpClient, tcpTarget, until } from './tcp.fixture.ts'

describe('a side that tears the connection down', () => {
  it('resets the other: a killed target its client', async () => {
    const target = await tcpTarget(named('hello'))
    const { port, of, outcomes } = await startTcpProxy([target])
    const client = tcpClient(port)
    await client.hears('hello')
    await target.kill()
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'reset', endedBy: 'target', because: /^the target: read ECONNRESET/ }])
    expect(outcomes).toEqual([{ ok: false, latencyMs: expect.any(Number) }])
  })

  it('resets the other: a client its target', async () => {
    let how: string | undefined
    const target = await tcpTarget((socket) => {
      socket.on('error', (error) => (how = error.message))
      socket.write('hello')
    })
    const { port, of, outcomes } = await startTcpProxy([target])
    const client = tcpClient(port)
    await client.hears('hello')
    client.socket.resetAndDestroy()
    await until(() => how !== undefined, 'the reset')
    expect(how).toContain('ECONNRESET')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'reset', endedBy: 'client' }])
    expect(outcomes).toMatchObject([{ ok: true }])
  })

  it('resets the other: a target whose process is killed with data on its way', async () => {
    const target = await echoProcess()
    const { port, proxy, of } = await startTcpProxy([target])
    const client = tcpClient(port)
    client.socket.write('hello')
    await client.hears('hello')
    target.child.kill('SIGSTOP')
    client.socket.write(Buffer.alloc(1_000_000))
    target.child.kill('SIGKILL')
    await until(() => client.ended() === 'reset', 'the reset')
    await until(() => proxy.active === 0, 'the end')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'reset', endedBy: 'target' }])
  })
})

describe('half of a connection', () => {
  it('may end while the other goes on: first the client', async () => {
    const target = await tcpTarget((socket) => {
      let heard = ''
      socket.on('data', (data) => (heard += data.toString()))
      socket.on('end', () => {
        socket.write(`heard ${heard}`)
        setTimeout(() => socket.end(', good bye'), 20)
      })
    })
    const { port, of } = await startTcpProxy([target])
    const client = tcpClient(port)
    client.socket.end('all that I have')
    await client.hears('heard all that I have, good bye')
    await until(() => client.ended() === 'end', 'the end')
    await until(() => of('connection-finished').length === 1, 'the event')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'closed', endedBy: 'client', because: undefined }])
  })

  it('may end while the other goes on: first the target', async () => {
    let heard = ''
    const target = await tcpTarget((socket) => {
      socket.on('data', (data) => (heard += data.toString()))
      socket.end('hello')
    })
    const { port, of } = await startTcpProxy([target])
    const client = tcpClient(port)
    await until(() => client.ended() === 'end', 'the end')
    client.socket.write('one, ')
    await until(() => heard === 'one, ', 'what the client says')
    client.socket.end('two')
    await until(() => of('connection-finished').length === 1, 'the event')
    expect(heard).toBe('one, two')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'closed', endedBy: 'target', bytesToTarget: 8, bytesToClient: 5 }])
  })
})

describe('silence', () => {
  it('ends a connection after idleTimeoutMs, by a reset; whatever moves puts that off', async () => {
    const clock = new TestClock()
    const { port, of, proxy } = await startTcpProxy([await tcpTarget(echo)], { idleTimeoutMs: 60_000, keepAliveMs: 10_000, clock })
    const client = tcpClient(port)
    let told = ''
    const say = async (text: string) => {
      client.socket.write(text)
      told += text
      await until(() => client.text() === told, text)
    }
    await say('one')
    await clock.advance(50_000)
    await say('two')
    await clock.advance(50_000)
    expect(proxy.active).toBe(1)
    await clock.advance(20_000)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'timeout', endedBy: 'proxy', because: 'silent for 60000 ms' }])
  })

  it('after one side is done, ends it after halfCloseTimeoutMs', async () => {
    const clock = new TestClock()
    let ended = false
    const target = await tcpTarget((socket) => void socket.on('end', () => (ended = true)).resume())
    const { port, of } = await startTcpProxy([target], { halfCloseTimeoutMs: 1_000, clock })
    const client = tcpClient(port)
    client.socket.end('x')
    await until(() => ended, 'the end')
    await clock.advance(2_000)
    await until(() => client.ended() === 'reset', 'the reset')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'timeout', because: 'silent for 1000 ms after the client was done' }])
  })
})

describe('a side that does not read', () => {
  it('stops the other from being read: a slow client', async () => {
    let sent = 0
    const chunk = Buffer.alloc(64 * 1_024, 'x')
    const target = await tcpTarget((socket) => {
      const pump = () => {
        while (sent < 64 * 1_024 * 1_024 && socket.write(chunk)) sent += chunk.length
      }
      socket.on('drain', pump)
      pump()
    })
    const { port, of } = await startTcpProxy([target])
    const client = tcpClient(port)
    client.socket.pause()
    let before = -1
    await until(async () => {
      const still = sent === before
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 150))
      return still && sent > 0
    }, 'the standstill')
    // What two kernels keep, and no more than two buffers of ours.
    expect(sent).toBeLessThan(32 * 1_024 * 1_024)
    client.socket.resume()
    await until(() => client.text().length > sent / 2, 'the rest')
    client.socket.destroy()
    await until(() => of('connection-finished').length === 1, 'the event')
  })

  it('stops the other from being read: a slow target', async () => {
    const target = await tcpTarget((socket) => void socket.pause())
    const { port, proxy } = await startTcpProxy([target])
    const client = tcpClient(port)
    await until(() => target.sockets.size === 1, 'the connection')
    const chunk = Buffer.alloc(64 * 1_024)
    let sent = 0
    const pump = () => {
      while (sent < 64 * 1_024 * 1_024 && client.socket.write(chunk)) sent += chunk.length
    }
    client.socket.on('drain', pump)
    pump()
    let before = -1
    await until(async () => {
      const still = sent === before
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 150))
      return still && sent > 0
    }, 'the standstill')
    expect(sent).toBeLessThan(32 * 1_024 * 1_024)
    client.socket.resetAndDestroy()
    for (const socket of target.sockets) socket.resume()
    await until(() => proxy.active === 0, 'the end')
  })

  it('gets every byte in order once it reads again, both ways at once', async () => {
    const bytes = randomBytes(12 * 1_024 * 1_024)
    const { port, of } = await startTcpProxy([await tcpTarget(echo)])
    const { socket } = tcpClient(port)
    const hash = createHash('sha256')
    let received = 0
    socket.removeAllListeners('data').on('data', (data) => {
      hash.update(data)
      received += data.length
      if (received % 7 !== 0) return
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
    socket.end(bytes)
    await until(() => received === bytes.length, 'the echo')
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
    await until(() => of('connection-finished').length === 1, 'the event')
    expect(of('connection-finished')).toMatchObject([{ outcome: 'closed', bytesToTarget: bytes.length, bytesToClient: bytes.length }])
  })

  it('among many never gets the bytes of another one', async () => {
    const target = await tcpTarget((socket) => {
      socket.once('data', (data) => {
        const text = Buffer.alloc(3_000_000, data.toString())
        socket.end(text)
      })
    })
    const { port, proxy } = await startTcpProxy([target])
    const clients = Array.from({ length: 12 }, (_, index) => ({ letter: String.fromCharCode(97 + index), client: tcpClient(port) }))
    for (const { letter, client } of clients) {
      client.socket.write(letter)
      // All of them stop in the middle, some for longer than others.
      client.socket.once('data', () => {
        client.socket.pause()
        setTimeout(() => client.socket.resume(), letter.charCodeAt(0) % 40)
      })
    }
    await until(() => clients.every(({ client }) => client.ended() === 'end'), 'the ends')
    expect(clients.filter(({ letter, client }) => client.text() !== letter.repeat(3_000_000)).map(({ letter }) => letter)).toEqual([])
    for (const { client } of clients) client.socket.end()
    await until(() => proxy.active === 0, 'the end')
  })

  it('and is cut in the middle never takes what it has for the whole', async () => {
    const target = await tcpTarget((socket) => socket.end(Buffer.alloc(30_000_000)))
    const { port, proxy } = await startTcpProxy([target])
    const client = tcpClient(port)
    client.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await proxy.stop()
    client.socket.resume()
    await until(() => client.ended() !== undefined, 'the end')
    expect(client.ended()).toBe('reset')
  })
})

describe('a target that is down', () => {
  it('keeps its connections: it may be there again soon', async () => {
    const stopped = await echoProcess()
    const { port, proxy, of } = await startTcpProxy([stopped])
    const client = tcpClient(port)
    client.socket.write('hello')
    await client.hears('hello')
    stopped.child.kill('SIGSTOP')
    proxy.abandon(stopped.id, 'it does not answer')
    stopped.child.kill('SIGCONT')
    client.socket.write(', again')
    await client.hears('hello, again')
    expect(of('connection-finished')).toEqual([])
  })

  it('loses them where closeOnDown says so: clients of a process that stands still connect anew', async () => {
    const [stopped, good] = [await echoProcess(), await tcpTarget(named('good'))]
    let target: { readonly id: string; readonly url: string } = stopped
    const { port, proxy, of } = await startTcpProxy([], { closeOnDown: true, pick: () => ({ target, reason: '', done() {} }) })
    const client = tcpClient(port)
    client.socket.write('hello')
    await client.hears('hello')
    stopped.child.kill('SIGSTOP')
    target = good
    proxy.abandon(stopped.id, 'it does not answer')
    await until(() => client.ended() === 'reset', 'the reset')
    const because = `${stopped.id} is down: it does not answer`
    expect(of('connection-finished')).toMatchObject([{ outcome: 'cut', endedBy: 'proxy', because }])
    await tcpClient(port).hears('good')
  })
})

describe('a proxy that stops', () => {
  it('takes nobody any more, waits for those that are there, and then resets them', async () => {
    const { port, proxy, of } = await startTcpProxy([await tcpTarget(echo)], { drainTimeoutMs: 300 })
    const [patient, quick] = [tcpClient(port), tcpClient(port)]
    for (const { socket, hears } of [patient, quick]) {
      socket.write('hello')
      await hears('hello')
    }
    const stopping = proxy.stop()
    const late = tcpClient(port)
    await until(() => late.ended() === 'reset', 'the refusal')
    quick.socket.end(', bye')
    await quick.hears('hello, bye')
    await stopping
    await until(() => patient.ended() === 'reset', 'the reset')
    await until(() => quick.ended() === 'end', 'the end')
    expect(of('connection-finished').map(({ outcome }) => outcome)).toEqual(['closed', 'cut'])
    expect(of('connection-finished')[1]?.because).toBe('the proxy has stopped')
  })

  it('does not wait where its signal says so', async () => {
    const { port, proxy } = await startTcpProxy([await tcpTarget(named('x'))], { drainTimeoutMs: 60_000 })
    const client = tcpClient(port)
    await client.hears('x')
    await proxy.stop({ signal: AbortSignal.abort() })
    await until(() => client.ended() === 'reset', 'the reset')
    expect(proxy.active).toBe(0)
  })
})

it('nothing is left after connections of every kind: no socket, and no pick that is not given back', async () => {
  const [dead, good] = [await deadTcpTarget(), await tcpTarget(named('hello'))]
  const { port, proxy, of, inUse } = await startTcpProxy([dead, good], { minimumRetriesPerSecond: 10_000 })
  const before = openSockets()
  const each = async (index: number): Promise<void> => {
    const client = tcpClient(port)
    if (index % 5 === 0) return void client.socket.destroy()
    client.socket.write('x'.repeat(index))
    if (index % 5 === 1) return void client.socket.resetAndDestroy()
    await client.hears('hello')
    if (index % 5 === 2) client.socket.resetAndDestroy()
    else if (index % 5 === 3) client.socket.destroy()
    else client.socket.end()
  }
  for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 50 }, (_, index) => each(index)))
  for (const socket of good.sockets) socket.end()
  await until(() => proxy.active === 0, 'the last one ends')
  await until(() => good.sockets.size === 0 && inUse() === 0 && openSockets() <= before, 'nothing is open')
  // Some of them had gone before they were accepted.
  const finished = of('connection-finished').length
  expect(finished).toBeGreaterThan(120)
  expect(of('attempt-finished').filter(({ failure }) => !failure).length).toBeLessThanOrEqual(finished)
})

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}
