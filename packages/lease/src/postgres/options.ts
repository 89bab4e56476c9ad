import type { ConnectionOptions } from 'node:tls'
import type { Clock } from '@hotspare/core'
import { z } from 'zod'
import { postgresDefaults } from '../defaults.ts'
import { type ClientTlsOptions, clientTlsPart, clockPart } from '../schema-parts.ts'

/** How the server is reached, and who we are. */
export interface PostgresConnection {
  /** A name or an address, or the folder of a Unix socket, which begins with `/`. */
  readonly host: string
  /** Default: 5432 */
  readonly port?: number | undefined
  readonly user: string
  readonly password?: string | undefined
  /** Default: the user's name, as PostgreSQL does it */
  readonly database?: string | undefined
  /** `true` checks the server's certificate against the authorities that Node knows. Default: false */
  readonly tls?: boolean | ClientTlsOptions | undefined
}

export interface PostgresRegisterOptions {
  /**
   * `postgres://user:password@host:5432/database`, or its parts. `?sslmode=` may be `disable`, `no-verify`, or `require`,
   * `verify-ca` and `verify-full`, which all check the certificate and the name. No environment variable and no file is
   * read. A list names the servers of one cluster: the first that takes writes is used, and the next when it fails.
   */
  readonly connection: string | PostgresConnection | readonly (string | PostgresConnection)[]
  /** The table, with or without a schema: `ops.hotspare_lease`. Taken literally, capitals too. Default: `hotspare_lease` */
  readonly table?: string | undefined
  /** Whether the table is created where it is missing. Default: true */
  readonly createTable?: boolean | undefined
  /** How many connections there may be at once; further calls wait. Default: 2 */
  readonly maxConnections?: number | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

/** One server, nothing left open. */
export interface PostgresTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  readonly tls: ConnectionOptions | false
}

export interface ResolvedPostgresRegisterOptions {
  readonly connection: readonly PostgresTarget[]
  /** One part, or a schema and a table. */
  readonly table: readonly string[]
  readonly createTable: boolean
  readonly maxConnections: number
  readonly clock: Clock
}

const HOW_TO_WRITE = 'write postgres://user:password@host:5432/database, with special characters as %xx'

const text = z.string().min(1)
const shortText = text.max(1_000).regex(/^[^\0]*$/u, 'holds a NUL')

const targetPart = z
  .custom<string | PostgresConnection>()
  .transform((connection, context): unknown => {
    if (typeof connection !== 'string') return connection
    const read = readPostgresUrl(connection)
    if (!('wrong' in read)) return read
    context.addIssue({ code: 'custom', message: read.wrong })
    return z.NEVER
  })
  .pipe(
    z.strictObject({
      host: shortText,
      port: z.int().min(1).max(65_535).optional(),
      user: shortText,
      password: shortText.optional(),
      database: shortText.optional(),
      tls: z.union([z.boolean(), clientTlsPart]).optional(),
    }),
  )
  .transform(({ host, port = 5432, user, password, database = user, tls = false }): PostgresTarget => ({
    host,
    port,
    user,
    password,
    database,
    tls: tls === true ? {} : tls,
  }))

const connectionPart = z
  .custom<PostgresRegisterOptions['connection']>()
  .transform((connection): unknown => (Array.isArray(connection) ? connection : [connection]))
  .pipe(z.array(targetPart).min(1).max(postgresDefaults.maxTargets))

/** PostgreSQL cuts longer names off, and two tables could become one. */
const LONGEST_IDENTIFIER_BYTES = 63

const tablePart = z.string().transform((name, context) => {
  const parts = name.split('.')
  if (parts.length <= 2 && parts.every(isIdentifier)) return parts
  context.addIssue({ code: 'custom', message: 'expected a table or schema.table, without quotes, of up to 63 bytes each' })
  return z.NEVER
})

export const postgresRegisterOptionsSchema: z.ZodType<ResolvedPostgresRegisterOptions, PostgresRegisterOptions> = z.strictObject({
  connection: connectionPart,
  table: tablePart.default(['hotspare_lease']),
  createTable: z.boolean().default(true),
  maxConnections: z.int().min(1).max(100).default(postgresDefaults.maxConnections),
  clock: clockPart,
})

function isIdentifier(part: string): boolean {
  return /^[^\0"]+$/u.test(part) && Buffer.byteLength(part) <= LONGEST_IDENTIFIER_BYTES
}

/** @returns the parts, or what is wrong, without repeating what may be a secret */
function readPostgresUrl(url: string): PostgresConnection | { readonly wrong: string } {
  try {
    const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url)
    const tls = tlsOf(searchParams)
    if (!/^postgres(?:ql)?:$/u.test(protocol)) return { wrong: HOW_TO_WRITE }
    if (tls === undefined) return { wrong: 'of the parameters of the URL only sslmode is read: disable, no-verify, require or verify-full' }
    return {
      host: decodeURIComponent(hostname).replace(/^\[(.+)\]$/u, '$1'),
      user: decodeURIComponent(username),
      ...(port && { port: Number(port) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(pathname.length > 1 && { database: decodeURIComponent(pathname.slice(1)) }),
      tls,
    }
  } catch {
    return { wrong: HOW_TO_WRITE }
  }
}

function tlsOf(parameters: URLSearchParams): boolean | ClientTlsOptions | undefined {
  const [[key, value] = ['sslmode', 'disable'], ...others] = parameters
  if (key !== 'sslmode' || others.length > 0) return undefined
  if (value === 'disable') return false
  if (value === 'no-verify') return { rejectUnauthorized: false }
  return ['require', 'verify-ca', 'verify-full'].includes(value) ? true : undefined
}
