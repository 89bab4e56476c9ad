import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { HotspareError } from '@hotspare/core'
import { recordingLogger } from '@hotspare/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import type { PeerChannelOptions } from '../channel.ts'
import { createPeerChannel } from '../channel.ts'
import { derivePairKeys } from './keys.ts'
import { connected, eventually, freePorts, record, type Recorded, SECRET, twoNodes } from './testing.fixture.ts'

const open: Recorded[] = []

function node(options: PeerChannelOptions): Recorded {
  const recorded = record(options)
  open.push(recorded)
  return recorded
}

/** Two nodes that are connected. */
async function pair(one: Partial<PeerChannelOptions> = {}, other: Partial<PeerChannelOptions> = {}): Promise<[Recorded, Recorded]> {
  const [a, b] = await twoNodes()
  const nodes: [Recorded, Recorded] = [node({ ...a, ...one }), node({ ...b, ...other })]
  await Promise.all(nodes.map(({ channel }) => channel.start()))
  await eventually('both are connected', () => connected(nodes[0], 'b') && connected(nodes[1], 'a'))
  return nodes
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => (HotspareError.is(error) ? error.code : error),
  )

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ channel }) => channel.stop()))
})

describe('the options of a channel', () => {
  const good = {
    node: 'a',
    listen: { host: '127.0.0.1', port: 0 },
    peers: [{ name: 'b', address: '127.0.0.1:1' }],
    secrets: [{ id: 1, secret: SECRET }],
    fingerprint: 'f',
  }

  it.each<readonly [string, Readonly<Record<string, unknown>>, RegExp]>([
    ['no peers: an empty list is a mistake, never "I am alone"', { peers: [] }, /peers/],
    ['itself as a peer', { peers: [{ name: 'a', address: '127.0.0.1:1' }] }, /a is this node itself/],
    ['a peer twice', { peers: [...good.peers, ...good.peers] }, /each name only once/],
    ['a host name, which would put a resolver on the way', { peers: [{ name: 'b', address: 'web-2:7401' }] }, /IP address and a port/],
    ['port 0 of a peer', { peers: [{ name: 'b', address: '127.0.0.1:0' }] }, /IP address and a port/],
    ['a slash in a name', { node: 'a/b' }, /node: expected letters/],
    ['no secret', { secrets: [] }, /secrets/],
    ['a secret of 15 bytes', { secrets: [{ id: 1, secret: 'fifteen-bytes-x' }] }, /at least 16 bytes/],
    ['two secrets of one id', { secrets: [good.secrets[0], good.secrets[0]] }, /two secrets have the same id/],
    ['a protocol that is older than its oldest', { protocol: { current: 1, oldest: 2 } }, /oldest is newer/],
    ['a silence that no ping can break', { silenceMs: 1_500 }, /two pingIntervalMs/],
    ['a session that is no hex', { session: 'session!' }, /hex digits/],
    ['a queue without end', { maxQueueBytes: 1e12 }, /maxQueueBytes/],
    ['a fingerprint of nothing', { fingerprint: '' }, /fingerprint/],
    ['an option that does not exist', { retries: 3 }, /retries/],
  ])('are refused: %s', (_, more, message) => {
    const make = () => createPeerChannel({ ...good, ...more })
    expect(make).toThrow(message)
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS' }))
    expect(make).not.toThrow(/fifteen-bytes-x|correct-horse/)
  })
})

describe('a request', () => {
  it('fails at once when the peer is not connected, not known, or the channel is stopped', async () => {
    const [a] = await twoNodes()
    const { channel } = node(a)
    await channel.start()
    await eventually('the first dial has failed', () => channel.snapshot().peers[0]?.counters.failedDials)
    await expect(channel.request('b', 'echo', 1)).rejects.toMatchObject({
      code: 'HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE',
      retryable: true,
      message: expect.stringMatching(/ECONNREFUSED.*: is b running\? It is retryable: try again, or wait for the event peer-connected$/),
    })
    expect(await codeOf(channel.request('c', 'echo', 1))).toBe('HOTSPARE_HEARTBEAT_UNKNOWN_PEER')
    await channel.stop()
    expect(await codeOf(channel.request('b', 'echo', 1))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_STOPPED')
    expect(await codeOf(channel.start())).toBe('HOTSPARE_HEARTBEAT_CHANNEL_STOPPED')
  })

  // What broke: the first request of a program came before the first dial had an outcome, and always failed.
  it('right after the start waits for the connection', async () => {
    const [a, b] = await twoNodes()
    const handlers = { echo: async (body: unknown) => body }
    const nodes = [node({ ...a, handlers }), node({ ...b, handlers })] as const
    await Promise.all(nodes.map(({ channel }) => channel.start()))
    expect(await Promise.all([nodes[0].channel.request('b', 'echo', 1), nodes[1].channel.request('a', 'echo', 2)])).toEqual([1, 2])
  })

  it('waits for a dial no longer than its own deadline, its signal or the channel, and nothing was sent then', async () => {
    const [a, b] = await twoNodes()
    const mute = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => {
      mute.listen(b.listen.port, '127.0.0.1', resolve)
    })
    const { channel } = node({ ...a, handshakeTimeoutMs: 60_000, maxRequests: 2 })
    expect(await codeOf(channel.request('b', 'echo', 1))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE')
    await channel.start()
    const waiting = [codeOf(channel.request('b', 'echo', 1, { timeoutMs: 50 })), codeOf(channel.request('b', 'echo', 1))]
    expect(await codeOf(channel.request('b', 'echo', 1))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_BUSY')
    expect(await waiting[0]).toBe('HOTSPARE_HEARTBEAT_CHANNEL_UNREACHABLE')
    const reason = new Error('changed my mind')
    expect(await codeOf(channel.request('b', 'echo', 1, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    await channel.stop()
    expect(await waiting[1]).toBe('HOTSPARE_HEARTBEAT_CHANNEL_STOPPED')
    mute.close()
  })

  // What broke: answers of one turn of the event loop were taken for a peer that does not read, and cut the connection.
  it('gets its answer however large the answers of many are together', async () => {
    const [a] = await pair({}, { handlers: { large: async () => 'x'.repeat(200_000) } })
    const answers = await Promise.all(Array.from({ length: 64 }, () => a.channel.request('b', 'large', null, { timeoutMs: 60_000 })))
    expect(answers.every((answer) => String(answer).length === 200_000)).toBe(true)
    expect(a.types()).not.toContain('peer-disconnected')
  })

  // What broke: the limit was compared without the head of the frame, so the request at its edge cut the connection.
  it('that would fill the queue past its limit fails, and the connection goes on', async () => {
    const [a] = await pair({}, { handlers: { echo: async (body: unknown) => body } })
    const around = Buffer.byteLength(JSON.stringify({ type: 'request', id: 1, method: 'echo', remainingMs: 5_000, body: '' }))
    const sizes = [262_144, 262_144, 262_144, 1_048_576 - 3 * (262_144 + 4)]
    const asked = sizes.map((size) => codeOf(a.channel.request('b', 'echo', 'y'.repeat(size - around))))
    expect((await Promise.all(asked)).map((each) => typeof each)).toEqual(['object', 'object', 'object', 'string'])
    expect(await asked[3]).toBe('HOTSPARE_HEARTBEAT_CHANNEL_BUSY')
    expect(a.types()).not.toContain('peer-disconnected')
  })

  it.each<readonly [string, string, number]>([
    ['no method', '', 1_000],
    ['a method of 65 characters', 'm'.repeat(65), 1_000],
    ['no time', 'echo', 0],
    ['time without end', 'echo', Number.POSITIVE_INFINITY],
    ['a time that is no number', 'echo', Number.NaN],
  ])('is not sent with %s: the peer would take it for garbage', async (_, method, timeoutMs) => {
    const [a] = await pair()
    expect(await codeOf(a.channel.request('b', method, 1, { timeoutMs }))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS')
    expect(connected(a, 'b')).toBe(true)
  })

  it('that nobody answers ends at its deadline, aborts the handler there, and what that answers goes nowhere', async () => {
    const answers: (() => void)[] = []
    let aborted: unknown
    const slow: NonNullable<PeerChannelOptions['handlers']>[string] = (_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = signal.reason))
      return new Promise<void>((resolve) => {
        answers.push(resolve)
      })
    }
    const [a, b] = await pair({}, { handlers: { slow } })
    expect(await codeOf(a.channel.request('b', 'slow', 1, { timeoutMs: 100 }))).toBe('HOTSPARE_CORE_TIMEOUT')
    await eventually('the handler is aborted', () => aborted !== undefined)
    for (const answer of answers) answer()
    expect(await codeOf(a.channel.request('b', 'nothing', 1))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_REFUSED')
    expect(connected(b, 'a')).toBe(true)
    await eventually('both are counted', () => b.channel.snapshot().peers[0]?.counters.turnedAway)
    expect(b.channel.snapshot().peers[0]?.counters).toMatchObject({ served: 1, turnedAway: 1, requests: 0 })
    expect(a.channel.snapshot().peers[0]?.counters).toMatchObject({ requests: 2, served: 0 })
  })

  it('can be cancelled, which the handler is told', async () => {
    let [arrived, reason]: [boolean, unknown] = [false, undefined]
    const slow: NonNullable<PeerChannelOptions['handlers']>[string] = (_, { signal }) => {
      arrived = true
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve((reason = signal.reason))))
    }
    const [a] = await pair({}, { handlers: { slow } })
    const controller = new AbortController()
    const asked = a.channel.request('b', 'slow', 1, { signal: controller.signal })
    await eventually('it has arrived', () => arrived)
    controller.abort(new Error('changed my mind'))
    await expect(asked).rejects.toThrow('changed my mind')
    await eventually('the handler knows', () => reason !== undefined)
    expect(reason).toMatchObject({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_CANCELLED' })
    await expect(a.channel.request('b', 'slow', 1, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
  })

  it('is refused with the handler’s message and code, and a wrong method by name', async () => {
    const [a] = await pair(
      {},
      {
        handlers: {
          vote: async () => {
            throw new HotspareError({ code: 'HOTSPARE_LEASE_REGISTER', message: 'etcd: no answer', retryable: true })
          },
        },
      },
    )
    await expect(a.channel.request('b', 'vote', 1)).rejects.toMatchObject({
      code: 'HOTSPARE_HEARTBEAT_CHANNEL_REFUSED',
      message: 'peer channel: b: vote: etcd: no answer',
      retryable: true,
      cause: { code: 'HOTSPARE_LEASE_REGISTER' },
    })
    await expect(a.channel.request('b', 'Vote', 1)).rejects.toMatchObject({
      message: 'peer channel: b: Vote: it knows no method Vote',
      retryable: false,
    })
  })

  it('or an answer that is too large, or no JSON, is refused, and the connection goes on', async () => {
    const limits = { maxFrameBytes: 2_000, maxQueueBytes: 8_000 }
    const handlers = { echo: async (body: unknown) => body, large: async () => 'x'.repeat(2_000), big: async () => 10n }
    const [a] = await pair({ ...limits }, { ...limits, handlers })
    expect(await codeOf(a.channel.request('b', 'echo', 'x'.repeat(2_000)))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_BODY')
    expect(await codeOf(a.channel.request('b', 'echo', 10n))).toBe('HOTSPARE_HEARTBEAT_CHANNEL_BODY')
    await expect(a.channel.request('b', 'large', 1)).rejects.toThrow('larger than a frame may be, or no JSON')
    await expect(a.channel.request('b', 'big', 1)).rejects.toThrow('larger than a frame may be, or no JSON')
    expect(await a.channel.request('b', 'echo', 'still here')).toBe('still here')
  })

  it('is held back beyond the limit of requests, by the asker and by the asked', async () => {
    const handlers = { wait: () => new Promise(() => {}) }
    const [a] = await pair({ maxRequests: 3 }, { maxRequests: 2, handlers })
    const asked = [1, 2, 3, 4].map((each) => codeOf(a.channel.request('b', 'wait', each, { timeoutMs: 1_000 })))
    expect(await Promise.all(asked)).toEqual([
      'HOTSPARE_CORE_TIMEOUT',
      'HOTSPARE_CORE_TIMEOUT',
      'HOTSPARE_HEARTBEAT_CHANNEL_BUSY',
      'HOTSPARE_HEARTBEAT_CHANNEL_BUSY',
    ])
  })

  it('knows who asks, in both directions at once, with bodies up to the limit', async () => {
    const whoami = async (body: unknown, { peer, session, protocol }: { peer: string; session: string; protocol: number }) => ({
      body,
      peer,
      session,
      protocol,
    })
    const [a, b] = await pair(
      { session: 'aaaaaaaaaaaaaaaa', handlers: { whoami }, protocol: { current: 2, oldest: 1 } },
      { session: 'bbbbbbbbbbbbbbbb', handlers: { whoami } },
    )
    const large = 'ü'.repeat(100_000)
    const answers = await Promise.all([a.channel.request('b', 'whoami', large), b.channel.request('a', 'whoami', { nested: [null] })])
    expect(answers).toEqual([
      { body: large, peer: 'a', session: 'aaaaaaaaaaaaaaaa', protocol: 1 },
      { body: { nested: [null] }, peer: 'b', session: 'bbbbbbbbbbbbbbbb', protocol: 1 },
    ])
  })

  it('that is under way when a node stops ends on both sides', async () => {
    let [arrived, reason]: [boolean, unknown] = [false, undefined]
    const wait: NonNullable<PeerChannelOptions['handlers']>[string] = (_, { signal }) => {
      arrived = true
      return new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason)))
    }
    const [a, b] = await pair({}, { handlers: { wait } })
    const asked = codeOf(a.channel.request('b', 'wait', 1))
    await eventually('it has arrived', () => arrived)
    await b.channel.stop()
    expect(await asked).toBe('HOTSPARE_HEARTBEAT_CHANNEL_LOST')
    expect(reason).toMatchObject({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_ORPHANED' })
  })
})

describe('the secret', () => {
  it('that differs keeps nodes apart: counted and told once on both sides', async () => {
    const [a, b] = await twoNodes()
    const one = node(a)
    const other = node({ ...b, secrets: [{ id: 1, secret: 'another-secret-of-sufficient-length' }] })
    await Promise.all([one.channel.start(), other.channel.start()])
    await eventually('several attempts', () => (one.channel.snapshot().strangers['wrong-key'] ?? 0) >= 3)
    expect(one.events.filter(({ type }) => type === 'peer-refused')).toEqual([expect.objectContaining({ peer: 'b', reason: 'wrong-key' })])
    expect(one.events.filter(({ type }) => type === 'connections-refused')).toEqual([
      expect.objectContaining({ counts: { 'wrong-key': 1 }, because: '127.0.0.1: as hotspare-1/1/b/a' }),
    ])
    expect(one.types()).not.toContain('peer-connected')
    expect(other.types()).not.toContain('peer-connected')
  })

  it('of an id that is not known, or not any more, is refused', async () => {
    const [a, b] = await twoNodes()
    const one = node({ ...a, secrets: [{ id: 2, secret: SECRET }] })
    const other = node(b)
    await Promise.all([one.channel.start(), other.channel.start()])
    await eventually('it is told', () => one.types().includes('peer-refused') && other.types().includes('peer-refused'))
    expect(one.events.find(({ type }) => type === 'peer-refused')).toMatchObject({ reason: 'no-known-key' })
    expect(one.channel.snapshot().strangers['no-known-key']).toBeGreaterThan(0)
  })

  // What broke: the secrets of a running channel could not be changed, so a rotation restarted every node.
  it('is changed in three steps while requests go on, and none is lost', async () => {
    const [before, after] = [
      { id: 1, secret: SECRET },
      { id: 2, secret: 'the-next-secret-of-the-cluster' },
    ]
    let [answerSlow, arrived]: [() => void, boolean] = [() => {}, false]
    const handlers = {
      echo: async (body: unknown) => body,
      slow: () => {
        arrived = true
        return new Promise((resolve) => {
          answerSlow = () => resolve('done')
        })
      },
    }
    const nodes = await pair({ secrets: [before], handlers }, { secrets: [before], handlers })
    const [{ channel: a }, { channel: b }] = nodes
    const asks = new AbortController()
    const failed: unknown[] = []
    const asking = [() => a.request('b', 'echo', 1), () => b.request('a', 'echo', 1)].map(async (ask) => {
      while (!asks.signal.aborted) await ask().catch((error: unknown) => failed.push(error))
    })
    const slow = a.request('b', 'slow', null, { timeoutMs: 60_000 })
    await eventually('it has arrived', () => arrived)
    const used = (id: number) => [a, b].every((each) => each.snapshot().peers[0]?.acceptedKeyId === id)
    for (const channel of [a, b]) channel.replaceSecrets([before, after])
    expect(used(1)).toBe(true)
    a.replaceSecrets([after, before])
    await eventually('b is dialled with the next one', () => b.snapshot().peers[0]?.acceptedKeyId === 2)
    b.replaceSecrets([after, before])
    await eventually('both use the next one', () => used(2))
    answerSlow()
    expect(await slow).toBe('done')
    for (const channel of [a, b]) channel.replaceSecrets([after])
    const last = await Promise.all([a.request('b', 'echo', 'still'), b.request('a', 'echo', 'here')])
    asks.abort()
    await Promise.all(asking)
    expect([last, failed]).toEqual([['still', 'here'], []])
    expect(nodes.map((each) => each.types())).toEqual([['peer-connected'], ['peer-connected']])
  })

  it('that is taken away closes what was made with it, and lets nobody in; a list that is no list changes nothing', async () => {
    const [a, b] = await pair({ requestTimeoutMs: 100 }, {})
    expect(() => a.channel.replaceSecrets([])).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEARTBEAT_CHANNEL_OPTIONS' }))
    a.channel.replaceSecrets([{ id: 1, secret: 'another-secret-of-sufficient-length' }])
    const closed = ({ events }: Recorded) => events.find(({ type }) => type === 'peer-disconnected')
    await eventually('both have lost it', () => closed(a) && closed(b))
    expect(closed(a)).toMatchObject({ reason: 'secret-removed' })
    await eventually('neither can connect', () => a.types().includes('peer-refused') && b.types().includes('peer-refused'))
    a.channel.replaceSecrets([{ id: 1, secret: SECRET }])
    await eventually('both are connected again', () => connected(a, 'b') && connected(b, 'a'))
  })

  it('is shown by nothing: not by inspecting, events, logs or errors', async () => {
    const logger = recordingLogger()
    const [a] = await pair({ logger })
    const shown = inspect([a.channel, a.channel.snapshot(), a.events, logger.records], { depth: 20, showHidden: true })
    const { key } = derivePairKeys('a', ['b'], [{ id: 1, secret: SECRET }]).toDial('b')
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain(Buffer.from(key).toString('hex'))
    expect(shown).not.toContain(Buffer.from(key).toString('base64'))
    expect(shown).not.toContain([...key.subarray(0, 8)].join(', '))
  })
})

describe('nodes', () => {
  it('of versions that are too far apart do not talk, and both say why', async () => {
    const [a, b] = await twoNodes()
    const one = node({ ...a, protocol: { current: 3, oldest: 2 } })
    const other = node(b)
    await Promise.all([one.channel.start(), other.channel.start()])
    const refusal = ({ events }: Recorded) => events.find(({ type }) => type === 'peer-refused')
    await eventually('both tell it', () => refusal(one) && refusal(other))
    const because = expect.stringMatching(/a speaks protocols 2 to 3, b speaks protocol 1|b speaks protocol 1, a speaks protocols 2 to 3/)
    expect([refusal(one), refusal(other)]).toEqual([
      expect.objectContaining({ reason: 'protocol-version', because }),
      expect.objectContaining({ reason: 'protocol-version', because }),
    ])
  })

  it('of different configurations talk, and know that they differ', async () => {
    const [a, b] = await pair({ fingerprint: 'x' }, { fingerprint: 'y', handlers: { echo: async (body) => body } })
    expect(a.events).toContainEqual(expect.objectContaining({ type: 'fingerprint-differs', peer: 'b', ours: 'x', theirs: 'y' }))
    expect(b.channel.snapshot().peers).toMatchObject([{ name: 'a', fingerprint: 'x', fingerprintAgrees: false }])
    expect(await a.channel.request('b', 'echo', 1)).toBe(1)
  })

  it('that take each other’s place in the addresses do not connect: the key says who was meant', async () => {
    const [a, b] = await twoNodes()
    const [other = 0] = await freePorts(1)
    const c: PeerChannelOptions = { ...b, node: 'c', peers: [{ name: 'a', address: `127.0.0.1:${a.listen.port}` }] }
    const one = node({ ...a, peers: [...a.peers, { name: 'c', address: `127.0.0.1:${other}` }] })
    await Promise.all([one.channel.start(), node(c).channel.start()])
    await eventually('it is told', () => one.events.some((event) => event.type === 'peer-refused' && event.peer === 'b'))
    expect(one.events.find(({ type }) => type === 'peer-refused')).toMatchObject({ reason: 'no-known-key' })
  })

  it('are shown with all that is known of them', async () => {
    const [a] = await pair({ session: 'aaaaaaaaaaaaaaaa' }, { session: 'bbbbbbbbbbbbbbbb' })
    expect(a.channel.snapshot()).toMatchObject({
      node: 'a',
      session: 'aaaaaaaaaaaaaaaa',
      unauthenticated: 0,
      strangers: {},
      peers: [
        {
          name: 'b',
          verdict: { state: 'connected', because: expect.stringMatching(/^connected to 127\.0\.0\.1:\d+$/) },
          accepted: true,
          process: 'seen',
          session: 'bbbbbbbbbbbbbbbb',
          protocol: 1,
          fingerprint: 'f1',
          fingerprintAgrees: true,
          acceptedKeyId: 1,
          counters: { connections: 2, lost: 0, garbage: 0 },
        },
      ],
    })
  })
})

describe('a channel', () => {
  it('cannot start where it cannot listen, and leaves nothing', async () => {
    const [a, b] = await twoNodes()
    await node(b).channel.start()
    const blocked = node({ ...a, listen: b.listen })
    await expect(blocked.channel.start()).rejects.toMatchObject({
      code: 'HOTSPARE_HEARTBEAT_CHANNEL_LISTEN',
      message: expect.stringContaining('EADDRINUSE'),
    })
    expect(await codeOf(blocked.channel.start())).toBe('HOTSPARE_HEARTBEAT_CHANNEL_STOPPED')
  })

  // What broke: the start went on behind the caller's back: it listened and dialled, and where the port was in use the process ended.
  it('does nothing when its start is given up before it begins, and is stopped when it is given up later', async () => {
    const [a, b] = await twoNodes()
    await node(b).channel.start()
    const { channel } = node({ ...a, listen: b.listen })
    const reason = new Error('given up')
    expect(await codeOf(channel.start({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(channel.address).toBeUndefined()
    const controller = new AbortController()
    const starting = codeOf(channel.start({ signal: controller.signal }))
    controller.abort(reason)
    expect(await starting).toBe(reason)
    expect(await codeOf(channel.start())).toBe('HOTSPARE_HEARTBEAT_CHANNEL_STOPPED')
    expect(channel.snapshot().peers[0]?.counters.dials).toBe(0)
  })

  it('ends the wait for its stop with a signal, says so in the log, and closes all the same', async () => {
    const logger = recordingLogger()
    const [a, b] = await pair({ logger })
    await a.channel.stop({ signal: AbortSignal.abort() })
    expect(logger.records.filter(({ level }) => level === 'warn')).toMatchObject([{ message: 'the peer channel did not close in time' }])
    await eventually('b has heard it', () => b.types().includes('peer-left'))
    await eventually('the port is free', () => a.channel.address === undefined)
  })

  it('starts and stops as often as it is told, and leaves no timer and no socket', async () => {
    const settled = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name))
    const before = settled()
    const nodes = await pair()
    const { channel } = nodes[0]
    await Promise.all([channel.start(), channel.start()])
    await Promise.all(nodes.flatMap((each) => [each.channel.stop(), each.channel.stop()]))
    await eventually('nothing is left', () => settled().length <= before.length)
    expect(channel.address).toBeUndefined()
  })

  it('can be stopped before and while it starts', async () => {
    const [a, b] = await twoNodes()
    await node(a).channel.stop()
    const { channel } = node(b)
    const starting = codeOf(channel.start())
    await channel.stop()
    await starting
    expect(channel.address).toBeUndefined()
  })

  it('says goodbye when it stops: known at once, and not taken for a death', async () => {
    const [a, b] = await pair()
    await b.channel.stop()
    await eventually('a has heard it', () => a.types().includes('peer-disconnected'))
    await eventually('a has dialled in vain', () => (a.channel.snapshot().peers[0]?.counters.failedDials ?? 0) >= 2)
    expect(a.types()).toEqual(['peer-connected', 'peer-left', 'peer-disconnected'])
    expect(a.channel.snapshot().peers).toMatchObject([{ process: 'left', verdict: { state: 'disconnected' } }])
  })
})
