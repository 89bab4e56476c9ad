import { request } from 'node:http'
import { apiPaths } from '@hotspare/api'
import { createClient } from '@hotspare/api/client'
import { silentLogger } from '@hotspare/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { rawConnection, rawExchange, type RunningApi, startApi, until } from './api-server.fixture.ts'
import { Timeline } from './timeline.ts'

const record = (timeline: Timeline, at: number, because = 'x') => timeline.record({ type: 'daemon-stopping', at, because })

interface Reader {
  /** What has come so far. */
  readonly text: () => string
  readonly ids: () => number[]
  readonly status: number | undefined
  readonly ended: () => boolean
  readonly leave: () => void
}

function read({ port }: RunningApi, query = '', headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', path: `${apiPaths.events}${query}`, headers }, (answer) => {
      let text = ''
      let ended = false
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.on('error', () => {})
      answer.once('close', () => (ended = true))
      resolve({
        text: () => text,
        ids: () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)),
        status: answer.statusCode,
        ended: () => ended,
        leave: () => void answer.destroy(),
      })
    })
    onTestFinished(() => void outgoing.destroy())
    outgoing.once('error', reject)
    outgoing.end()
  })
}

describe('a reader of events', () => {
  it('gets what happens from now on, each as one event', async () => {
    const running = await startApi()
    record(running.timeline, 1)
    const reader = await read(running)
    record(running.timeline, 2, 'two\nlines')
    await until(() => reader.ids().length > 0, 'the event')
    expect(reader.text()).toBe(
      ': hotspare\n\nid: 2\nevent: daemon-stopping\ndata: {"type":"daemon-stopping","at":2,"because":"two\\nlines","sequence":2,"text":"stopping: two\\nlines"}\n\n',
    )
  })

  it.each([
    ['?after=0', {}, [1, 2, 3, 4, 5]],
    ['?after=3', {}, [4, 5]],
    ['?after=99', {}, [1, 2, 3, 4, 5]],
    ['', { 'last-event-id': '2' }, [3, 4, 5]],
    ['?after=0', { 'last-event-id': '4' }, [5]],
    ['?after=4', { 'last-event-id': 'nonsense' }, [5]],
    ['?after=4', { 'last-event-id': '' }, [5]],
    ['', { 'last-event-id': '' }, []],
    ['', { 'last-event-id': '-1' }, []],
  ])('asking for "%s" with %j first gets what it missed: %j', async (query, headers, missed) => {
    const running = await startApi()
    for (let at = 1; at <= 5; at++) record(running.timeline, at)
    const reader = await read(running, query, headers)
    record(running.timeline, 6)
    await until(() => reader.ids().includes(6), 'the event')
    expect(reader.ids()).toEqual([...missed, 6])
  })

  // Once a reader was cut off for being behind when all it did was to ask for a long history.
  it('gets a long history whole, in order, with what happens meanwhile after it', async () => {
    const timeline = new Timeline({ keep: 20_000, logger: silentLogger })
    for (let at = 1; at <= 20_000; at++) record(timeline, at, 'x'.repeat(500))
    const running = await startApi({ timeline })
    const reader = await read(running, '?after=0')
    record(timeline, 20_001)
    await until(() => reader.ids().at(-1) === 20_001 || reader.ended(), 'the last event')
    expect(reader.ids()).toEqual(Array.from({ length: 20_001 }, (_value, index) => index + 1))
    expect(reader.ended()).toBe(false)
  })

  it('that does not read is cut off at the bound, and the others are not', async () => {
    const running = await startApi()
    const slow = await rawConnection(running.port)
    let cut = false
    slow.once('close', () => (cut = true))
    slow.write(`GET ${apiPaths.events} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    const quick = await read(running)
    await until(async () => {
      const before = quick.ids().length
      for (let count = 0; count < 100; count++) record(running.timeline, 1, 'y'.repeat(10_000))
      await until(() => quick.ids().length >= before + 100, 'the quick one keeps up')
      // A socket that nobody reads shows its end only to whoever writes.
      slow.write('x')
      return cut
    }, 'the slow one is cut off')
    expect(quick.ended()).toBe(false)
    expect(quick.ids()).toEqual(quick.ids().map((_id, index) => index + 1))
  })

  it('never sees a secret, and its events stay readable', async () => {
    const running = await startApi()
    running.redactor.add('hunter2')
    running.redactor.add('1700')
    const entries = createClient({ url: running.url }).events({ after: 0 })
    record(running.timeline, 1_700_000_000_000, 'the word was hunter2')
    expect((await entries.next()).value).toMatchObject({ at: 1_700_000_000_000, text: 'stopping: the word was [redacted]' })
    await entries.return(undefined)
  })

  it('that is one too many is refused, and let in when another has left', async () => {
    const running = await startApi()
    const readers: Reader[] = []
    for (let count = 0; count < 100; count++) readers.push(await read(running))
    expect(readers.every(({ status }) => status === 200)).toBe(true)
    const refused = await fetch(`${running.url}${apiPaths.events}`)
    expect([refused.status, await refused.json()]).toEqual([503, { error: '100 readers follow already' }])
    readers[0]?.leave()
    await until(async () => {
      const next = await read(running)
      next.leave()
      return next.status === 200
    }, 'a free place')
  })

  // Once a HEAD took a place for good, and a hundred of them shut everybody out.
  it('that asks with HEAD takes no place', async () => {
    const running = await startApi()
    const head = `HEAD ${apiPaths.events} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`
    expect(await rawExchange(running.port, head)).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('is let go when the API stops', async () => {
    const running = await startApi()
    const reader = await read(running, '?after=0')
    record(running.timeline, 1)
    await running.api.stop()
    await until(() => reader.ended(), 'the end')
    expect(reader.ids()).toEqual([1])
    record(running.timeline, 2)
  })

  it('that has stopped reading does not hold up the stop', async () => {
    const running = await startApi()
    const slow = await rawConnection(running.port)
    slow.write(`GET ${apiPaths.events}?after=0 HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    const quick = await read(running)
    for (let count = 0; count < 80; count++) record(running.timeline, 1, 'y'.repeat(100_000))
    await until(() => quick.ids().length > 0, 'a first event')
    await running.api.stop()
    await until(() => quick.ended(), 'the end')
    expect(running.api.address).toBeUndefined()
  })
})
