import { statfs } from 'node:fs/promises'
import type { StatsFs } from 'node:fs'
import { abortReason, errorCode } from '@hotspare/core'
import { failed, passed } from '../failure.ts'
import { SharedWait } from '../shared-wait.ts'
import { judgeLevel, percent, share } from './judge-level.ts'
import type { Look } from './look.ts'
import type { DiskCheck } from './options.ts'

export function diskLook(check: DiskCheck, read: (path: string) => Promise<StatsFs> = statfs): Look {
  const ask = oneAtATime(() => read(check.path))
  return async (run) => {
    // A network file system whose server is gone answers never.
    run.phase = `the file system of ${check.path} was asked`
    let stats
    try {
      stats = await ask(run.signal)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return failed('unexpected', `there is no ${check.path}`)
      if (code === 'EIO' || code === 'ESTALE' || code === 'ENOTCONN') return failed('unwell', `${check.path} cannot be read (${code})`)
      throw error
    }
    if (run.signal.aborted) throw abortReason(run.signal)
    return check.what === 'disk' ? judgeSpace(check, stats) : judgeInodes(check, stats)
  }
}

/** As `df` counts: what is kept for root belongs to neither side. */
function judgeSpace(check: DiskCheck, { blocks, bfree, bavail, bsize }: StatsFs) {
  const used = blocks - bfree
  const value = share(used, used + bavail)
  const measures = { 'used-ratio': value, 'available-bytes': bavail * bsize, 'total-bytes': blocks * bsize }
  return judgeLevel({ value, ...check, show: percent, says: `of the space of ${check.path} is used`, measures })
}

function judgeInodes(check: DiskCheck, { files, ffree }: StatsFs) {
  if (files === 0) return passed(`the file system of ${check.path} has no fixed number of inodes`)
  const value = share(files - ffree, files)
  const measures = { 'used-ratio': value, 'available-inodes': ffree, 'total-inodes': files }
  return judgeLevel({ value, ...check, show: percent, says: `of the inodes of ${check.path} are used`, measures })
}

/** A call that hangs holds one of the few threads of this process; the next run waits for the same call. */
function oneAtATime<Result>(ask: () => Promise<Result>): (signal: AbortSignal) => Promise<Result> {
  let asked: SharedWait<Result> | undefined
  return (signal) => {
    asked ??= new SharedWait(
      ask().finally(() => {
        asked = undefined
      }),
    )
    return asked.wait(signal)
  }
}
