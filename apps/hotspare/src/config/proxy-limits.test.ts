import { proxyDefaults, proxySettingsSchema } from '@hotspare/proxy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { ConfigError } from './problem.ts'
import { formatSize, readSize } from './sizes.ts'

const POOL = 'pools: { shop: { targets: [http://10.0.0.11:8080] } }\n'
const proxy = (more: string, listen = ':8080') => `{ listen: "${listen}", pool: shop, ${more} }`
const file = (...proxies: string[]) => `${POOL}proxies: [${proxies.join(', ')}]\n`
const read = (text: string) => parseConfig(text, { file: 'f', env: {}, hostname: 'h', readFile: () => Promise.reject(new Error('none')) })

async function problems(text: string): Promise<string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown)
  return error instanceof ConfigError ? error.message.split('\n') : [`accepted, or ${String(error)}`]
}

async function proxyOf(more: string) {
  const { config } = await read(file(proxy(more)))
  return config.proxies[0]
}

describe('a file with limits of a proxy is refused where', () => {
  it.each([
    ['a size has no unit', 'limits: { body: "1000" }', 'write a whole number and a unit, like 512B, 16KiB, 10MiB or 2GiB'],
    ['a size is a number', 'limits: { body: 1000 }', 'expected a size like 16KiB, got the number 1000'],
    ['a size is in another unit', 'limits: { body: 10MB }', 'write a whole number and a unit'],
    ['a head is too small to hold anything', 'limits: { headers: 1023B }', 'the least here is 1KiB'],
    ['a head is too large', 'limits: { headers: 2MiB }', 'the most here is 1MiB'],
    ['nothing may connect', 'limits: { connections: 0 }', 'expected a whole number from 1'],
    ['a key is another one', 'limits: { maxRequests: 5 }', 'unknown key "maxRequests"; did you mean "requests"?'],
    ['nobody would wait for so long', 'limits: { headersTimeout: 2h }', 'the longest here is 1h'],
    ['the log has no absolute path', 'accessLog: { file: access.log }', 'an absolute path of a file, or "-" for the standard output'],
    ['the log is a folder', 'accessLog: { file: /var/log/ }', 'an absolute path of a file'],
    ['the log is in a format of its own', 'accessLog: { file: /l, format: common }', 'expected one of combined, combined+, json'],
    ['the log has no file', 'accessLog: { format: json }', 'accessLog'],
  ])('%s', async (_what, more, message) => {
    const [problem, ...others] = await problems(file(proxy(more)))
    expect(others).toEqual([])
    expect(problem).toMatch(/^f:2:\d+: proxies\[0\]\./)
    expect(problem).toContain(message)
  })

  it('two proxies write two formats to one file', async () => {
    const log = (format: string) => `accessLog: { file: /var/log/a.log, format: ${format} }`
    expect(await problems(file(proxy(log('json'), ':1'), proxy(log('json'), ':2'), proxy(log('combined'), ':3')))).toEqual([
      expect.stringMatching(
        /^f:2:\d+: proxies\[2\]\.accessLog: proxies\[0\] writes another format to the same file; give one of them another "file"/,
      ),
    ])
  })
})

describe('a file with limits of a proxy', () => {
  it('says them as the options of the proxy', async () => {
    const limits =
      'headers: 32KiB, body: 10MiB, headersTimeout: 5s, connections: 9, requests: 8, connectionsPerTarget: 7, waitingPerTarget: 0'
    const expected = {
      maxHeaderBytes: 32_768,
      maxBodyBytes: 10_485_760,
      headersTimeoutMs: 5_000,
      maxConnections: 9,
      maxRequests: 8,
      maxConnectionsPerTarget: 7,
      maxWaitingPerTarget: 0,
    }
    const found = await proxyOf(`limits: { ${limits} }`)
    expect(found?.limits).toEqual(expected)
    expect(proxySettingsSchema.parse({ port: 0, ...found?.limits })).toMatchObject(expected)
  })

  it('has those of the package where it says nothing', async () => {
    const { maxHeaderBytes, maxBodyBytes, headersTimeoutMs, maxConnections, maxRequests, maxConnectionsPerTarget, maxWaitingPerTarget } =
      proxyDefaults
    const wanted = {
      maxHeaderBytes,
      maxBodyBytes,
      headersTimeoutMs,
      maxConnections,
      maxRequests,
      maxConnectionsPerTarget,
      maxWaitingPerTarget,
    }
    expect((await proxyOf('attempts: 1'))?.limits).toEqual(wanted)
    expect((await proxyOf('limits: {}'))?.limits).toEqual(wanted)
  })

  it('and with an access log says where it goes and how', async () => {
    expect((await proxyOf('attempts: 1'))?.accessLog).toBeUndefined()
    expect((await proxyOf('accessLog: { file: /var/log/a.log }'))?.accessLog).toEqual({ file: '/var/log/a.log', format: 'combined' })
    expect((await proxyOf('accessLog: { file: "-", format: json }'))?.accessLog).toEqual({ file: '-', format: 'json' })
  })
})

describe('a size', () => {
  const bounds = { least: 0, most: Number.MAX_SAFE_INTEGER }

  it.each(['', 'KiB', '1.5KiB', '-1B', '1 KiB', '1kib', '1e3B', '9999999999B', '0x1B', '1KiB '])('is not "%s"', (text) => {
    expect(readSize(text, bounds).ok).toBe(false)
  })

  it('is read back from how it is written', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (bytes) => {
        expect(readSize(formatSize(bytes), bounds)).toEqual({ ok: true, value: bytes })
      }),
    )
    expect([0, 1, 1_024, 1_536, 65_536, 1_048_576].map(formatSize)).toEqual(['0B', '1B', '1KiB', '1536B', '64KiB', '1MiB'])
  })
})
