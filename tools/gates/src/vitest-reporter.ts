import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import type { TestReport } from './test-report.ts'

/** Writes what the tests came to into the file that `HOTSPARE_TEST_REPORT` names, beside the reporter that people read. */
export default class ReportWriter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env['HOTSPARE_TEST_REPORT']
    if (file) writeFileSync(file, JSON.stringify(summarise(modules, unhandledErrors.length)))
  }
}

function summarise(modules: readonly TestModule[], unhandledErrors: number): TestReport {
  let passed = 0
  // A file or a suite that breaks outside of its tests (a failing import, a failing hook) is a failure of its own.
  let failed = unhandledErrors
  const skipped: { name: string; because: string }[] = []
  for (const module of modules) {
    if (module.errors().length > 0) failed++
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') passed++
      else if (result.state === 'failed') failed++
      else
        skipped.push({
          name: `${module.relativeModuleId}: ${test.fullName}`,
          because: result.state === 'skipped' ? (result.note ?? '') : 'it did not run',
        })
    }
  }
  return { passed, failed, skipped }
}
