import { describe, expect, it } from 'vitest'
import { type EtcdRegisterOptions, etcdRegister, etcdRegisterOptionsSchema } from '../etcd.ts'

const endpoints = ['http://127.0.0.1:2379']

describe('options of the etcd register', () => {
  const wrong: readonly { options: unknown; says: string }[] = [
    { options: {}, says: 'endpoints' },
    { options: { endpoints: [] }, says: 'endpoints' },
    { options: { endpoints: ['127.0.0.1:2379'] }, says: 'endpoints.0: write a URL' },
    { options: { endpoints: ['http://127.0.0.1:2379/v3'] }, says: 'without user, password, path or query' },
    { options: { endpoints: ['http://web:open-sesame@127.0.0.1:2379'] }, says: 'without user, password, path or query' },
    { options: { endpoints: ['http://127.0.0.1:2379?a'] }, says: 'endpoints.0' },
    { options: { endpoints: ['http://127.0.0.1:99999'] }, says: 'endpoints.0' },
    { options: { endpoints: ['ftp://127.0.0.1'] }, says: 'endpoints.0' },
    { options: { endpoints: Array.from({ length: 17 }, (_, index) => `http://10.0.0.${index}:2379`) }, says: 'endpoints' },
    { options: { endpoints, prefix: '' }, says: 'prefix' },
    { options: { endpoints, prefix: 'with space' }, says: 'prefix: expected visible ASCII' },
    { options: { endpoints, user: 'web' }, says: 'user and password go together' },
    { options: { endpoints, password: 'open-sesame' }, says: 'user and password go together' },
    { options: { endpoints, user: 'web', password: 'open-sesame', pasword: 1 }, says: 'pasword' },
    { options: { endpoints, tls: {} }, says: 'tls: every endpoint must begin with https://' },
    { options: { endpoints: ['https://127.0.0.1:2379'], tls: { cert: 'open-sesame' } }, says: 'tls: cert and key go together' },
    { options: { endpoints: ['https://127.0.0.1:2379'], tls: { cert: 'open', key: 'open-sesame' } }, says: 'tls: cannot be read' },
    { options: { endpoints: ['https://127.0.0.1:2379'], tls: {}, dispatcher: { dispatch() {} } }, says: 'a dispatcher makes its own' },
    { options: { endpoints, dispatcher: {} }, says: 'expected a Dispatcher of undici' },
    { options: { endpoints, clock: {} }, says: 'expected a Clock' },
  ]
  it.for(wrong)('that cannot work are named, and no secret is: $says', ({ options, says }) => {
    let thrown: unknown
    try {
      etcdRegister(options as EtcdRegisterOptions)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'HOTSPARE_LEASE_OPTIONS', message: expect.stringContaining(says) })
    expect(String(thrown)).not.toContain('sesame')
  })

  it('are filled up, and endpoints that are the same are one', () => {
    const parsed = etcdRegisterOptionsSchema.parse({ endpoints: ['http://10.0.0.5:2379/', 'HTTP://10.0.0.5:2379', 'http://[::1]:2379'] })
    expect(parsed).toMatchObject({ endpoints: ['http://10.0.0.5:2379', 'http://[::1]:2379'], prefix: 'hotspare/lease/' })
  })
})
