// `npm start` and `npm test` may be typed at the same time in two terminals: one sets up, the other waits for it.
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from './setup-error.mjs'

const POLL_MS = 250
/** Longer than any set-up takes; then a human should look. */
const PATIENCE_MS = 10 * 60_000

/**
 * Runs `action` while this process alone holds the lock file. The lock of a process that no longer lives is ignored.
 *
 * @param {string} file
 * @param {() => Promise<void>} action
 */
export async function withLock(file, action, { pollMs = POLL_MS, patienceMs = PATIENCE_MS } = {}) {
  let told = false
  for (let waitedMs = 0; !acquire(file); waitedMs += pollMs) {
    const seen = readLock(file)
    const holder = seen && holderOf(seen)
    if (seen && holder !== undefined && !isAlive(holder)) {
      removeStale(file, seen)
      continue
    }
    if (waitedMs >= patienceMs) throw new SetupError(`another set-up (process ${holder}) does not end`, `End it, or delete ${file}.`)
    if (!told) process.stderr.write(`hotspare: another set-up is running (process ${holder}): waiting for it\n`)
    told = true
    await sleep(pollMs)
  }
  const release = () => rmSync(file, { force: true })
  process.once('exit', release)
  try {
    await action()
  } finally {
    process.off('exit', release)
    release()
  }
}

function acquire(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw new SetupError(`cannot write ${file}: ${error.message}`, 'Everything is kept under the checkout: it must be writable.')
  }
}

/**
 * Removes the lock that was seen to be of a dead process, and no other: two who wait may both have seen it, and the
 * first may hold a new one by now. Only one of them gets a file by renaming it, and then it can be looked at in peace.
 *
 * @param {string} file
 * @param {{ text: string, writtenAt: number }} seen
 */
export function removeStale(file, seen) {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return // Another one was quicker.
    throw new SetupError(`cannot remove ${file}, the lock of a process that has ended: ${error.message}`, 'Delete it.')
  }
  const taken = readLock(aside)
  if (taken && (taken.text !== seen.text || taken.writtenAt !== seen.writtenAt)) putBack(aside, file)
  rmSync(aside, { force: true })
}

/** A link and no renaming: whatever may stand there meanwhile stays. */
function putBack(aside, file) {
  try {
    linkSync(aside, file)
  } catch (error) {
    if (error.code !== 'EEXIST') renameSync(aside, file) // A file system without links.
  }
}

/** @returns what is in the lock file and since when; undefined when there is none */
export function readLock(file) {
  try {
    return { text: readFileSync(file, 'utf8'), writtenAt: statSync(file).mtimeMs }
  } catch {
    return undefined
  }
}

/** @returns the process that holds the lock; 0 for a file that has stayed empty, as a crash may leave it */
function holderOf({ text, writtenAt }) {
  const pid = Number(text)
  if (pid > 0) return pid
  return Date.now() - writtenAt > 5_000 ? 0 : undefined
}

function isAlive(pid) {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
  // In a container nobody may collect the dead: what is left of them still answers.
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
