// `npm start` and `npm test` may be typed at the same time in two terminals: one sets up, the other waits for it.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
    const holder = readHolder(file)
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true })
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

/** @returns the process that holds the lock; 0 for a file that has stayed empty, as a crash may leave it */
function readHolder(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    if (pid > 0) return pid
    return Date.now() - statSync(file).mtimeMs > 5_000 ? 0 : undefined
  } catch {
    return undefined
  }
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
