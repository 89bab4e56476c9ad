import pg from 'pg'
import { postgresDefaults } from '../defaults.ts'
import { encodeRecord } from '../record.ts'
import type { LeaseRecord } from '../register.ts'

/** The texts that are sent. Each is one message, and so one transaction, in which the settings hold: no session state. */
export interface PostgresSql {
  /** The table as it is written in a statement. */
  readonly table: string
  create(remainingMs: number): string
  read(name: string, remainingMs: number): string
  /** Its last two results are the write, of one row or none, and what is there after it. */
  swap(name: string, expected: LeaseRecord | null, next: LeaseRecord, remainingMs: number): string
}

export function postgresSql(parts: readonly string[]): PostgresSql {
  const table = parts.map((part) => pg.escapeIdentifier(part)).join('.')
  const select = (name: string) => `SELECT record::text AS record FROM ${table} WHERE name = ${pg.escapeLiteral(name)}`

  return {
    table,
    create: (remainingMs) =>
      [...settings(remainingMs), DURABLE, `CREATE TABLE IF NOT EXISTS ${table} (name text PRIMARY KEY, record jsonb NOT NULL)`].join('; '),
    read: (name, remainingMs) => [...settings(remainingMs), select(name)].join('; '),
    swap(name, expected, next, remainingMs) {
      const row = pg.escapeLiteral(name)
      const record = `${pg.escapeLiteral(encodeRecord(next))}::jsonb`
      // Either statement waits for a writer of the same row, and then decides by what that one has left behind.
      const write = expected
        ? `UPDATE ${table} SET record = ${record} WHERE name = ${row} AND record->>'revision' = ${pg.escapeLiteral(expected.revision)}`
        : `INSERT INTO ${table} (name, record) VALUES (${row}, ${record}) ON CONFLICT (name) DO NOTHING`
      // A statement of its own: in READ COMMITTED it has a snapshot of its own, and so sees the row that was in the way.
      return [ISOLATION, ...settings(remainingMs), DURABLE, write, select(name)].join('; ')
    },
  }
}

/** Whatever the server's default is: a stricter level would answer a lost race with an error. */
const ISOLATION = 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED'

/** Whatever the server's default is: with `off`, an answer comes before the write is on the disk. */
const DURABLE = 'SET LOCAL synchronous_commit = on'

/** The server gives up before we do: its answer says that nothing was written, and no statement of ours stays behind. */
function settings(remainingMs: number): readonly string[] {
  const share = (part: number) => Math.max(1, Math.floor(remainingMs * part))
  return [
    `SET LOCAL lock_timeout = ${share(postgresDefaults.lockShare)}`,
    `SET LOCAL statement_timeout = ${share(postgresDefaults.statementShare)}`,
  ]
}
