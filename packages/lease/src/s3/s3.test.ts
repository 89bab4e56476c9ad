import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { TestClock } from '@hotspare/core/testing'
import { Agent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeHostileStore } from '../hostile-store.fixture.ts'
import { encodeRecord } from '../record.ts'
import type { LeaseRecord, LeaseRegister } from '../register.ts'
import { type S3RegisterOptions, s3Register, s3RegisterOptionsSchema } from '../s3.ts'
import { standIn } from '../stand-in.fixture.ts'
import { describeRegisterContract } from '../testing/index.ts'
import { type FakeBucket, fakeBucket, type FakeBucketOptions } from './server.fixture.ts'

const PATIENT = { timeoutMs: 15_000 }
const KEY = 'hotspare/lease/shop'
const SECRET = 'open-sesame-secret'
const record = (number: number, holder = 'web-1'): LeaseRecord => ({ holder, token: 1, ttlMs: 2_000, revision: `${holder}.${number}` })
const refused = (says: string | RegExp) => ({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false, message: expect.stringMatching(says) })
const credentials = { type: 'static', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET } as const
const optionsFor = ({ url }: { readonly url: string }): S3RegisterOptions => ({
  bucket: 'hotspare-test',
  region: 'eu-test-1',
  endpoint: url,
  credentials,
})

async function start(options: FakeBucketOptions = {}): Promise<FakeBucket> {
  const bucket = await fakeBucket(options)
  onTestFinished(() => bucket.close())
  return bucket
}

function open(bucket: FakeBucket, options: Partial<S3RegisterOptions> = {}): LeaseRegister {
  const register = s3Register({ ...optionsFor(bucket), ...options })
  onTestFinished(() => register.close())
  return register
}

/** One whose trial of the store is over, which is done once. */
async function settled(bucket: FakeBucket, options: Partial<S3RegisterOptions> = {}): Promise<LeaseRegister> {
  const register = open(bucket, options)
  await register.compareAndSwap('settled', null, record(0), PATIENT)
  bucket.requests.length = 0
  return register
}

describe.each([{ opaque: false }, { opaque: true }])('with ETags %o', (options) => {
  describeRegisterContract(
    { describe, it },
    {
      title: 's3 register',
      durable: true,
      async open() {
        const bucket = await fakeBucket(options)
        const opened: LeaseRegister[] = []
        const another = async () => {
          const register = s3Register(optionsFor(bucket))
          opened.push(register)
          return register
        }
        const close = async () => {
          await Promise.all(opened.map((each) => each.close()))
          await bucket.close()
        }
        return { register: await another(), another, reopen: another, close }
      },
    },
  )
})

describeHostileStore({
  title: 's3 register',
  busy: { status: 503, body: '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>' },
  isWrite: ({ method, target }) => method === 'PUT' && target.endsWith('/shop'),
  async open() {
    const store = await start()
    return { store, register: await settled(store), another: () => open(store) }
  },
})

describe('s3 register and a store that ignores conditions', () => {
  const rows = [
    { heeds: 'no If-Match', says: /ignores If-Match on a write,/ },
    { heeds: 'no If-None-Match', says: /ignores If-None-Match/ },
    { heeds: 'no If-Match where nothing is', says: /ignores If-Match on a write where nothing is there/ },
    { heeds: 'nothing', says: /ignores If-None-Match/ },
  ] as const
  it.for(rows)('finds it out before it writes a record, and for good: $heeds', async ({ heeds, says }) => {
    const bucket = await start({ heeds })
    const register = open(bucket)
    await expect(register.compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(refused(says))
    expect(bucket.objects.has(KEY)).toBe(false)
    const asked = bucket.requests.length
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(refused(says))
    await expect(register.compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(refused(says))
    expect(bucket.requests.length).toBe(asked)
  })

  it('tries the store once, with nothing left behind but one object, which other nodes use too', async () => {
    const bucket = await start()
    const [one, other] = [open(bucket), open(bucket)]
    expect(await one.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    await one.compareAndSwap('shop', record(1), record(2), PATIENT)
    await other.compareAndSwap('shop', record(2), record(3), PATIENT)
    expect([...bucket.objects.keys()].toSorted()).toEqual([KEY, 'hotspare/lease/~trial'])
    expect(bucket.requests.filter(({ target }) => target.includes('~trial'))).toHaveLength(8)
  })

  it('says nothing of the store when the trial could not be made, and makes it with a later call', async () => {
    const bucket = await start()
    bucket.trouble = () => ({ answer: { status: 503, body: '' } })
    const register = open(bucket)
    await expect(register.compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    bucket.trouble = () => 'none'
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
  })

  it('goes on with the trial when the call that needed it has been given up', async () => {
    const bucket = await start()
    bucket.trouble = () => ({ delayMs: 60 })
    const register = open(bucket)
    await expect(register.compareAndSwap('shop', null, record(1), { timeoutMs: 80 })).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
    })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(bucket.requests.filter(({ target }) => target.includes('~trial'))).toHaveLength(4)
  })
})

describe('s3 register', () => {
  it('is refused with wrong credentials, another region, a bucket that is not there, and never repeats its secret', async () => {
    const bucket = await start()
    const rows: readonly [Partial<S3RegisterOptions>, RegExp][] = [
      [{ credentials: { ...credentials, accessKeyId: 'AKIDOTHER' } }, /InvalidAccessKeyId/],
      [{ credentials: { ...credentials, secretAccessKey: 'sesame-wrong' } }, /SignatureDoesNotMatch/],
      [{ region: 'us-east-1' }, /AuthorizationHeaderMalformed/],
      [{ bucket: 'another' }, /NoSuchBucket/],
      [{ clock: new TestClock() }, /RequestTimeTooSkewed.*set the clock/],
    ]
    for (const [options, says] of rows) {
      const register = open(bucket, options)
      for (const call of [() => register.read('shop', PATIENT), () => register.compareAndSwap('shop', null, record(1), PATIENT)]) {
        const refusal: unknown = await call().catch((error: unknown) => error)
        expect(refusal).toMatchObject(refused(says))
        expect(inspect(refusal, { depth: 9 })).not.toContain('sesame')
      }
    }
  })

  it('renews with one signed request that names the ETag, and creates with If-None-Match', async () => {
    const bucket = await start()
    const register = await settled(bucket)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    const etag = bucket.objects.get(KEY)?.etag
    await register.compareAndSwap('shop', record(1), record(2), PATIENT)
    expect(
      bucket.requests.map(({ method, target, headers, body }) => [method, target, headers['if-match'], headers['if-none-match'], body]),
    ).toEqual([
      ['PUT', `/hotspare-test/${KEY}`, undefined, '*', encodeRecord(record(1))],
      ['PUT', `/hotspare-test/${KEY}`, etag, undefined, encodeRecord(record(2))],
    ])
  })

  it('refuses a key that holds something else, and does not touch it', async () => {
    const bucket = await start()
    const register = await settled(bucket)
    bucket.edit(KEY, 'not ours')
    const problem = { code: 'HOTSPARE_LEASE_RECORD', message: expect.stringContaining(KEY) }
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(problem)
    await expect(register.compareAndSwap('shop', null, record(1), PATIENT)).rejects.toMatchObject(problem)
    await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject(problem)
    expect(bucket.objects.get(KEY)?.body).toBe('not ours')
  })

  it('looks again and puts again where writers were in conflict (409), and is sure of nothing when that does not pass', async () => {
    const bucket = await start()
    const register = await settled(bucket)
    const conflict = { answer: { status: 409, body: '<Error><Code>ConditionalRequestConflict</Code><Message>m</Message></Error>' } }
    let conflicts = 1
    bucket.trouble = ({ method }) => (method === 'PUT' && conflicts-- > 0 ? conflict : 'none')
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    conflicts = Infinity
    const failure = { code: 'HOTSPARE_LEASE_REGISTER', retryable: true, message: expect.stringContaining('conflicts') }
    await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject(failure)
    // One of the conflicts had another winner.
    bucket.trouble = ({ method }) => {
      if (method !== 'PUT') return 'none'
      bucket.edit(KEY, encodeRecord(record(9, 'web-2')))
      return conflict
    }
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: record(9, 'web-2') })
  })

  it('swaps by revision where the object was written anew with the same record, and sees one that has gone', async () => {
    const bucket = await start({ opaque: true })
    const register = await settled(bucket)
    await register.compareAndSwap('shop', null, record(1), PATIENT)
    bucket.edit(KEY, encodeRecord(record(1)))
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    bucket.objects.delete(KEY)
    expect(await register.compareAndSwap('shop', record(2), record(3), PATIENT)).toEqual({ swapped: false, current: null })
  })

  it('takes no 404 of another kind for a key that is not there, and no object without an ETag', async () => {
    const bucket = await start()
    const register = await settled(bucket)
    for (const answer of [{ status: 404 }, { status: 200, body: encodeRecord(record(1)) }]) {
      bucket.trouble = () => ({ answer })
      await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    }
  })

  it('asks the host of the bucket where it is not in the path', async () => {
    const bucket = await start()
    // A name below localhost need not be known to the resolver: this one goes where the test says.
    const dispatcher = new Agent({ connect: { lookup: (_host, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }]) } })
    onTestFinished(() => dispatcher.close())
    const port = new URL(bucket.url).port
    const register = open(bucket, { endpoint: `http://s3.localhost:${port}`, pathStyle: false, dispatcher })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    const last = bucket.requests.at(-1)
    expect([last?.headers.host, last?.target]).toEqual([`hotspare-test.s3.localhost:${port}`, `/${KEY}`])
  })

  it('keeps names apart whose paths a URL would make one', async () => {
    const bucket = await start()
    const register = open(bucket)
    const names = ['a/../b', 'b', 'a//b', 'a/./b', 'a/b', 'a/b/', 'a/.', 'a', 'a/..']
    for (const [index, name] of names.entries()) await register.compareAndSwap(name, null, record(index), PATIENT)
    for (const [index, name] of names.entries()) expect(await register.read(name, PATIENT)).toEqual(record(index))
  })
})

describe('s3 register with the role of a machine', () => {
  /** IMDSv2, whose keys the bucket accepts. */
  async function metadata(bucket: FakeBucket, clock: TestClock, lifeMs = 3_600_000) {
    let keys = 0
    const server = await standIn(({ method, target, headers }) => {
      if (target === '/latest/api/token') {
        const isAsked = method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] === '60'
        return isAsked ? { status: 200, body: 'session==' } : { status: 400 }
      }
      if (headers['x-aws-ec2-metadata-token'] !== 'session==') return { status: 401 }
      if (target === '/latest/meta-data/iam/security-credentials/') return { status: 200, body: 'web-role' }
      if (target !== '/latest/meta-data/iam/security-credentials/web-role') return { status: 404 }
      const [id, secretAccessKey, sessionToken] = [`ASIA${++keys}`, `sesame-role-${keys}`, `session-token-${keys}`]
      bucket.accounts.set(id, { secretAccessKey, sessionToken })
      const Expiration = new Date(clock.wallMs() + lifeMs).toISOString().replace(/\.\d+Z/, 'Z')
      return {
        status: 200,
        body: JSON.stringify({
          Code: 'Success',
          Type: 'AWS-HMAC',
          AccessKeyId: id,
          SecretAccessKey: secretAccessKey,
          Token: sessionToken,
          Expiration,
        }),
      }
    })
    onTestFinished(() => server.close())
    return { server, keys: () => keys }
  }

  /** Its wall clock is the machine's, as signatures need it. */
  const clockOfNow = () => {
    const clock = new TestClock()
    clock.stepWall(Date.now() - clock.wallMs())
    return clock
  }

  it('gets a key by IMDSv2, uses it, and renews it before its end while the old one still works', async () => {
    const [bucket, clock] = [await start(), clockOfNow()]
    const { server, keys } = await metadata(bucket, clock, 600_000)
    const register = open(bucket, { clock, credentials: { type: 'instance', url: server.url } })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    expect(bucket.requests.at(-1)?.headers['x-amz-security-token']).toBe('session-token-1')
    await clock.advance(359_000)
    await register.read('shop', PATIENT)
    expect(keys()).toBe(1)
    await clock.advance(2_000)
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    await expect.poll(keys).toBe(2)
    await expect
      .poll(async () => {
        await register.read('shop', PATIENT)
        return bucket.requests.at(-1)?.headers['x-amz-security-token']
      })
      .toBe('session-token-2')
  })

  it('gets another key when the store says that it is over, once a call', async () => {
    const [bucket, clock] = [await start(), clockOfNow()]
    const { server, keys } = await metadata(bucket, clock)
    const register = open(bucket, { clock, credentials: { type: 'instance', url: server.url } })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
    bucket.accounts.set('ASIA1', { secretAccessKey: 'sesame-role-1', sessionToken: 'another' })
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    expect(keys()).toBe(2)
    bucket.trouble = () => ({ answer: { status: 400, body: '<Error><Code>ExpiredToken</Code><Message>sesame-role-2</Message></Error>' } })
    const error: unknown = await register.read('shop', PATIENT).catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', retryable: true })
    expect(keys()).toBe(3)
  })

  it('is sure of nothing without a key, and repeats nothing of what it was told', async () => {
    const [bucket, clock] = [await start(), clockOfNow()]
    const { server } = await metadata(bucket, clock)
    const register = open(bucket, { clock, credentials: { type: 'instance', url: server.url } })
    const answers = [
      { status: 500, body: 'sesame' },
      { status: 200, body: '{"AccessKeyId":"x","SecretAccessKey":"sesame"' },
      { status: 200, body: '<html>sesame' },
    ]
    for (const answer of answers) {
      server.trouble = () => ({ answer })
      const error: unknown = await register.read('shop', PATIENT).catch((failure: unknown) => failure)
      expect(error).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER', message: expect.stringContaining('credentials') })
      expect(inspect(error, { depth: 9 })).not.toContain('sesame')
    }
    server.trouble = () => 'silence'
    const before = server.requests.length
    const call = register.read('shop', PATIENT).catch((failure: unknown) => failure)
    await expect.poll(() => server.requests.length).toBeGreaterThan(before)
    await clock.advance(5_000)
    expect(await call).toMatchObject({ code: 'HOTSPARE_LEASE_REGISTER' })
    expect(bucket.requests).toHaveLength(0)
  })

  it('gets the key of a container with the token in its file', async () => {
    const bucket = await start()
    const folder = mkdtempSync(join(tmpdir(), 'hotspare-s3-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, 'pod-token\n')
    const server = await standIn(({ target, headers }) => {
      if (target !== '/v2/credentials/1' || headers.authorization !== 'pod-token') return { status: 403 }
      return { status: 200, body: JSON.stringify({ AccessKeyId: 'AKIDEXAMPLE', SecretAccessKey: SECRET }) }
    })
    onTestFinished(() => server.close())
    const register = open(bucket, { credentials: { type: 'container', url: `${server.url}/v2/credentials/1`, tokenFile } })
    expect(await register.compareAndSwap('shop', null, record(1), PATIENT)).toEqual({ swapped: true })
  })
})

describe('options of the s3 register', () => {
  const base = { bucket: 'hotspare-test', region: 'eu-central-1', credentials }
  it.each([
    [base, 'https://hotspare-test.s3.eu-central-1.amazonaws.com/'],
    [{ ...base, bucket: 'ha.example.com' }, 'https://s3.eu-central-1.amazonaws.com/ha.example.com/'],
    [{ ...base, pathStyle: true }, 'https://s3.eu-central-1.amazonaws.com/hotspare-test/'],
    [{ ...base, endpoint: 'http://10.0.0.5:9000' }, 'http://10.0.0.5:9000/hotspare-test/'],
    [{ ...base, endpoint: 'https://x.r2.cloudflarestorage.com', pathStyle: false }, 'https://hotspare-test.x.r2.cloudflarestorage.com/'],
  ])('%o leads to %s', (options, url) => expect(s3RegisterOptionsSchema.parse(options).base).toBe(url))

  const wrong: readonly { options: object; says: string }[] = [
    { options: { ...base, bucket: 'Shop' }, says: 'bucket: expected 3 to 63' },
    { options: { ...base, region: 'eu central' }, says: 'region' },
    { options: { ...base, credentials: { type: 'static', accessKeyId: 'x' } }, says: 'secretAccessKey' },
    { options: { ...base, credentials: { ...credentials, secretAccessKey: 'open sesame' } }, says: 'expected visible' },
    { options: { ...base, credentials: { type: 'container', url: 'http://me:sesame@10.0.0.1/' } }, says: 'without user' },
    { options: { ...base, endpoint: 'https://10.0.0.5/path' }, says: 'endpoint: write a URL' },
    { options: { ...base, prefix: '../' }, says: 'prefix' },
    { options: { ...base, endpoint: 'http://10.0.0.5', tls: {} }, says: 'must begin with https://' },
  ]
  it.for(wrong)('that cannot work are named, and no secret is: $says', ({ options, says }) => {
    const make = () => s3Register(options as S3RegisterOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(says) }))
    expect(make).not.toThrow('sesame')
  })
})
