import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type EtcdCluster, etcdMissing, startEtcd } from './server.fixture.ts'
import { etcdRegister, type ClientTlsOptions } from '../etcd.ts'

const PATIENT = { timeoutMs: 15_000 }
const SLOW = { timeout: 120_000 }
const missing = etcdMissing({ tls: 'clients' })

type Certificates = NonNullable<EtcdCluster['certificates']>

interface Row {
  readonly name: string
  readonly tls: (certificates: Certificates) => ClientTlsOptions
}

const record = { holder: 'web-1', token: 1, ttlMs: 2_000, revision: 'instance.1' }

describe('etcd register over TLS', SLOW, () => {
  let started: EtcdCluster | undefined
  beforeAll(async () => {
    if (!missing) started = await startEtcd({ tls: 'clients' })
  }, SLOW.timeout)
  afterAll(() => started?.close(), SLOW.timeout)

  beforeEach((context) => {
    if (missing) context.skip(missing)
  })

  const open = (tls: (certificates: Certificates) => ClientTlsOptions) => {
    if (!started?.certificates) throw new Error('etcd has not started')
    const register = etcdRegister({ endpoints: started.endpoints, tls: tls(started.certificates) })
    onTestFinished(() => register.close())
    return register
  }

  const failing: readonly Row[] = [
    { name: 'a server that another authority vouches for', tls: ({ otherCa, client }) => ({ ca: otherCa, ...client }) },
    { name: 'a server that nobody vouches for', tls: ({ client }) => client },
    { name: 'a server with another name', tls: ({ ca, client }) => ({ ca, ...client, servername: 'bank.example' }) },
    { name: 'a server that demands a certificate, without one', tls: ({ ca }) => ({ ca }) },
  ]
  it.for(failing)('does not talk to $name', async ({ tls }) => {
    const register = open(tls)
    const failure = { code: 'HOTSPARE_LEASE_REGISTER', retryable: true }
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(failure)
    await expect(register.compareAndSwap('shop', null, record, PATIENT)).rejects.toMatchObject(failure)
  })

  const working: readonly Row[] = [
    { name: 'the authority and its own certificate', tls: ({ ca, client }) => ({ ca, ...client }) },
    { name: 'the name that the certificate is for', tls: ({ ca, client }) => ({ ca, ...client, servername: 'etcd.example' }) },
    { name: 'any certificate where it is told so', tls: ({ client }) => ({ ...client, rejectUnauthorized: false }) },
  ]
  it.for(working)('works with $name', async ({ tls }) => {
    expect(await open(tls).read('shop', PATIENT)).toBe(null)
  })
})

describe('etcd register over TLS with authentication', () => {
  it('needs a client certificate without a common name, which the gateway does not accept as a user', SLOW, async (context) => {
    if (missing) return context.skip(missing)
    const { endpoints, certificates, close } = await startEtcd({ tls: 'clients', auth: { password: 'open-sesame' } })
    onTestFinished(close, SLOW.timeout)
    if (!certificates) throw new Error('there are no certificates')
    const open = (client: { readonly cert: string; readonly key: string }) => {
      const register = etcdRegister({ endpoints, user: 'hotspare', password: 'open-sesame', tls: { ca: certificates.ca, ...client } })
      onTestFinished(() => register.close())
      return register
    }
    expect(await open(certificates.client).read('shop', PATIENT)).toBe(null)
    await expect(open(certificates.namedClient).read('shop', PATIENT)).rejects.toMatchObject({
      code: 'HOTSPARE_LEASE_REGISTER',
      message: expect.stringContaining('CommonName'),
    })
  })
})
