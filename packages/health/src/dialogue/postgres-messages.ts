/** What PostgreSQL answers to the first message, as far as a probe reads it. */
export type PostgresAnswer =
  /** It wants to know who we are, or has let us in: `code` is the method of the protocol. */
  | { readonly type: 'authentication'; readonly code: number }
  | { readonly type: 'error'; readonly sqlState: string; readonly message: string }

/** SSLRequest: answered with one byte, `S` or `N`. */
export function postgresSslRequest(): Buffer {
  return Buffer.from('0000000804d2162f', 'hex')
}

/** StartupMessage of protocol 3.0. */
export function postgresStartup(user: string, database: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0application_name\0hotspare\0\0`)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8, 0)
  head.writeUInt32BE(0x0003_0000, 4)
  return Buffer.concat([head, body])
}

/** Terminate: a session that ends in good order. */
export function postgresTerminate(): Buffer {
  return Buffer.from('5800000004', 'hex')
}

/** @returns undefined for what is no answer to a StartupMessage */
export function parsePostgresAnswer(type: string, body: Buffer): PostgresAnswer | undefined {
  if (type === 'R' && body.length >= 4) return { type: 'authentication', code: body.readUInt32BE(0) }
  if (type !== 'E') return undefined
  const fields = new Map<string, string>()
  for (const field of body.toString('utf8').split('\0')) if (field !== '') fields.set(field.charAt(0), field.slice(1))
  const sqlState = fields.get('C')
  return sqlState === undefined || !/^[0-9A-Z]{5}$/.test(sqlState) ? undefined : { type: 'error', sqlState, message: fields.get('M') ?? '' }
}

const METHODS: ReadonlyMap<number, string> = new Map([
  [0, 'logged in'],
  [3, 'asks for a password'],
  [5, 'asks for an MD5 password'],
  [7, 'asks for GSSAPI'],
  [9, 'asks for SSPI'],
  [10, 'asks for SCRAM'],
])

/** The method of an authentication request, for people. */
export function postgresMethod(code: number): string {
  return METHODS.get(code) ?? `asks for authentication ${code}`
}
