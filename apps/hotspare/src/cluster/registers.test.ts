import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { inspect } from 'node:util'
import { systemClock } from '@hotspare/core'
import { createLease, type LeaseRegister } from '@hotspare/lease'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../api-server.fixture.ts'
import type { ArbiterConfig } from '../config/config.ts'
import { clusterEvent } from './events.ts'
import { registerFor } from './registers.ts'
import { toEntry } from '../events.ts'

const SENTINEL = 'sentinel@0f1e2d3c4b5a'
const encoded = encodeURIComponent(SENTINEL)

/** Answers every request with its own text and its own credentials, as a proxy in the way might. */
async function echo(status: number): Promise<number> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    const sent = () => `${body} ${JSON.stringify(request.headers)}`
    request.on('end', () => response.writeHead(status).end(JSON.stringify({ error: sent(), message: sent(), code: 16 })))
  })
  return listening(server)
}

/** A PostgreSQL that refuses whoever comes, in words of its own. */
async function refusingPostgres(): Promise<number> {
  const text = 'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "ops"\0\0'
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(4 + Buffer.byteLength(text), 1)
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(Buffer.concat([head, Buffer.from(text)])))
  })
  return listening(server)
}

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const etcd = (port: number): ArbiterConfig => {
  return { type: 'etcd', endpoints: [`http://127.0.0.1:${port}`], prefix: 'p/', user: 'ops', password: SENTINEL, ttlMs: 1_000 }
}
const postgres = (port: number): ArbiterConfig => {
  return { type: 'postgres', connection: [`postgres://ops:${encoded}@127.0.0.1:${port}/db`], table: 'lease', ttlMs: 1_000 }
}
const witness = (port: number): ArbiterConfig => {
  return { type: 'witness', url: `http://127.0.0.1:${port}`, secret: { id: 1, secret: SENTINEL }, ttlMs: 1_000 }
}

const consul = (port: number): ArbiterConfig => {
  const endpoints = [`http://127.0.0.1:${port}`]
  return { type: 'consul', endpoints, datacenter: 'fra', prefix: 'p/', token: SENTINEL, ttlMs: 1_000 }
}
const kubernetes = (port: number): ArbiterConfig => {
  return { type: 'kubernetes', server: `http://127.0.0.1:${port}`, namespace: 'ha', prefix: 'p-', token: SENTINEL, ttlMs: 1_000 }
}
const s3 = (port: number): ArbiterConfig => {
  const credentials = { type: 'static', accessKeyId: 'AKIA', secretAccessKey: 'another', sessionToken: SENTINEL } as const
  return { type: 's3', endpoint: `http://127.0.0.1:${port}`, bucket: 'leases', region: 'r-1', credentials, prefix: 'p/', ttlMs: 1_000 }
}

function open(arbiter: ArbiterConfig): LeaseRegister {
  const register = registerFor(arbiter, systemClock)
  if (!register) throw new Error('no register')
  onTestFinished(() => register.close())
  return register
}

/** All that a register and a lease on it ever say. */
async function wordsOf(arbiter: ArbiterConfig): Promise<string> {
  const register = open(arbiter)
  const said: string[] = [register.description]
  const failure = await register.read('shop').catch((error: unknown) => error)
  said.push(String(failure), inspect(failure, { depth: 6 }), JSON.stringify(failure))
  const lease = createLease({ register, name: 'shop', holder: 'web-1', ttlMs: 1_000 })
  onTestFinished(() => lease.stop())
  let told = false
  lease.subscribe((event) => {
    told = true
    said.push(JSON.stringify(event), toEntry(clusterEvent(event), 1).text)
  })
  lease.start()
  await until(() => told, 'an event of the lease')
  said.push(JSON.stringify(lease.verdict()))
  return said.join('\n')
}

describe('an arbiter that fails', () => {
  it.each([
    ['etcd that nobody runs', () => Promise.resolve(etcd(1))],
    ['etcd that refuses', async () => etcd(await echo(401))],
    ['etcd that fails, and repeats what it was sent', async () => etcd(await echo(500))],
    ['PostgreSQL that nobody runs', () => Promise.resolve(postgres(1))],
    ['PostgreSQL that refuses', async () => postgres(await refusingPostgres())],
    ['PostgreSQL that is none', async () => postgres(await echo(400))],
    ['Consul that nobody runs', () => Promise.resolve(consul(1))],
    ['Consul that refuses', async () => consul(await echo(403))],
    ['Consul that is none', async () => consul(await echo(500))],
    ['Kubernetes that nobody runs', () => Promise.resolve(kubernetes(1))],
    ['Kubernetes that refuses', async () => kubernetes(await echo(401))],
    ['Kubernetes that is none', async () => kubernetes(await echo(500))],
    ['S3 that nobody runs', () => Promise.resolve(s3(1))],
    ['S3 that refuses', async () => s3(await echo(403))],
    ['S3 that is none', async () => s3(await echo(500))],
    ['witness that nobody runs', () => Promise.resolve(witness(1))],
    ['witness that is none', async () => witness(await echo(500))],
  ])('says where and why, and never its secret: %s', async (_what, arbiter) => {
    const words = await wordsOf(await arbiter())
    expect(words).toContain('127.0.0.1')
    for (const form of [SENTINEL, encoded, Buffer.from(SENTINEL).toString('base64')]) expect(words).not.toContain(form)
  })
})

it('there is no register without an arbiter', () => {
  expect(registerFor({ type: 'none', acceptSplitBrain: true }, systemClock)).toBeUndefined()
})
