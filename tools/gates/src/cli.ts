// `npm test` comes here once the toolchain is ready. Gates, then tests, then one line that counts both.
import { delimiter, join } from 'node:path'
import { gates } from './gates.ts'
import type { GateOutcome } from './gate.ts'
import { Progress } from './progress.ts'
import { root } from './root.ts'
import { runGates } from './run-gates.ts'
import { runTests } from './run-tests.ts'
import { selectGates } from './schedule.ts'
import { updateApiReports } from './api-report/update.ts'
import { conclude, type TestReport } from './test-report.ts'

const USAGE = `npm test                       every gate, then every test
npm test -- [vitest arguments] tests only: npm test -- packages/core -t "a name"
npm test -- --gates [NAME...]  gates only: ${gates.map((gate) => gate.name).join(', ')}
npm test -- --update-api       writes the api.md of each package anew (after a build)`

async function main(given: readonly string[], signal: AbortSignal): Promise<boolean> {
  const [first, ...names] = given
  if (first === '--help') {
    process.stdout.write(`${USAGE}\n`)
    return true
  }
  if (first === '--update-api') return updateApiReports(signal)

  let outcomes: ReadonlyMap<string, GateOutcome> = new Map()
  let tests: TestReport = { passed: 0, failed: 0, skipped: [] }
  if (given.length === 0 || first === '--gates') {
    const chosen = names.length > 0 ? selectGates(gates, names) : gates
    const progress = new Progress(process.stdout, chosen.length)
    outcomes = await runGates(chosen, progress, signal).finally(() => progress.stop())
  }
  if (first !== '--gates' && !signal.aborted) tests = await runTests(given, signal)
  const conclusion = conclude(outcomes, tests, { forbidSkip: process.env['HOTSPARE_FORBID_SKIP'] === '1' })
  process.stdout.write(`${conclusion.lines.join('\n')}\n`)
  return conclusion.ok
}

process.env['PATH'] = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH']}`
const interruption = new AbortController()
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.once(signal, () => {
    interruption.abort()
    process.exitCode = code
  })
}
const ok = await main(process.argv.slice(2), interruption.signal)
if (!interruption.signal.aborted) process.exitCode = ok ? 0 : 1
