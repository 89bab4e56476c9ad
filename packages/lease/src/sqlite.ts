import { resolve } from 'node:path'
import { backoffMs, type Clock, sleep, systemRandom, type Random } from '@hotspare/core'
import { z } from 'zod'
import { sqliteDefaults } from './defaults.ts'
import { registerError } from './errors.ts'
import { parseOptions } from './parse-options.ts'
import { registerCall } from './register-call.ts'
import { clockPart } from './schema-parts.ts'
import type { LeaseRegister, RegisterCallOptions } from './register.ts'
import { sqliteBusy, sqliteFault } from './sqlite/fault.ts'
import { builtInSqlite, openSqliteStore, type SqliteStore } from './sqlite/store.ts'

export interface SqliteRegisterOptions {
  /** The database file, on a file system of this machine. It is created; its folder must be there. */
  readonly file: string
  /** The table: a letter or `_`, then letters, digits and `_`. It is created. Default: `hotspare_lease` */
  readonly table?: string | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Spreads the tries of processes that wait for each other. Default: the system's own generator. */
  readonly random?: Random | undefined
}

interface ResolvedSqliteRegisterOptions {
  readonly file: string
  readonly table: string
  readonly clock: Clock
  readonly random: Random
}

export const sqliteRegisterOptionsSchema: z.ZodType<ResolvedSqliteRegisterOptions, SqliteRegisterOptions> = z.strictObject({
  file: z
    .string()
    .min(1)
    .refine((file) => file !== ':memory:' && !file.includes('\0'), 'expected the path of a file'),
  table: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/u, 'expected a letter or _, then letters, digits and _')
    .default('hotspare_lease'),
  clock: clockPart,
  random: z.custom<Random>().default(systemRandom),
})

/**
 * A register in a SQLite file, for several processes of one machine, over Node's own `node:sqlite`.
 *
 * **Local file systems only.** SQLite stands on file locks, and those of NFS, SMB and most shared folders do not keep
 * two machines apart: there, two leaders are only a matter of time. Past one machine, use another driver. For the same
 * reason nothing else in the process may open and close the file: POSIX drops a process's locks with any close.
 *
 * A swap that was answered is on the disk, as far as the disk tells the truth. Every other process that uses the file
 * is only locked out for the few milliseconds of a write; who finds it locked tries again until the deadline, without
 * holding up its own event loop. The write itself does hold it up, for as long as the disk takes to sync.
 *
 * A file that was deleted or replaced is noticed: nothing is written to one that has lost its name.
 *
 * @throws HotspareError `HOTSPARE_LEASE_OPTIONS`
 */
export function sqliteRegister(options: SqliteRegisterOptions): LeaseRegister {
  const { file, table, clock, random } = parseOptions('sqlite register', sqliteRegisterOptionsSchema, options)
  builtInSqlite()
  const path = resolve(file)
  const description = `sqlite at ${path}, table ${table}`
  let store: SqliteStore | undefined
  let closed = false
  const { baseMs, capMs } = sqliteDefaults

  /** Forgets the connection; one that stands in the middle of a failure is never used again. */
  const forget = () => {
    const forgotten = store
    store = undefined
    try {
      forgotten?.close()
    } catch {
      // It has nothing left to lose: a transaction that it had open is undone.
    }
  }

  const once = <T>(work: (opened: SqliteStore) => T): T => {
    if (closed) throw registerError(description, 'it is closed')
    if (store?.moved()) forget()
    store ??= openSqliteStore(path, table)
    return work(store)
  }

  const call = <T>(what: string, callOptions: RegisterCallOptions | undefined, work: (opened: SqliteStore) => T): Promise<T> =>
    registerCall({ who: description, what, clock, options: callOptions }, async (signal) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return once(work)
        } catch (error) {
          if (!sqliteBusy(error)) {
            forget()
            throw sqliteFault(description, path, error)
          }
        }
        await sleep(1 + backoffMs(attempt, { baseMs, capMs, random }), { signal, clock })
      }
    })

  return {
    description,
    read: (name, callOptions) => call(`read ${name}`, callOptions, (opened) => opened.read(name)),
    compareAndSwap: (name, expected, next, callOptions) =>
      call(`swap ${name}`, callOptions, (opened) => opened.compareAndSwap(name, expected, next)),
    async close() {
      closed = true
      forget()
    },
  }
}
