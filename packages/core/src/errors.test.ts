import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { errorCode, errorText, HotspareError } from './errors.ts'

const options = { code: 'HOTSPARE_DNS_CONFLICT', message: 'dns: the record has changed: read it again' } as const

describe('HotspareError', () => {
  test.each([undefined, null, 'HOTSPARE_DNS_CONFLICT', 7, {}, new Error('x'), { code: 'HOTSPARE_DNS_CONFLICT' }])(
    'something else is not taken for one: %s',
    (value) => {
      expect(HotspareError.is(value)).toBe(false)
    },
  )

  test('it is recognised across a second copy of the class, where instanceof fails', async () => {
    vi.resetModules()
    const copy = await import('./errors.ts')
    const foreign = new copy.HotspareError(options)
    expect(foreign instanceof HotspareError).toBe(false)
    expect(HotspareError.is(foreign)).toBe(true)
    expect(copy.HotspareError.is(new HotspareError(options))).toBe(true)
  })

  test('a cause of undefined is left out, so that no log prints it', () => {
    expect('cause' in new HotspareError(options)).toBe(false)
    expect('cause' in new HotspareError({ ...options, cause: undefined })).toBe(false)
  })

  test.each([new Error('below'), 'text', null, 0])('a cause is kept as it is: %s', (cause) => {
    const error = new HotspareError({ ...options, cause })
    expect(error.cause).toBe(cause)
  })

  test('it says that a retry is of no use unless told otherwise', () => {
    expect(new HotspareError(options).retryable).toBe(false)
    expect(new HotspareError({ ...options, retryable: true }).retryable).toBe(true)
  })

  test('it is an Error with a name, a stack and its code, and the mark does not show', () => {
    const error = new HotspareError(options)
    expect(error).toBeInstanceOf(Error)
    expect(`${error}`).toBe('HotspareError: dns: the record has changed: read it again')
    expect(error.stack).toContain('errors.test')
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: options.code, retryable: false, name: 'HotspareError' })
    expect(Object.getOwnPropertySymbols(error).filter((key) => Object.prototype.propertyIsEnumerable.call(error, key))).toEqual([])
  })
})

function refused(address: string): Error {
  return Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' })
}

/** As Node throws it when every address of a name refuses: no message, a code, the single failures inside. */
function happyEyeballs(): AggregateError {
  return Object.assign(new AggregateError([refused('::1:80'), refused('127.0.0.1:80')]), { code: 'ECONNREFUSED' })
}

describe('errorText', () => {
  test.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a text', 'boom', 'boom'],
    ['a symbol', Symbol('boom'), 'Symbol(boom)'],
    ['an error', new Error('boom'), 'boom'],
    ['an error with a code and no message', Object.assign(new Error(), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['an error with nothing at all', new TypeError(), 'TypeError'],
    ['an empty aggregate', new AggregateError([], 'all failed'), 'all failed'],
    ['an aggregate', happyEyeballs(), 'connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80'],
    ['an aggregate in an aggregate', new AggregateError([new AggregateError([new Error('a')]), 'b']), 'a; b'],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: { length: 3 } }), '[object Object]'],
    ['an object that has no text', Object.create(null), 'something without a text was thrown'],
  ])('%s', (_, thrown, text) => {
    expect(errorText(thrown)).toBe(text)
  })
})

describe('errorCode', () => {
  test.each([
    ['undefined', undefined, undefined],
    ['null', null, undefined],
    ['a text', 'ECONNREFUSED', undefined],
    ['an error without a code', new Error('boom'), undefined],
    ['a code that is a number', new DOMException('aborted', 'AbortError'), undefined],
    ['a system error', Object.assign(new Error(), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['a HotspareError', new HotspareError(options), 'HOTSPARE_DNS_CONFLICT'],
    ['an aggregate with its own code', happyEyeballs(), 'ECONNREFUSED'],
    ['an aggregate whose first failure has one', new AggregateError([Object.assign(new Error(), { code: 'EPIPE' })]), 'EPIPE'],
    ['an empty aggregate', new AggregateError([]), undefined],
  ])('%s', (_, thrown, code) => {
    expect(errorCode(thrown)).toBe(code)
  })
})

test('a refused connection to a name with two addresses, as Node really throws it, has a text and a code', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  server.close()
  await once(server, 'close')
  const socket = connect({
    host: 'two.test',
    port,
    autoSelectFamily: true,
    lookup: (_name, _options, callback) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]),
  })
  const [thrown] = (await once(socket, 'error').catch((error: unknown) => [error])) as [unknown]
  expect(errorCode(thrown)).toBe('ECONNREFUSED')
  expect(errorText(thrown)).toContain(`connect ECONNREFUSED 127.0.0.1:${port}`)
})

test('nothing that was thrown makes the text of it, or the question what it is, throw', () => {
  const hostile = [
    Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no')
      },
    }),
    new Proxy(
      {},
      {
        has: () => {
          throw new Error('no')
        },
        get: () => {
          throw new Error('no')
        },
        getPrototypeOf: () => {
          throw new Error('no')
        },
      },
    ),
    Object.assign(new Error(''), { name: '' }),
  ]
  for (const thrown of hostile) {
    expect(typeof errorText(thrown)).toBe('string')
    expect(HotspareError.is(thrown)).toBe(false)
  }
})
