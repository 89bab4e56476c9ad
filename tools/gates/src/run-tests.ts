import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './root.ts'
import type { TestReport } from './test-report.ts'

/** Runs vitest on this terminal; what it prints is for people, what is counted comes from its report. */
export async function runTests(vitestArguments: readonly string[], signal: AbortSignal): Promise<TestReport> {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-tests-'))
  const file = join(folder, 'report.json')
  const plain = process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined ? [] : ['--no-color']
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'vitest-reporter.ts')}`]
  try {
    const ending = await new Promise<string>((resolve) => {
      const child = spawn(
        process.execPath,
        [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...plain, ...vitestArguments],
        {
          cwd: root,
          stdio: ['ignore', 'inherit', 'inherit'],
          env: { ...process.env, HOTSPARE_TEST_REPORT: file },
        },
      )
      signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
      child.on('error', (error) => resolve(`could not be started: ${error.message}`))
      child.on('exit', (code, killedBy) => resolve(code === 0 ? '' : `ended with ${killedBy ?? code}`))
    })
    return judge(readReport(file), ending)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A run that ended badly without a failed test to show for it is a failure as well. */
export function judge(
  report: TestReport | undefined,
  ending: string,
  tell: (text: string) => void = (text) => void process.stdout.write(text),
): TestReport {
  if (report && (ending === '' || report.failed > 0)) return report
  tell(`vitest ${ending || 'wrote no report'}\n`)
  return { passed: report?.passed ?? 0, failed: 1, skipped: report?.skipped ?? [] }
}

function readReport(file: string): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport
  } catch {
    return undefined
  }
}
