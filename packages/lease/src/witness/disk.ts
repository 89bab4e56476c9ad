import { statSync } from 'node:fs'
import { lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errorCode, errorText, HotspareError } from '@hotspare/core'
import { decodeWitnessFile, encodeWitnessFile, type Records } from './file.ts'
import { sqliteBusy } from '../sqlite/fault.ts'
import { builtInSqlite } from '../sqlite/store.ts'

export interface OpenFile {
  writeFile(text: string): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** The calls that reach the disk: what is used of `node:fs/promises`. */
export interface FileCalls {
  readonly lstat: (path: string) => Promise<{ isFile(): boolean; readonly size: number }>
  readonly open: (path: string, flags: 'r' | 'w', mode?: number) => Promise<OpenFile>
  readonly readFile: (path: string, encoding: 'utf8') => Promise<string>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>
}

/** The file of a witness, which nobody else may write meanwhile. */
export interface WitnessDisk {
  /** What the file held when it was opened. */
  readonly records: Records
  /** False for a file that was not there. */
  readonly existed: boolean
  /** Replaces the file; durable once it resolves. After a failure either content may be found there. */
  write(records: Records): Promise<void>
  /** Lets others have the file. */
  close(): void
}

/** Sixteen times what the most and longest records take: larger is no file of ours, and is not read into memory. */
const LARGEST_FILE_BYTES = 64 * 1_024 * 1_024

const nodeCalls: FileCalls = { lstat, open, readFile, rename, rm }

/**
 * Locks the file, reads it, and writes what it read once more: a content that a crash left there may be in the page
 * cache alone, and what is shown to anybody must not vanish in a power failure. It also tells at once where nothing
 * can be written.
 *
 * @throws HotspareError `HOTSPARE_LEASE_WITNESS_FILE`
 */
export async function openWitnessDisk(path: string, calls: FileCalls = nodeCalls): Promise<WitnessDisk> {
  const file = resolve(path)
  const lock = lockFile(file)
  const write = async (records: Records) => {
    lock.check()
    await replace(file, encodeWitnessFile(records), calls)
    // Gone meanwhile, another may have written over it.
    lock.check()
  }
  try {
    const found = await load(file, calls)
    const records = found ?? new Map()
    await write(records).catch((error: unknown) => {
      if (HotspareError.is(error)) throw error
      throw fileError(file, `it cannot be written: ${errorText(error)}`, 'is there room, and may this user write in its folder?', error)
    })
    return { records, existed: found !== undefined, write, close: () => lock.release() }
  } catch (error) {
    lock.release()
    throw error
  }
}

interface FileLock {
  /** @throws HotspareError when the lock file is no longer the one that was locked: another witness may hold a new one */
  check(): void
  release(): void
}

/**
 * By a lock of the kernel, through SQLite, on an empty file beside: it ends with the process, however that ends, holds
 * between containers that share a folder, and nothing has to be cleaned up. (A file that says "locked" outlives a
 * crash, and a socket is seen only within its network namespace.)
 */
function lockFile(file: string): FileLock {
  const path = `${file}.lock`
  try {
    const { DatabaseSync } = builtInSqlite()
    const database = new DatabaseSync(path)
    try {
      // In memory, or a journal would be left beside the lock.
      database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      throw error
    }
    const locked = identity(path)
    return {
      check() {
        if (identity(path) === locked) return
        throw fileError(file, `${path} was deleted or replaced while it was in use`, 'start the witness again; never delete that file')
      },
      release() {
        if (database.isOpen) database.close()
      },
    }
  } catch (error) {
    if (sqliteBusy(error)) throw fileError(file, 'another witness uses it', 'give each a file of its own', error)
    throw fileError(file, `${path} cannot be locked: ${errorText(error)}`, 'is there its folder, and may this user write there?', error)
  }
}

/** Names a file as long as it is there; undefined where there is none. */
function identity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found && `${found.dev}:${found.ino}`
}

/** @returns undefined where there is no file */
async function load(file: string, calls: FileCalls): Promise<Records | undefined> {
  try {
    const found = await calls.lstat(file)
    // A link would be replaced by a file, and what it leads to would grow old.
    if (!found.isFile()) throw fileError(file, 'it is not a regular file', 'name the file itself, not a link or a folder')
    if (found.size > LARGEST_FILE_BYTES) throw damaged(file, `it is larger than ${LARGEST_FILE_BYTES} bytes`)
    const decoded = decodeWitnessFile(await calls.readFile(file, 'utf8'))
    if ('wrong' in decoded) throw damaged(file, decoded.wrong)
    return decoded.records
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    if (HotspareError.is(error)) throw error
    throw fileError(file, `it cannot be read: ${errorText(error)}`, 'may this user read it?', error)
  }
}

/** A new file each time: after a failed fsync the kernel forgets what it could not write, and a second one would say yes. */
async function replace(file: string, text: string, calls: FileCalls): Promise<void> {
  const temporary = `${file}.tmp`
  try {
    const handle = await calls.open(temporary, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await calls.rename(temporary, file)
  } catch (error) {
    // Gives its room back; that it fails as well is no news.
    await calls.rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  // Opened each time: the folder may have been replaced by another.
  const folder = await calls.open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function damaged(file: string, wrong: string): HotspareError {
  const hint =
    'move it away and start the witness empty, with a new secret: every lease is lost then, and granted anew after its ttl; do not put an old copy in its place'
  return fileError(file, wrong, hint)
}

function fileError(file: string, what: string, hint: string, cause?: unknown): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_LEASE_WITNESS_FILE', message: `witness: ${file}: ${what}: ${hint}`, cause })
}
