import { statSync } from 'node:fs'
import type * as NodeSqlite from 'node:sqlite'
import { HotspareError } from '@hotspare/core'
import { sqliteDefaults } from '../defaults.ts'
import { encodeRecord, parseRecord } from '../record.ts'
import type { LeaseRecord, SwapResult } from '../register.ts'

/** One connection to a file. Every call is synchronous, short, and throws what `node:sqlite` throws. */
export interface SqliteStore {
  /** Whether the file that is open is no longer the one at the path. */
  moved(): boolean
  read(name: string): LeaseRecord | null
  compareAndSwap(name: string, expected: LeaseRecord | null, next: LeaseRecord): SwapResult
  close(): void
}

/**
 * The rollback journal, and not the write-ahead log:
 * - SQLite up to 3.51.2, and so Node 22.19, can lose committed writes in WAL mode when several processes checkpoint
 *   (sqlite.org/wal.html, "The WAL-Reset Bug");
 * - before each write in this mode SQLite looks whether the file still has its name, and refuses otherwise.
 *
 * TRUNCATE, and EXTRA, which is more than FULL: a journal that was only unlinked can be back after a power loss, and
 * would then roll back a write that was answered. `fullfsync` is for macOS, where a plain fsync stops at the disk's cache.
 * A file that somebody has put into WAL mode stays in it: durable as well at this setting.
 */
export function openSqliteStore(path: string, table: string): SqliteStore {
  const sqlite = builtInSqlite()
  const database = new sqlite.DatabaseSync(path, { timeout: sqliteDefaults.busyMs })
  try {
    database.exec('PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON')
    if (database.prepare('PRAGMA journal_mode').get()?.['journal_mode'] !== 'wal') database.exec('PRAGMA journal_mode = TRUNCATE')
    // Looked up first: with the table there, opening writes nothing and waits for nobody.
    if (columns(database, table).length === 0) {
      database.exec(`CREATE TABLE IF NOT EXISTS "${table}" (name TEXT PRIMARY KEY NOT NULL, record TEXT NOT NULL)`)
    }
    const found = columns(database, table)
    if (!found.includes('name') || !found.includes('record')) {
      throw new Error(`the table "${table}" is somebody else's: its columns are ${found.join(', ')}; choose another name`)
    }
    return storeOf(database, path, table)
  } catch (error) {
    database.close()
    throw error
  }
}

function columns(database: NodeSqlite.DatabaseSync, table: string): readonly string[] {
  return database
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name))
}

function storeOf(database: NodeSqlite.DatabaseSync, path: string, table: string): SqliteStore {
  const where = (name: string) => `sqlite at ${path}, table ${table}, row ${name}`
  const select = database.prepare(`SELECT record FROM "${table}" WHERE name = ?`)
  const upsert = database.prepare(
    `INSERT INTO "${table}" (name, record) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET record = excluded.record`,
  )
  const opened = identityOf(path)
  const moved = () => identityOf(path) !== opened

  const read = (name: string): LeaseRecord | null => {
    const row = select.get(name)
    return row ? parseRecord(String(row['record']), where(name)) : null
  }

  return {
    moved,
    read,
    compareAndSwap(name, expected, next) {
      // Takes the one write lock before it looks, so nobody can write between the look and the write.
      database.exec('BEGIN IMMEDIATE')
      try {
        const current = read(name)
        if (current?.revision !== expected?.revision) {
          database.exec('ROLLBACK')
          return { swapped: false, current }
        }
        upsert.run(name, encodeRecord(next))
        database.exec('COMMIT')
      } catch (error) {
        // Some failures have ended the transaction already. Readers can hold up a COMMIT: it is undone and tried anew.
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
      if (moved()) throw new Error('the file was moved or deleted in the middle of a write')
      return { swapped: true }
    },
    close: () => database.close(),
  }
}

/** Names the file behind a path; empty when there is none. */
function identityOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev}:${stat.ino}` : ''
}

/**
 * Node's own SQLite. Looked up, and not imported: Node 22 warns at the import, and bundlers cut the `node:` off, without
 * which it is not found.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS` on a Node that is too old
 */
export function builtInSqlite(): typeof NodeSqlite {
  // Typed as always there, since the types are those of a Node that has it.
  const sqlite: typeof NodeSqlite | undefined = process.getBuiltinModule?.('node:sqlite')
  if (sqlite) return sqlite
  throw new HotspareError({
    code: 'HOTSPARE_LEASE_OPTIONS',
    message: `this Node (${process.version}) has no node:sqlite: use Node 22.19 or newer`,
  })
}
