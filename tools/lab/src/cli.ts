// `npm run lab`: tests between machines, each a network namespace that the test makes and removes; with `--compare` first,
// measurements beside other systems instead.
import { errorText } from '@hotspare/core'
import { runTests } from '@hotspare/gates/run-tests'
import { conclude } from '@hotspare/gates/test-report'
import { compare } from './compare/compare.ts'

const USAGE = `npm run lab -- [--short] [filter ...]
npm run lab:compare -- --help

Runs tests between machines, each a network namespace that the test makes and removes. Needs Linux, root, ip and nft; a test that
lacks a program is skipped, and says which.

  --short      what takes seconds alone, as CI does
  filter       files whose path holds this: takeover, matrix, bgp
  -t <text>    tests whose name holds this; every other option of vitest works as well

What each scenario does: tools/lab/README.md`

const [first, ...rest] = process.argv.slice(2)
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

if (first === '--compare') {
  await compare(rest, interruption.signal).catch((error: unknown) => {
    process.stderr.write(`${errorText(error)}\n`)
    process.exitCode = 1
  })
} else if (first === '--help' || first === '-h') {
  process.stdout.write(`${USAGE}\n`)
} else {
  // `--short`, which CI asks for, is for what takes minutes.
  const given = process.argv.slice(2).filter((parameter) => parameter !== '--short')
  if (given.length < process.argv.length - 2) process.env['HOTSPARE_LAB_SHORT'] = '1'
  const report = await runTests(['--config', 'tools/lab/vitest.config.ts', ...given], interruption.signal)
  const { lines, ok } = conclude(new Map(), report, { forbidSkip: process.env['HOTSPARE_FORBID_SKIP'] === '1' })
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exitCode = ok ? 0 : 1
}
