import { systemClock } from '@hotspare/core'
import { expect, it, onTestFinished } from 'vitest'
import { Deadlines } from '../deadlines.ts'
import { parseSettings } from '../options.ts'
import { httpOrigin, until } from '../origins.fixture.ts'
import { chunkedLimits, responseReaders } from './context.ts'
import type { TargetConnection, TargetUser } from './target-connection.ts'
import { TargetPool } from './target-pool.ts'

/** Reads no more than one piece at a time, and never goes on by itself. */
function hesitantUser(): TargetUser & { readonly state: { body: string; done: boolean; failed: string } } {
  const state = { body: '', done: false, failed: '' }
  let own: TargetConnection | undefined
  return {
    state,
    attached: (connection) => void (own = connection),
    connected(connection) {
      connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n', undefined, { method: 'GET' })
      connection.requestSent()
    },
    answerHead: () => false,
    bodyData(piece) {
      state.body += piece.toString('latin1')
      own?.pause()
    },
    interim() {},
    answerEnd: () => void (state.done = true),
    drained() {},
    upgraded: (_head, socket) => void socket.destroy(),
    failed: ({ reason }) => void (state.failed = reason),
  }
}

it('a connection whose last user had stopped reading is read on, for the next one and for its end', async () => {
  const origin = await httpOrigin((_incoming, response) => response.end('whole'))
  const settings = parseSettings({ port: 0 })
  const pool = new TargetPool(
    { settings, chunkedLimits, deadlines: new Deadlines(systemClock, 10), responseReaders: responseReaders(settings) },
    origin.url,
    { host: '127.0.0.1', port: origin.port, tls: false },
  )
  onTestFinished(() => pool.close())
  for (let turn = 0; turn < 3; turn += 1) {
    const user = hesitantUser()
    pool.connect(user, false)
    await until(() => user.state.done, 'the answer')
    expect(user.state).toEqual({ body: 'whole', done: true, failed: '' })
  }
  expect(origin.connections()).toBe(1)
  expect(pool.hasIdle).toBe(true)
  await origin.kill()
  await until(() => !pool.hasIdle, 'the end noticed')
  expect(pool.empty).toBe(true)
})
