import { sqliteRegister } from '../sqlite.ts'

/**
 * A process of its own: takes the next token `count` times, as fast as it can, and prints each token once it has it.
 * Arguments: the file, a name for its revisions, `count`.
 */
const [file = '', me = '', count = '0'] = process.argv.slice(2)
const register = sqliteRegister({ file })
let current = await register.read('shop', { timeoutMs: 60_000 })
for (let taken = 0; taken < Number(count);) {
  const token = (current?.token ?? 0) + 1
  const next = { holder: me, token, ttlMs: 1_000, revision: `${me}.${token}` }
  const result = await register.compareAndSwap('shop', current, next, { timeoutMs: 60_000 })
  if (result.swapped) {
    taken++
    process.stdout.write(`${token}\n`)
  }
  current = result.swapped ? next : result.current
}
await register.close()
