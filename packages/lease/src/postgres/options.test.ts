import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { postgresRegister } from '../postgres.ts'
import { type PostgresRegisterOptions, postgresRegisterOptionsSchema } from './options.ts'

const targets = (connection: PostgresRegisterOptions['connection']) => postgresRegisterOptionsSchema.parse({ connection }).connection

describe('options of a postgres register', () => {
  it.each([
    'not a URL: hunter2',
    'postgres://app:hun%ter2@db/ops',
    'mysql://app:hunter2@db/ops',
    'postgres://:hunter2@db/ops',
    'postgres://app:hunter2@/ops',
    'postgres://app:hunter2@db:99999/ops',
    'postgres://app:hunter2@db/ops?ssl=true',
    'postgres://app:hunter2@db/ops?sslmode=prefer',
    'postgres://app:hunter2@db/ops?sslmode=disable&host=other',
    { host: 'db', user: 'app', password: 'hunter2', pasword: 'hunter2' },
    { host: 'db', user: 'app', password: 'hunter2', port: 0 },
    { host: 'db', user: 'app', password: 'hunter2', tls: { cert: 'hunter2' } },
    { host: 'db', user: 'app', password: 'hunter2', tls: { cert: 'hunter2', key: 'hunter2' } },
    { host: 'db\0', user: 'app', password: 'hunter2' },
    { user: 'app', password: 'hunter2' },
    [],
    ['postgres://app:hunter2@db/ops', 'hunter2'],
    Array.from({ length: 17 }, () => 'postgres://app:hunter2@db/ops'),
  ])('refuse %j without repeating it', (connection) => {
    let thrown: unknown
    try {
      postgresRegister({ connection } as PostgresRegisterOptions)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'HOTSPARE_LEASE_OPTIONS' })
    expect(inspect(thrown, { depth: 10, showHidden: true })).not.toMatch(/hunter2|hun%/)
  })

  it.each(['', 'a.b.c', '.a', 'a.', 'a"b', 'x'.repeat(64), 'ü'.repeat(32), 'a\0b'])('refuse the table %j', (table) => {
    expect(() => postgresRegister({ connection: 'postgres://app@db', table })).toThrow(/table: expected/)
  })

  it('refuse what they do not know', () => {
    const options: object = { connection: 'postgres://app@db', tabel: 'x' }
    expect(() => postgresRegister(options as PostgresRegisterOptions)).toThrow(/tabel/)
  })

  it('take a URL apart', () => {
    expect(targets('postgresql://a%40b:p%2Fw@[::1]:5433/o%20ps?sslmode=no-verify')).toEqual([
      { host: '::1', port: 5433, user: 'a@b', password: 'p/w', database: 'o ps', tls: { rejectUnauthorized: false } },
    ])
    expect(targets('postgres://app@db')).toEqual([
      { host: 'db', port: 5432, user: 'app', password: undefined, database: 'app', tls: false },
    ])
    expect(targets('postgres://app@%2Frun%2Fpostgresql/ops')).toMatchObject([{ host: '/run/postgresql', database: 'ops' }])
  })

  it.each(['require', 'verify-ca', 'verify-full'])('check the certificate with sslmode=%s', (mode) => {
    expect(targets(`postgres://app@db?sslmode=${mode}`)).toMatchObject([{ tls: {} }])
  })

  it('take several servers, in their order', () => {
    expect(targets(['postgres://app@one', { host: 'two', user: 'app', tls: true }])).toMatchObject([
      { host: 'one', tls: false },
      { host: 'two', tls: {} },
    ])
  })

  it('say where the register is, without the secrets', () => {
    const register = postgresRegister({
      connection: ['postgres://app:hunter2@db-1/ops', { host: '::1', port: 5433, user: 'app', password: 'hunter2' }],
      table: 'ops.Lease',
    })
    expect(register.description).toBe('postgres at db-1:5432/ops, [::1]:5433/app, table ops.Lease')
    expect(inspect(register, { depth: 10, showHidden: true })).not.toContain('hunter2')
  })
})
