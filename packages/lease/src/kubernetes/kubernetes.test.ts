import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeCertificates } from '../etcd/certificates.fixture.ts'
import { describeHostileStore } from '../hostile-store.fixture.ts'
import { type KubernetesRegisterOptions, kubernetesRegister, kubernetesRegisterOptionsSchema } from '../kubernetes.ts'
import { encodeRecord } from '../record.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { describeRegisterContract } from '../testing/index.ts'
import { credentialSource } from './credentials.ts'
import { type FakeApiServer, fakeApiServer } from './server.fixture.ts'

const PATIENT = { timeoutMs: 15_000 }
const NAME = 'hotspare-shop'
const record = (number: number, more: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holder: 'web-1',
  token: 1_790_000_000_000,
  ttlMs: 2_500,
  revision: `instance.${number}`,
  ...more,
})

async function start(tls?: Parameters<typeof fakeApiServer>[0]): Promise<FakeApiServer> {
  const server = await fakeApiServer(tls)
  onTestFinished(() => server.close())
  return server
}

function open(server: FakeApiServer, options: Partial<KubernetesRegisterOptions> = {}): LeaseRegister {
  const token = options.tokenFile === undefined ? { token: 'good-token' } : {}
  const register = kubernetesRegister({ server: server.url, namespace: 'ha', ...token, ...options })
  onTestFinished(() => register.close())
  return register
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hotspare-kubernetes-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const specOf = (server: FakeApiServer) => server.objects.get(NAME)?.['spec']

describeRegisterContract(
  { describe, it },
  {
    title: 'kubernetes register',
    durable: true,
    async open() {
      const server = await fakeApiServer()
      const opened: LeaseRegister[] = []
      const another = async () => {
        const register = kubernetesRegister({ server: server.url, namespace: 'ha', token: 'good-token' })
        opened.push(register)
        return register
      }
      const close = async () => {
        await Promise.all(opened.map((each) => each.close()))
        await server.close()
      }
      return { register: await another(), another, reopen: another, close }
    },
  },
)

describeHostileStore({
  title: 'kubernetes register',
  busy: { status: 429, headers: { 'retry-after': '1' }, body: '{"kind":"Status","reason":"TooManyRequests","message":"try later"}' },
  isWrite: ({ method }) => method !== 'GET',
  async open() {
    const store = await start()
    return { store, register: open(store), another: () => open(store) }
  },
})

describe('kubernetes register', () => {
  it('is refused without the rights, says which it needs, and never repeats its token', async () => {
    const server = await start()
    for (const options of [{ token: 'open-sesame' }, { namespace: 'closed' }]) {
      const register = open(server, options)
      for (const call of [() => register.read('shop', PATIENT), () => register.compareAndSwap('shop', null, record(1), PATIENT)]) {
        const refusal: unknown = await call().catch((error: unknown) => error)
        expect(refusal).toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false, message: expect.stringMatching(/status 40[13]/) })
        expect(inspect(refusal, { depth: 9 })).not.toContain('sesame')
      }
    }
  })

  it('refuses a Lease of somebody else, and does not touch it', async () => {
    const server = await start()
    const theirs = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: NAME }, spec: { holderIdentity: 'scheduler' } }
    server.edit(NAME, () => theirs)
    const before = JSON.stringify(server.objects.get(NAME))
    const problem = { code: 'HOTSPARE_LEASE_RECORD', message: expect.stringContaining(`ha/${NAME}`) }
    await expect(open(server).read('shop', PATIENT)).rejects.toMatchObject(problem)
    await expect(open(server).compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(problem)
    expect(JSON.stringify(server.objects.get(NAME))).toBe(before)
  })

  it('keeps the record exactly, and reads well with kubectl: whole seconds, grants counted, nobody left out', async () => {
    const server = await start()
    const clock = new TestClock()
    const register = open(server, { clock })
    const at = (ms: number) => new Date(clock.wallMs() + ms).toISOString().replace('Z', '000Z')
    const [first, renewed] = [at(0), at(5)]
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    expect(specOf(server)).toEqual({
      holderIdentity: 'web-1',
      leaseDurationSeconds: 3,
      leaseTransitions: 0,
      acquireTime: first,
      renewTime: first,
    })
    expect(server.objects.get(NAME)?.['metadata']).toMatchObject({
      annotations: { 'hotspare.dev/lease': 'shop', 'hotspare.dev/record': encodeRecord(record(1)) },
    })
    await clock.advance(5)
    await register.compareAndSwap('shop', record(1), record(2), PATIENT)
    expect(specOf(server)).toMatchObject({ leaseTransitions: 0, acquireTime: first, renewTime: renewed })
    await register.compareAndSwap('shop', record(2), record(3, { holder: null }), PATIENT)
    expect(specOf(server)).not.toHaveProperty('holderIdentity')
    await register.compareAndSwap('shop', record(3), record(4, { holder: 'web-2', token: 1_790_000_000_001, ttlMs: 250 }), PATIENT)
    expect(specOf(server)).toMatchObject({ holderIdentity: 'web-2', leaseDurationSeconds: 1, leaseTransitions: 1, acquireTime: renewed })
  })

  it('puts back what others have added to the object', async () => {
    const server = await start()
    const register = open(server)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    server.edit(NAME, (object) => {
      const metadata = object['metadata'] as { annotations: object }
      return {
        ...object,
        metadata: { ...metadata, labels: { team: 'web' }, finalizers: ['x/y'], annotations: { ...metadata.annotations, note: 'hi' } },
        spec: { ...Object(object['spec']), strategy: 'OldestEmulationVersion' },
      }
    })
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    expect(server.objects.get(NAME)).toMatchObject({
      metadata: { labels: { team: 'web' }, finalizers: ['x/y'], annotations: { note: 'hi' } },
      spec: { strategy: 'OldestEmulationVersion' },
    })
  })

  it('replaces the version that it read, names its uid, and loses to whoever was in between', async () => {
    const server = await start()
    const register = open(server)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const other = record(7, { holder: 'web-2' })
    let edits = 0
    server.trouble = ({ method }) => {
      if (method === 'PUT' && edits++ === 0) {
        server.edit(NAME, (object) => {
          const metadata = object['metadata'] as { annotations: object }
          return {
            ...object,
            metadata: { ...metadata, annotations: { ...metadata.annotations, 'hotspare.dev/record': encodeRecord(other) } },
          }
        })
      }
      return 'none'
    }
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: other })
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'PUT', 'GET'])
    // Somebody only labels it in between: it is swapped in the next round.
    edits = 0
    server.trouble = ({ method }) => {
      if (method === 'PUT' && edits++ === 0) server.edit(NAME, (object) => object)
      return 'none'
    }
    expect(await register.compareAndSwap('shop', other, record(8), PATIENT)).toEqual({ swapped: true })
  })

  it('finds an object that was deleted and made anew to be another one, and one that has gone to be none', async () => {
    const server = await start()
    const register = open(server)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    server.trouble = ({ method }) => {
      if (method === 'PUT') server.objects.delete(NAME)
      return 'none'
    }
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: null })
  })

  it('reads a token from its file again once a minute, and at once when it is no longer accepted', async () => {
    const server = await start()
    const tokenFile = join(folder(), 'token')
    writeFileSync(tokenFile, 'good-token\n')
    const clock = new TestClock()
    const register = open(server, { tokenFile, clock })
    expect(await register.read('shop', PATIENT)).toBe(null)
    writeFileSync(tokenFile, 'next-token\n')
    server.tokens.add('next-token')
    expect(await register.read('shop', PATIENT)).toBe(null)
    await clock.advance(60_000)
    expect(await register.read('shop', PATIENT)).toBe(null)
    const used = () => server.requests.map(({ headers }) => headers.authorization)
    expect(used()).toEqual(['Bearer good-token', 'Bearer good-token', 'Bearer next-token'])
    writeFileSync(tokenFile, 'last-token')
    server.tokens.clear()
    server.tokens.add('last-token')
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(used().slice(3)).toEqual(['Bearer next-token', 'Bearer last-token', 'Bearer last-token'])
  })

  it('is refused where a file is missing, empty or no token, and says which', async () => {
    const server = await start()
    const here = folder()
    writeFileSync(join(here, 'empty'), '\n')
    writeFileSync(join(here, 'lines'), 'two\nlines')
    for (const [name, says] of [
      ['missing', 'missing cannot be read'],
      ['empty', 'no token'],
      ['lines', 'no token'],
    ] as const) {
      const failure = { code: 'HOTSPARE_LEASE_REFUSED', message: expect.stringContaining(says) }
      await expect(open(server, { tokenFile: join(here, name) }).read('shop', PATIENT)).rejects.toMatchObject(failure)
    }
    expect(server.requests).toHaveLength(0)
  })

  it('trusts the authority in its file, and the next one when that is replaced', async () => {
    const { ca, otherCa, files } = makeCertificates(folder())
    const server = await start({ cert: readFileSync(files.serverCert), key: readFileSync(files.serverKey) })
    const caFile = join(folder(), 'ca.crt')
    writeFileSync(caFile, otherCa)
    const clock = new TestClock()
    const register = open(server, { caFile, clock })
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    writeFileSync(caFile, ca)
    await clock.advance(60_000)
    expect(await register.read('shop', PATIENT)).toBe(null)
    expect(await open(server, { ca }).read('shop', PATIENT)).toBe(null)
    await expect(open(server).read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
  })

  it('does not read files for what it was given', async () => {
    const source = credentialSource({ token: { text: 'abc' }, ca: undefined, clock: new TestClock() })
    expect(await source.current()).toEqual({ token: 'abc', ca: undefined })
  })
})

describe('options of the kubernetes register', () => {
  it('are those of a pod unless they are given', () => {
    const pod = '/var/run/secrets/kubernetes.io/serviceaccount'
    expect(kubernetesRegisterOptionsSchema.parse({ namespace: 'ha' })).toMatchObject({
      server: 'https://kubernetes.default.svc',
      token: { file: `${pod}/token` },
      ca: { file: `${pod}/ca.crt` },
      prefix: 'hotspare-',
    })
    expect(kubernetesRegisterOptionsSchema.parse({ namespace: 'ha', server: 'https://10.0.0.1:6443' }).ca).toBeUndefined()
  })
  const wrong: readonly { options: object; says: string }[] = [
    { options: {}, says: 'namespace' },
    { options: { namespace: 'Ha' }, says: 'namespace: expected lower-case' },
    { options: { namespace: 'ha', token: 'open sesame' }, says: 'token: expected visible' },
    { options: { namespace: 'ha', token: 'open-sesame', tokenFile: '/x' }, says: 'write token or tokenFile' },
    { options: { namespace: 'ha', tokenFile: 'x' }, says: 'tokenFile: expected an absolute path' },
    { options: { namespace: 'ha', ca: 'no pem' }, says: 'cannot be read' },
    { options: { namespace: 'ha', server: 'https://10.0.0.1/api' }, says: 'server: write a URL' },
    { options: { namespace: 'ha', prefix: 'Ha-' }, says: 'prefix: up to 63' },
  ]
  it.for(wrong)('that cannot work are named, and no secret is: $says', ({ options, says }) => {
    const make = () => kubernetesRegister(options as KubernetesRegisterOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(says) }))
    expect(make).not.toThrow('sesame')
  })
})
