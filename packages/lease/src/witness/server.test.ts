import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { recordingLogger } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PATIENT, record, SECRET, startWitness, temporaryFolder } from './witness.fixture.ts'
import { witnessRegister } from '../witness.ts'
import { decodeWitnessFile } from './file.ts'
import { encodeRead, LARGEST_BODY_BYTES, requestMac } from './protocol.ts'
import { witnessKey } from './secret.ts'
import { createWitness } from '../witness-server.ts'

const key = witnessKey(SECRET)
const nonce = 'AAAAAAAAAAAAAAAAAAAAAA'

function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('close', () => resolve(socket))
  })
}

/** What comes back for these bytes until the other side closes. */
async function exchange(url: string, bytes: Uint8Array | string): Promise<string> {
  const socket = await open(url)
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  const closed = once(socket, 'close')
  socket.end(bytes)
  await closed
  return answer
}

async function stillWorks(url: string): Promise<void> {
  const register = witnessRegister({ url, secret: SECRET })
  expect(await register.read('shop', PATIENT)).toBeNull()
  await register.close()
}

describe('a witness', () => {
  it('tells a stranger that it lives, and nothing else', async () => {
    await using started = await startWitness()
    const healthy = await fetch(`${started.url}/healthz`)
    expect([healthy.status, await healthy.text()]).toEqual([200, 'ok\n'])
    for (const [path, method] of [
      ['/', 'GET'],
      ['/healthz', 'POST'],
      ['/healthz?x', 'GET'],
      ['/v1/read', 'POST'],
      ['/v1/swap', 'PUT'],
      ['/v1/nothing', 'DELETE'],
    ] as const) {
      const answer = await fetch(`${started.url}${path}`, { method })
      expect([answer.status, await answer.text(), answer.headers.get('hotspare-mac')]).toEqual([401, '', null])
    }
    expect(started.witness.stats().failures).toEqual({ unsigned: 6 })
  })

  it('counts what fails by its reason', async () => {
    await using started = await startWitness()
    const body = encodeRead('shop')
    const mac = requestMac(key, { nonce, method: 'POST', path: '/v1/read', body })
    const call = async (headers: Record<string, string>, sent: Uint8Array<ArrayBuffer> = new Uint8Array(body)) =>
      (await fetch(`${started.url}/v1/read`, { method: 'POST', headers, body: sent })).status
    const signed = { 'hotspare-key': '1', 'hotspare-nonce': nonce, 'hotspare-mac': mac }
    expect(await call(signed)).toBe(200)
    expect(await call({ ...signed, 'hotspare-key': '9' })).toBe(401)
    expect(await call({ ...signed, 'hotspare-mac': `${mac.startsWith('x') ? 'y' : 'x'}${mac.slice(1)}` })).toBe(401)
    expect(await call(signed, new Uint8Array(LARGEST_BODY_BYTES))).toBe(401)
    expect(await call(signed, new Uint8Array(LARGEST_BODY_BYTES + 1))).toBe(413)
    expect(await exchange(started.url, 'GET / HTTP/1.1\r\nno colon\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*content-length: 0\r\n\r\n$/s)
    expect(await exchange(started.url, `GET / HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(9_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
    expect(started.witness.stats()).toMatchObject({
      reads: 1,
      failures: { 'unknown-key': 1, 'wrong-mac': 2, 'body-too-large': 1, malformed: 2 },
    })
  })

  it('survives whatever bytes come, and answers the others', async () => {
    await using started = await startWitness()
    const line = fc.constantFrom('POST /v1/swap HTTP/1.1', 'GET /healthz HTTP/1.1', 'CONNECT x:1 HTTP/1.1', 'PRI * HTTP/2.0', 'GET //')
    const header = fc.constantFrom(
      'host: x',
      'transfer-encoding: chunked',
      'content-length: 4096',
      'content-length: -1',
      'content-length: 99999999999',
      'upgrade: websocket\r\nconnection: upgrade',
      'expect: 100-continue',
      'expect: 42',
      'hotspare-key: k1\r\nhotspare-key: k1',
      'hotspare-nonce: \u00ff',
    )
    const request = fc
      .tuple(line, fc.array(header, { maxLength: 4 }), fc.uint8Array({ maxLength: 300 }))
      .map(([first, headers, rest]) => Buffer.concat([Buffer.from(`${[first, ...headers].join('\r\n')}\r\n\r\n`, 'latin1'), rest]))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), request), async (bytes) => {
        const answer = await exchange(started.url, bytes)
        expect(answer).not.toMatch(/^HTTP\/1.1 5/)
        expect(answer).not.toContain('hotspare-mac')
      }),
      { numRuns: 150 },
    )
    await stillWorks(started.url)
    expect(started.witness.stats()).toMatchObject({ leases: 0, swaps: 0 })
  })

  it('closes what dawdles: heads, bodies, and connections that say nothing', async () => {
    await using started = await startWitness({ requestTimeoutMs: 200 })
    const signedHead = 'POST /v1/read HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n'
    const sockets = await Promise.all(['', 'GET /heal', signedHead].map(async (bytes) => ({ socket: await open(started.url), bytes })))
    const drip = setInterval(() => {
      for (const { socket, bytes } of sockets) if (bytes !== '' && socket.writable) socket.write('x')
    }, 20)
    await Promise.all(
      sockets.map(({ socket, bytes }) => {
        const closed = once(socket.resume(), 'close')
        if (bytes !== '') socket.write(bytes)
        return closed
      }),
    )
    clearInterval(drip)
    await stillWorks(started.url)
    expect(started.witness.stats().failures.malformed).toBeGreaterThanOrEqual(2)
  })

  it('takes no more connections than it may, and serves those that it has', async () => {
    await using started = await startWitness({ maxConnections: 3 })
    const register = witnessRegister({ url: started.url, secret: SECRET })
    await register.read('shop', PATIENT)
    const flood = await Promise.all(Array.from({ length: 20 }, () => open(started.url)))
    expect(await register.read('shop', PATIENT)).toBeNull()
    await Promise.all(flood.slice(5).map(async (socket) => socket.destroyed || once(socket.resume(), 'close')))
    expect(started.witness.stats().failures['too-many-connections']).toBeGreaterThanOrEqual(15)
    for (const socket of flood) socket.destroy()
    await register.close()
  })

  it('answers a failed write with an error, says nothing that is not on the disk, and goes on once it can write', async () => {
    const folder = temporaryFolder()
    const [inner, aside] = [join(folder.path, 'state'), join(folder.path, 'aside')]
    mkdirSync(inner)
    const file = join(inner, 'witness.json')
    const logger = recordingLogger()
    await using started = await startWitness({ file, logger })
    const register = witnessRegister({ url: started.url, secret: SECRET })
    await register.compareAndSwap('shop', null, record(), PATIENT)
    renameSync(inner, aside)
    writeFileSync(inner, 'a file where the folder was')
    const renewed = record({ revision: 'instance.2' })
    await expect(register.compareAndSwap('shop', record(), renewed, PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining('whether it was made is unknown'),
    })
    expect(await register.read('shop', PATIENT)).toEqual(record())
    expect(started.witness.stats()).toMatchObject({ fileInDoubt: true, failures: { 'write-failed': 1 } })
    rmSync(inner)
    renameSync(aside, inner)
    expect(await register.compareAndSwap('shop', record(), renewed, PATIENT)).toEqual({ swapped: true })
    expect(decodeWitnessFile(readFileSync(file, 'utf8'))).toEqual({ records: new Map([['shop', renewed]]) })
    expect(started.witness.stats()).toMatchObject({ fileInDoubt: false })
    expect(logger.records.filter(({ level }) => level === 'error')).toHaveLength(1)
    await register.close()
    await started.witness.stop()
    folder.remove()
  })

  it('warns when it begins without a file, and not when it has one', async () => {
    const logger = recordingLogger()
    await using first = await startWitness({ logger })
    await first.witness.stop()
    await using second = await startWitness({ file: first.file, logger })
    expect(second.witness.stats()).toMatchObject({ leases: 0, writes: 0 })
    expect(logger.records.filter(({ level }) => level === 'warn')).toMatchObject([{ message: expect.stringContaining('new secret') }])
  })

  it('does not start on a damaged file, in a port that is taken, or after it was stopped; a start that failed can be tried again', async () => {
    await using first = await startWitness()
    const folder = temporaryFolder()
    const file = join(folder.path, 'witness.json')
    const witness = createWitness({ listen: { port: first.witness.address?.port ?? 0 }, file, secrets: [SECRET] })
    await expect(witness.start()).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_WITNESS_LISTEN',
      message: expect.stringContaining('EADDRINUSE'),
    })
    expect(witness.address).toBeUndefined()
    writeFileSync(file, 'damaged')
    await expect(witness.start()).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_WITNESS_FILE' })
    rmSync(file)
    await first.witness.stop()
    await Promise.all([witness.start(), witness.start()])
    await Promise.all([witness.stop(), witness.stop()])
    expect(witness.address).toBeUndefined()
    await expect(witness.start()).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_WITNESS_STOPPED' })
    folder.remove()
  })

  it('answers what it has begun before it stops', async () => {
    await using started = await startWitness()
    const register = witnessRegister({ url: started.url, secret: SECRET })
    await register.compareAndSwap('shop', null, record(), PATIENT)
    const outcomes: string[] = []
    let revision = 1
    const swapping = (async () => {
      for (;;) {
        const [before, next] = [record({ revision: `instance.${revision}` }), record({ revision: `instance.${revision + 1}` })]
        const result = await register.compareAndSwap('shop', before, next, PATIENT)
        outcomes.push(JSON.stringify(result))
        revision += 1
        if (revision === 20) void started.witness.stop()
      }
    })()
    await expect(swapping).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    await started.witness.stop()
    expect(new Set(outcomes)).toEqual(new Set(['{"swapped":true}']))
    const decoded = decodeWitnessFile(readFileSync(started.file, 'utf8'))
    expect('records' in decoded && decoded.records.get('shop')?.revision).toBe(`instance.${revision}`)
    await register.close()
  })
})
