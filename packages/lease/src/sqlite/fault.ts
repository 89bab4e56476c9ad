import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode, HotspareError } from '@hotspare/core'
import { refusedError, registerError } from '../errors.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html); its extended codes carry them in the lowest byte. */
const PERM = 3
const BUSY = 5
const READONLY = 8
const CANTOPEN = 14
const AUTH = 23

/** The file was moved or deleted under the connection: no matter of permissions, a new connection helps. */
const READONLY_DBMOVED = 1032

/** Whether somebody else holds the file; nothing was written. */
export function sqliteBusy(error: unknown): boolean {
  return primary(resultCode(error)) === BUSY
}

/** What went wrong with the file at `path`, as a register says it. */
export function sqliteFault(who: string, path: string, error: unknown): HotspareError {
  if (HotspareError.is(error)) return error
  const code = resultCode(error)
  switch (primary(code)) {
    case CANTOPEN:
      return cannotOpen(who, path, error)
    case READONLY:
      return code === READONLY_DBMOVED ? registerError(who, error) : refusedError(who, 'the file, or its folder, cannot be written')
    case PERM:
    case AUTH:
      return refusedError(who, 'the file may not be used')
    default:
      return registerError(who, error)
  }
}

/** SQLite has one code for all that keeps a file from being opened; the file system knows more. */
function cannotOpen(who: string, path: string, error: unknown): HotspareError {
  const folder = dirname(path)
  if (mayNot(folder, constants.X_OK) || mayNot(path, constants.R_OK | constants.W_OK))
    return refusedError(who, 'no permission for the file')
  if (!existsSync(folder)) return registerError(who, `the folder ${folder} does not exist`)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return registerError(who, 'it is a folder, not a file')
  return mayNot(folder, constants.W_OK) ? refusedError(who, `no permission to write in ${folder}`) : registerError(who, error)
}

function mayNot(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return false
  } catch (error) {
    return ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')
  }
}

/** `node:sqlite` puts SQLite's extended result code into `errcode`. */
function resultCode(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return 0
  return typeof error.errcode === 'number' ? error.errcode : 0
}

function primary(code: number): number {
  return code & 0xff
}
