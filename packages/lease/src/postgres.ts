import { clipDetail } from '@hotspare/core'
import type { QueryResult } from 'pg'
import { postgresFault, ALREADY_THERE, sqlState, UNDEFINED_TABLE } from './postgres/fault.ts'
import { postgresRegisterOptionsSchema, type PostgresRegisterOptions } from './postgres/options.ts'
import type { PostgresAnswer, PostgresSession } from './postgres/session.ts'
import { PostgresSessions } from './postgres/sessions.ts'
import { postgresSql } from './postgres/sql.ts'
import { parseOptions } from './parse-options.ts'
import { parseRecord } from './record.ts'
import { registerCall } from './register-call.ts'
import type { LeaseRecord, LeaseRegister, RegisterCallOptions } from './register.ts'

export { postgresRegisterOptionsSchema }
export type { PostgresConnection, PostgresRegisterOptions } from './postgres/options.ts'
export type { ClientTlsOptions } from './schema-parts.ts'

/** What one call has to work with. */
interface Turn {
  readonly session: PostgresSession
  readonly signal: AbortSignal
  readonly remainingMs: () => number
}

/**
 * A register in PostgreSQL: a row for each lease, `name text PRIMARY KEY, record jsonb`, to be read with `psql`.
 *
 * A swap is one message, one transaction and one statement that decides; it needs no state of the session, so it works
 * through a pooler in transaction mode. It asks for `synchronous_commit = on`, so it is answered when it is on the
 * disk, and on those standbys that `synchronous_standby_names` says.
 *
 * **A standby that is promoted after asynchronous replication can have lost the last writes**, and with them a grant
 * or a renewal: then two may hold the right at once, and a token may be given twice. Name synchronous standbys, or keep
 * the lease in another store, where the database itself fails over. `fsync = off` voids every promise, as always.
 *
 * A call that is late has its connection cut: no answer is ever taken for that of a later call.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS`, which repeats nothing of the connection
 */
export function postgresRegister(options: PostgresRegisterOptions): LeaseRegister {
  const parsed = parseOptions('postgres register', postgresRegisterOptionsSchema, options)
  const { connection: targets, createTable, maxConnections, clock } = parsed
  const sql = postgresSql(parsed.table)
  const addresses = targets.map(({ host, port, database }) => `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`)
  const description = `postgres at ${addresses.join(', ')}, table ${parsed.table.join('.')}`
  const sessions = new PostgresSessions({ targets, maxConnections, clock })

  const call = <T>(what: string, callOptions: RegisterCallOptions | undefined, work: (turn: Turn) => Promise<T>): Promise<T> =>
    registerCall({ who: description, what, clock, options: callOptions }, async (signal, deadlineMs) => {
      const remainingMs = () => deadlineMs - clock.monotonicMs()
      try {
        return await sessions.use((session) => work({ session, signal, remainingMs }), signal, deadlineMs)
      } catch (error) {
        throw postgresFault(description, sql.table, error)
      }
    })

  const recordOf = (name: string, text: string | null): LeaseRecord | null =>
    text === null ? null : parseRecord(text, `postgres: row ${name} of ${sql.table}`)

  /** Runs what needs the table, and once more after creating it. */
  const withTable = async (turn: Turn, statement: () => string): Promise<PostgresAnswer> => {
    const { session, signal, remainingMs } = turn
    try {
      return await session.run(statement(), signal)
    } catch (error) {
      if (!createTable || sqlState(error) !== UNDEFINED_TABLE) throw error
    }
    try {
      await session.run(sql.create(remainingMs()), signal)
    } catch (error) {
      // Somebody else has created it in the meantime.
      if (!ALREADY_THERE.includes(sqlState(error) ?? '')) throw error
    }
    return session.run(statement(), signal)
  }

  return {
    description,

    async read(name, callOptions) {
      const text = await call(`read ${name}`, callOptions, async ({ session, signal, remainingMs }) => {
        try {
          return shownRecord((await session.run(sql.read(name, remainingMs()), signal)).results.at(-1))
        } catch (error) {
          // The first write will create it.
          if (createTable && sqlState(error) === UNDEFINED_TABLE) return null
          throw error
        }
      })
      return recordOf(name, text)
    },

    async compareAndSwap(name, expected, next, callOptions) {
      const { written, text } = await call(`swap ${name}`, callOptions, async (turn) => {
        const { results, warning } = await withTable(turn, () => sql.swap(name, expected, next, turn.remainingMs()))
        const answer = { written: writtenRows(results.at(-2)) === 1, text: shownRecord(results.at(-1)) }
        // That is how a server says that it did not wait for its standbys after all.
        if (answer.written && warning !== undefined) throw new Error(`whether the write is durable is unknown: ${clipDetail(warning)}`)
        return answer
      })
      const current = recordOf(name, text)
      if (!written) return { swapped: false, current }
      if (current?.revision === next.revision) return { swapped: true }
      throw postgresFault(description, sql.table, new Error('what it says to have written is not there'))
    },

    async close() {
      sessions.close()
    },
  }
}

/** How many rows a write has changed. */
function writtenRows(result: QueryResult | undefined): number {
  const { command, rowCount } = result ?? {}
  if ((command === 'UPDATE' || command === 'INSERT') && (rowCount === 0 || rowCount === 1)) return rowCount
  throw new Error('an answer that does not belong to the question')
}

/** The text of the record in a SELECT's only row, or null when there is none. */
function shownRecord(result: QueryResult | undefined): string | null {
  const rows: readonly Readonly<Record<string, unknown>>[] = result?.rows ?? []
  const [row] = rows
  if (result?.command === 'SELECT' && rows.length === 0) return null
  if (result?.command === 'SELECT' && rows.length === 1 && typeof row?.['record'] === 'string') return row['record']
  throw new Error('an answer that does not belong to the question')
}
