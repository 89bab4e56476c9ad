import { clipDetail, errorText, HotspareError } from '@hotspare/core'
import pg from 'pg'
import { refusedError, registerError } from '../errors.ts'

/** Codes of PostgreSQL, "Appendix A. Error Codes". */
export const READ_ONLY = '25006'
export const UNDEFINED_TABLE = '42P01'
/** What `CREATE TABLE IF NOT EXISTS` raises all the same when two sessions do it at once. */
export const ALREADY_THERE: readonly string[] = ['23505', '42P07', '42710']

const NO_PRIVILEGE = '42501'
const UNDEFINED_COLUMN = '42703'
/** Invalid authorization: wrong password, no entry in pg_hba.conf. */
const AUTHORIZATION_CLASS = '28'
/** The server goes down, or is not up yet. */
const SHUTDOWN_CLASS = '57P'

/** The code of an error that the server sent, or undefined when it is none: then the outcome is unknown. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && /^[0-9A-Z]{5}$/u.test(error.code ?? '') ? error.code : undefined
}

/** Whether the server that sent this is the right one and alive, so that another would not do better. */
export function speaksForItself(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && state !== READ_ONLY && !state.startsWith(SHUTDOWN_CLASS)
}

/** What went wrong, as a register says it. */
export function postgresFault(who: string, table: string, error: unknown): HotspareError {
  if (HotspareError.is(error)) return error
  if (!(error instanceof pg.DatabaseError)) return registerError(who, error)
  const state = sqlState(error)
  // The server's own words, from wherever they come: bounded, on one line, and without the rest of its error.
  const said = `${clipDetail(errorText(error))} (SQLSTATE ${state ?? 'unreadable'})`
  if (state === NO_PRIVILEGE || state?.startsWith(AUTHORIZATION_CLASS)) return refusedError(who, said)
  return registerError(who, `${said}${hint(state, table)}`)
}

function hint(state: string | undefined, table: string): string {
  if (state === UNDEFINED_TABLE) return `; create it: CREATE TABLE ${table} (name text PRIMARY KEY, record jsonb NOT NULL)`
  if (state === UNDEFINED_COLUMN) return `; the table ${table} is somebody else's: name another`
  if (state === READ_ONLY) return '; a standby takes no writes: name the primary, or all servers of the cluster'
  return ''
}
