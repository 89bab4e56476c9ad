import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * A child that repeats what it is told, as lines of its log; `instructions` are the body of a function of `message`, `say` and
 * `started`, called before that.
 */
export function programThat(instructions: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-seat-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'child.mjs')
  writeFileSync(
    program,
    `const say = (news) => process.send(news)
const started = () => say({ type: 'started' })
process.on('disconnect', () => process.exit())
process.on('message', (message) => {
  say({ type: 'log', level: 'info', fields: { pid: process.pid, message }, message: message.type })
  ${instructions}
})`,
  )
  return program
}
