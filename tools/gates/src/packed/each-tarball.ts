// Runs a command with the path of each tarball as its last argument: `each-tarball.ts publint --strict`.
import { runCommand } from '../run-command.ts'
import { tarballs } from './tarballs.ts'

const [program = 'publint', ...programArguments] = process.argv.slice(2)
const results = tarballs().map(async ({ manifest, path }) => {
  const { ok, reason, output } = await runCommand([program, ...programArguments, path], { timeoutMs: 60_000 })
  if (ok) return
  console.error(`${manifest.name}: ${program} ${reason}\n${output}\n`)
  process.exitCode = 1
})
await Promise.all(results)
